/** Asks before something that can't simply be undone: names the thing and the consequence, and the safe way has the focus. */
import { Button, Group, Modal } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Failure } from "./load-state.ts";
import { Failed } from "./notice.tsx";

export interface ConfirmDestructiveProps {
  readonly opened: boolean;
  /** The verb and the thing: "End the token `erp-import`". Also the button's words. */
  readonly action: string;
  /** What will be true afterwards, in whole sentences. */
  readonly consequence: ReactNode;
  /** Resolves to the failure to show, or to undefined when it is done. */
  readonly onConfirm: () => Promise<Failure | undefined>;
  readonly onClose: () => void;
}

export function ConfirmDestructive({ opened, action, consequence, onConfirm, onClose }: ConfirmDestructiveProps) {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const close = () => {
    setFailure(undefined);
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    const failed = await onConfirm();
    setBusy(false);
    setFailure(failed);
    if (!failed) close();
  };
  return (
    <Modal opened={opened} onClose={close} title={`${action}?`} closeButtonProps={{ "aria-label": "Close" }}>
      <div>{consequence}</div>
      {failure && <Failed failure={failure} />}
      <Group justify="flex-end" mt={16} gap={8}>
        <Button variant="default" onClick={close} data-autofocus>
          Keep it
        </Button>
        <Button color="red" loading={isBusy} onClick={() => void confirm()}>
          {action}
        </Button>
      </Group>
    </Modal>
  );
}
