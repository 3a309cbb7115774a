/** Where a thing came from, or what it went into: the picture, how whole it is, and all things and flows in tables. */
import { custody } from "@holdfast/api";
import { useMemo } from "react";
import { NetworkView } from "../../chart/network-view.tsx";
import { useAnswer } from "../../shell/queries.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useLocalView } from "../../table/local-view.ts";
import { Id } from "../../ui/id.tsx";
import { mapState } from "../../ui/load-state.ts";
import { Loaded, Partial } from "../../ui/notice.tsx";
import { Badge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { pictureOf } from "./pedigree-network.ts";
import { amountsWords, LEVEL_WORDS, thingHref } from "./words.ts";

export function PedigreeView({ id, direction }: { id: string; direction: "back" | "forward" }) {
  const { state } = useAnswer(custody.getPedigree, { query: { id, direction } });
  const picture = useMemo(() => mapState(state, pictureOf), [state]);
  const isGathered = picture.kind === "ready" && picture.value.isGathered;
  const title = direction === "back" ? "Where it came from" : "What it went into";
  return (
    <>
      <Loaded state={state} lines={1}>
        {(pedigree) => <Remarks pedigree={pedigree} />}
      </Loaded>
      <NetworkView
        title={title}
        meaning={
          isGathered
            ? "More things than a picture can show: each node stands for all lots of one product made at one place. The tables below have every one."
            : "Each node is a lot, a serial or a shipment's contents. Containers are in the tables below."
        }
        state={mapState(picture, ({ network }) => network)}
        empty={
          direction === "back"
            ? "No event says what it was made of: it begins here, as far as this node was told."
            : "No event says that it went into anything yet."
        }
      />
      <Things state={mapState(state, ({ things }) => things)} root={id} />
      <Flows state={state} />
    </>
  );
}

function Remarks({ pedigree }: { pedigree: custody.Pedigree }) {
  const { isWhole, notFollowed, thingsMax, cycles, things, steps } = pedigree;
  return (
    <>
      <p className="dimmed">
        {counted(things.length, "thing")} and {counted(steps.length, "step")}, as far as the events of this node go.
      </p>
      {!isWhole && (
        <Partial
          why={`the limit of ${thingsMax} things is reached, and ${notFollowed} more were not followed. Look at one of the outermost things to go on from there.`}
        />
      )}
      {cycles.length > 0 && (
        <p>
          <Badge tone="critical" word="goes round" /> {cycles.length} sets of things are their own ancestors.
        </p>
      )}
    </>
  );
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

const THING_COLUMNS: readonly Column<custody.PedigreeThing>[] = [
  { id: "label", header: "Thing", value: (one) => one.label },
  { id: "relations", header: "How it belongs", value: (one) => one.relations.join(", "), width: 180 },
  { id: "level", header: "What it is", value: (one) => LEVEL_WORDS[one.level], width: 160 },
  {
    id: "findings",
    header: "Open findings",
    value: (one) => one.openFindings,
    cell: (one) =>
      one.openFindings === 0 ? (
        <span className="dimmed">0</span>
      ) : (
        <Badge tone="attention" word={String(one.openFindings)} />
      ),
    align: "end",
    width: 140,
  },
  {
    id: "id",
    header: "Identifier",
    value: (one) => one.id,
    cell: (one) => <Id value={one.id} name="identifier" />,
    width: 190,
  },
];

function Things({ state }: { state: Parameters<typeof DataTable<custody.PedigreeThing>>[0]["state"]; root: string }) {
  const { view, onView } = useLocalView({ sort: "-findings" });
  return (
    <DataTable
      caption="Things of the pedigree"
      columns={THING_COLUMNS}
      state={state}
      rowId={(one) => one.id}
      href={(one) => thingHref(one.id)}
      empty={{ what: "Things that belong to the pedigree would be listed here." }}
      view={view}
      onView={onView}
    />
  );
}

type Edge = custody.Pedigree["edges"][number] & { readonly fromLabel: string; readonly toLabel: string };

const KIND_WORDS: Readonly<Record<Edge["kind"], string>> = {
  input: "went into a step",
  output: "came out of a step",
  "contained-in": "was inside of",
  "part-of": "is part of",
};

const EDGE_COLUMNS: readonly Column<Edge>[] = [
  { id: "from", header: "From", value: (one) => one.fromLabel, width: 300 },
  { id: "kind", header: "How", value: (one) => KIND_WORDS[one.kind], width: 170 },
  { id: "to", header: "To", value: (one) => one.toLabel },
  {
    id: "amount",
    header: "Amount",
    value: (one) => amountsWords(one.amounts, one.hasUnknown),
    align: "end",
    width: 200,
  },
  { id: "at", header: "When", value: (one) => one.at, cell: (one) => <Time at={one.at} />, width: 180 },
  {
    id: "until",
    header: "Until",
    value: (one) => one.until,
    cell: (one) => (one.until ? <Time at={one.until} /> : "still"),
    width: 180,
    isExtra: true,
  },
];

function Flows({ state }: { state: ReturnType<typeof useAnswer<typeof custody.getPedigree>>["state"] }) {
  const { view, onView } = useLocalView();
  const rows = useMemo(() => mapState(state, edgesOf), [state]);
  return (
    <DataTable
      caption="Amounts, thing by thing"
      columns={EDGE_COLUMNS}
      state={rows}
      rowId={(one) => `${one.kind} ${one.from} ${one.to} ${one.at} ${one.events[0]}`}
      empty={{ what: "What went from where to where would be listed here, with its amount." }}
      view={view}
      onView={onView}
      isMain={false}
    />
  );
}

function edgesOf({ things, steps, edges, places }: custody.Pedigree): Edge[] {
  const labels = new Map(things.map(({ id, label }) => [id, label]));
  for (const { id, bizStep, places: at } of steps) {
    const [place] = at;
    labels.set(
      id,
      `step${bizStep === null ? "" : ` ${bizStep.replaceAll("_", " ")}`}${place === undefined ? "" : ` at ${places[place] ?? place}`}`,
    );
  }
  return edges.map((edge) => ({
    ...edge,
    fromLabel: labels.get(edge.from) ?? edge.from,
    toLabel: labels.get(edge.to) ?? edge.to,
  }));
}
