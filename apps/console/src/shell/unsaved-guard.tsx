/** Asks before a page with unsaved changes is left, by a link, by the browser's back, or by closing the window. */
import { Button, Group, Modal } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";

/** `isOn` is asked at the moment of leaving. */
export function UnsavedGuard({ isOn }: { isOn: () => boolean }) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && isOn(),
    enableBeforeUnload: isOn,
    withResolver: true,
  });
  const isAsking = status === "blocked";
  return (
    <Modal
      opened={isAsking}
      onClose={() => reset?.()}
      title="Leave without saving?"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <p>What you changed on this page is not saved, and will be lost.</p>
      <Group justify="flex-end" mt={16} gap={8}>
        <Button variant="default" onClick={() => reset?.()} data-autofocus>
          Stay here
        </Button>
        <Button color="red" onClick={() => proceed?.()}>
          Leave without saving
        </Button>
      </Group>
    </Modal>
  );
}
