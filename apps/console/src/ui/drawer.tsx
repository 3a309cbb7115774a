/** A drawer on the right: something more about what the page shows, without leaving it. */
import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";

export function SideDrawer({
  title,
  opened,
  onClose,
  children,
}: {
  title: string;
  opened: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={480}
      title={title}
      closeButtonProps={{ "aria-label": `Close ${title}` }}
      attributes={{ header: { role: "presentation" } }} // the page has its banner, and a drawer's head is none
    >
      {children}
    </Drawer>
  );
}
