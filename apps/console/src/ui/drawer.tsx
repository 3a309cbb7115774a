/** A drawer on the right for the fourth level, evidence: what a figure rests on, without leaving the page. */
import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import { Facts } from "./facts.tsx";
import { Time } from "./time.tsx";

/** What a figure rests on. */
export interface Evidence {
  readonly source: string;
  readonly observedAt: string;
  readonly confidencePercent: number;
  readonly recordedAt?: string;
  readonly recordedBy?: string;
  readonly note?: string;
}

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
    >
      {children}
    </Drawer>
  );
}

export function EvidenceDrawer({
  of,
  evidence,
  onClose,
  children,
}: {
  /** What it is evidence of; undefined closes the drawer. */
  of: string | undefined;
  evidence: Evidence | undefined;
  onClose: () => void;
  /** Older values, documents, the chain up to a ledger. */
  children?: ReactNode;
}) {
  return (
    <SideDrawer title={`Evidence: ${of ?? ""}`} opened={of !== undefined} onClose={onClose}>
      {evidence && (
        <Facts
          label="Evidence"
          facts={[
            { label: "Source", value: evidence.source },
            { label: "Observed", value: <Time at={evidence.observedAt} /> },
            { label: "Confidence", value: `${evidence.confidencePercent} %` },
            { label: "Recorded", value: evidence.recordedAt && <Time at={evidence.recordedAt} /> },
            { label: "Recorded by", value: evidence.recordedBy },
            ...(evidence.note ? [{ label: "Note", value: evidence.note }] : []),
          ]}
        />
      )}
      {children}
    </SideDrawer>
  );
}
