/** The table in its six states, and with 100,000 rows. */
import { Button } from "@mantine/core";
import { useMemo, useState } from "react";
import type { Column } from "../src/table/column.ts";
import { DataTable } from "../src/table/data-table.tsx";
import { useLocalView } from "../src/table/local-view.ts";
import type { LoadState } from "../src/ui/load-state.ts";
import { Page } from "../src/ui/page.tsx";
import { type Looks, StateBadge } from "../src/ui/state-badge.tsx";

type Tier = "1" | "2" | "none";
interface Site {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly tier: Tier;
  readonly output: number | null;
}

const TIERS: Looks<Tier> = {
  "1": { word: "critical", tone: "critical" },
  "2": { word: "important", tone: "attention" },
  none: { word: "not designated", tone: "normal" },
};
const COLUMNS: readonly Column<Site>[] = [
  { id: "name", header: "Site", value: (site) => site.name },
  { id: "country", header: "Country", value: (site) => site.country, width: 100 },
  {
    id: "tier",
    header: "Tier",
    value: (site) => TIERS[site.tier].word,
    cell: (site) => <StateBadge state={site.tier} looks={TIERS} />,
    width: 150,
  },
  { id: "output", header: "Output", unit: "t/y", value: (site) => site.output, align: "end", width: 130 },
  { id: "id", header: "Identifier", value: (site) => site.id, width: 160, isExtra: true },
];

function sites(count: number): Site[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `site-${i}`,
    name:
      i % 17 === 3
        ? `Long-named separation and refining complex number ${i} of the northern district, second line`
        : `Site ${i}`,
    country: ["AU", "CN", "MY", "US"][i % 4] ?? "AU",
    tier: i % 11 === 0 ? "1" : i % 7 === 0 ? "2" : "none",
    output: i % 13 === 0 ? null : (i * 7_919) % 100_000,
  }));
}

export function HundredThousand() {
  const { view, onView } = useLocalView();
  const rows = useMemo(() => sites(100_000), []);
  return (
    <Page title="Which sites are there?" meaning="A hundred thousand rows.">
      <Sites caption="Sites" state={{ kind: "ready", value: rows }} view={view} onView={onView} />
    </Page>
  );
}

const STATES: Readonly<Record<string, LoadState<readonly Site[]>>> = {
  loading: { kind: "loading" },
  empty: { kind: "ready", value: [] },
  partial: { kind: "ready", value: sites(5), partial: "the first 5 of 1 000 sites that match" },
  forbidden: { kind: "forbidden", why: "Reading sites needs the action registry:read, which your roles do not give." },
  failed: {
    kind: "failed",
    failure: {
      code: "client/unreachable",
      message: "the node did not answer",
      nextStep: "Check the network, then try again.",
    },
    retry: () => undefined,
  },
  stale: { kind: "ready", value: sites(5), staleSince: new Date(Date.now() - 7_200_000) },
};

export function TableStates() {
  const [name, setName] = useState("loading");
  const { view, onView } = useLocalView();
  return (
    <Page title="The table's six states">
      <div>
        {Object.keys(STATES).map((state) => (
          <Button key={state} variant="default" m={4} onClick={() => setName(state)}>
            {state}
          </Button>
        ))}
      </div>
      <Sites caption={`Sites, ${name}`} state={STATES[name] ?? { kind: "loading" }} view={view} onView={onView} />
    </Page>
  );
}

function Sites(props: Pick<React.ComponentProps<typeof DataTable<Site>>, "caption" | "state" | "view" | "onView">) {
  return (
    <DataTable
      {...props}
      columns={COLUMNS}
      rowId={(site) => site.id}
      href={(site) => `#${site.id}`}
      empty={{
        what: "The sites of your supply chain would be listed here.",
        start: <a href="#import">Import sites from CSV or XLSX</a>,
      }}
    />
  );
}
