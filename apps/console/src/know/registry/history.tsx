/** The versions of an object, newest first: what each changed, who said so, on what evidence. Nothing is ever overwritten. */
import type { registry } from "@holdfast/api";
import { useState } from "react";
import type { Listing } from "../../shell/queries.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useLocalView } from "../../table/local-view.ts";
import { useMay } from "../../shell/session.tsx";
import { EvidenceOnRecord } from "../../prove/evidence.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { OBJECT_LOOKS } from "../looks.ts";
import { NOTHING_ON_RECORD, subjectsOf } from "./evidence.tsx";

/** What the versions of every kind have. */
export interface Version {
  readonly version: number;
  readonly state: (typeof registry.OBJECT_STATES)[number];
  readonly recordedAt: string;
  readonly recordedBy: string;
  readonly evidence: registry.Evidence;
  readonly changed: readonly string[];
  readonly reason: string | null;
  readonly importId: string | null;
}

const COLUMNS: readonly Column<Version>[] = [
  { id: "version", header: "Version", value: (one) => one.version, align: "end", width: 100 },
  {
    id: "recordedAt",
    header: "Recorded",
    value: (one) => one.recordedAt,
    cell: (one) => <Time at={one.recordedAt} />,
    width: 170,
  },
  { id: "recordedBy", header: "By", value: (one) => one.recordedBy, width: 160 },
  { id: "changed", header: "Changed", value: (one) => (one.version === 1 ? "added" : one.changed.join(", ")) },
  { id: "source", header: "Source", value: (one) => one.evidence.source, width: 260 },
  {
    id: "state",
    header: "State",
    value: (one) => one.state,
    cell: (one) => <StateBadge state={one.state} looks={OBJECT_LOOKS} />,
    width: 130,
  },
];

export function History({ kind, id, listing }: { kind: registry.ObjectKind; id: string; listing: Listing<Version> }) {
  const may = useMay("registry:write");
  const view = useLocalView();
  const [opened, setOpened] = useState<Version>();
  return (
    <>
      <DataTable
        caption="Versions"
        columns={COLUMNS}
        state={listing.state}
        more={listing.more}
        rowId={(one) => String(one.version)}
        onOpen={setOpened}
        empty={{ what: "Every change of this object would be listed here." }}
        {...view}
      />
      <EvidenceOnRecord
        of={opened && `version ${opened.version}`}
        evidence={opened && evidenceOf(opened)}
        subjects={subjectsOf(id, opened)}
        nothing={NOTHING_ON_RECORD}
        onClose={() => setOpened(undefined)}
      >
        {may && opened && (
          <p>
            <a href={`/know/edit/${kind}/${id}?version=${opened.version}`}>Bring these values back</a>, as a new
            version.
          </p>
        )}
      </EvidenceOnRecord>
    </>
  );
}

function evidenceOf({ evidence, recordedAt, recordedBy, reason }: Version) {
  const { note, ...rest } = evidence;
  const words = [note, reason].filter(Boolean).join("; ");
  return { ...rest, recordedAt, recordedBy, ...(words === "" ? {} : { note: words }) };
}
