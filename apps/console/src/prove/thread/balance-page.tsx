/** Whether masses add up: by site, material and element, for a period that the URL holds. */
import { custody } from "@holdfast/api";
import { NativeSelect, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { Sankey, type SankeyFlow } from "../../chart/sankey.tsx";
import { useAnswer } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { formatDecimal } from "../../ui/format.ts";
import { mapState } from "../../ui/load-state.ts";
import { Loaded, Partial } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { useReading } from "../../ui/reading.tsx";
import { Badge } from "../../ui/state-badge.tsx";
import { kilograms } from "./words.ts";
import styles from "./balance-page.module.css";

const route = getRouteApi("/shell/prove/balance");
const DAY_MS = 86_400_000;
const PERIOD_DAYS = 90;

export function BalancePage() {
  const { from, to, site, ...view } = route.useSearch();
  const change = useSearchChange();
  const { now } = useReading();
  const period = periodOf({ from, to }, now);
  const all = useAnswer(custody.getBalance, {
    query: { from: `${period.from}T00:00:00.000Z`, to: `${period.to}T00:00:00.000Z` },
  });
  const sites = useMemo(() => sitesOf(all.state.kind === "ready" ? all.state.value.items : []), [all.state]);
  const rows = mapState(all.state, ({ items }) => items.filter((row) => site === undefined || row.site === site));
  const chosen = sites.find(({ value }) => value === site);
  return (
    <Page
      title="Do the masses add up?"
      meaning="Opening stock and what came in, less what went out and was used, is the closing stock: exact, by site, material and element."
    >
      <div className={styles.controls}>
        <TextInput
          type="date"
          label="From"
          value={period.from}
          onChange={(event) => change({ from: event.currentTarget.value || undefined })}
        />
        <TextInput
          type="date"
          label="To, not part of it"
          value={period.to}
          onChange={(event) => change({ to: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label="Site"
          value={site ?? ""}
          data={[{ value: "", label: "Every site" }, ...sites]}
          onChange={(event) => change({ site: event.currentTarget.value || undefined, row: undefined })}
        />
      </div>
      <Loaded state={all.state} lines={1}>
        {({ isWhole, rowsMax }) =>
          isWhole ? null : <Partial why={`more than ${rowsMax} sums: choose a shorter period or one site.`} />
        }
      </Loaded>
      {site !== undefined && (
        <Sankey
          title={`Flows of ${chosen?.label ?? "the site"}`}
          meaning="Whole masses, in kilograms. Elements are in the table."
          unit="kg"
          state={mapState(rows, flowsOf)}
          empty="Nothing came to this site or left it in this period."
        />
      )}
      <DataTable
        caption="Mass balance"
        columns={COLUMNS}
        state={rows}
        rowId={(row) => `${row.site} ${row.material} ${row.element}`}
        empty={{
          what: "No mass came to a site or left one by the events up to this period. Choose another one, or look at what was captured.",
          start: <a href="/prove/captures">Captures</a>,
        }}
        view={view}
        onView={(next) => change({ ...next })}
      />
    </Page>
  );
}

/** Days as the URL has them; the last three months where it has none, or the wrong way round. */
function periodOf(
  given: { from: string | undefined; to: string | undefined },
  now: Date,
): { from: string; to: string } {
  const isDay = (text: string | undefined) =>
    text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
  const to = isDay(given.to) && given.to ? given.to : day(now.getTime() + DAY_MS);
  const from = isDay(given.from) && given.from ? given.from : day(Date.parse(to) - PERIOD_DAYS * DAY_MS);
  return from < to ? { from, to } : { from: day(Date.parse(to) - PERIOD_DAYS * DAY_MS), to };
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function sitesOf(rows: readonly custody.BalanceRow[]): { value: string; label: string }[] {
  const labels = new Map(rows.map(({ site, siteLabel }) => [site, siteLabel]));
  return [...labels].map(([value, label]) => ({ value, label })).sort((a, b) => a.label.localeCompare(b.label, "en"));
}

/** What comes from the left into a material, and leaves it to the right. */
function flowsOf(rows: readonly custody.BalanceRow[]): SankeyFlow[] {
  return rows
    .filter(({ element }) => element === null)
    .flatMap((row) => {
      const parts = [
        ["Opening stock", row.material, row.opening],
        ["Received", row.material, row.received],
        ["Produced here", row.material, row.produced],
        [row.material, "Shipped", row.shipped],
        [row.material, "Used here", row.consumed],
        [row.material, "Removed", row.removed],
        [row.material, "Closing stock", row.closing],
      ] as const;
      return parts.map(([from, to, grams]) => ({
        id: `${from} ${to}`,
        from,
        to,
        size: Number(kilograms(grams)),
        text: formatDecimal(kilograms(grams)),
      }));
    })
    .filter(({ size }) => size !== 0);
}

const mass = (
  id: Exclude<keyof custody.BalanceRow, "site" | "siteLabel" | "material" | "element" | "hasUnknown">,
  header: string,
): Column<custody.BalanceRow> => ({
  id,
  header,
  unit: "kg",
  value: (row) => {
    const grams = row[id];
    return grams === null ? null : Number(kilograms(grams));
  },
  cell: (row) => {
    const grams = row[id];
    return grams === null ? <span className="dimmed">not counted</span> : formatDecimal(kilograms(grams));
  },
  align: "end",
  width: 112,
});

const COLUMNS: readonly Column<custody.BalanceRow>[] = [
  { id: "site", header: "Site", value: (row) => row.siteLabel },
  { id: "material", header: "Material", value: (row) => row.material, width: 170 },
  { id: "element", header: "Element", value: (row) => row.element ?? "whole", width: 80 },
  mass("opening", "Opening"),
  mass("received", "Received"),
  mass("produced", "Produced"),
  mass("shipped", "Shipped"),
  mass("consumed", "Used"),
  { ...mass("removed", "Removed"), isExtra: true },
  mass("closing", "Closing"),
  { ...mass("counted", "Counted"), isExtra: true },
  { ...mass("difference", "Difference"), isExtra: true },
  {
    id: "unknown",
    header: "Remark",
    value: (row) => (row.hasUnknown ? "unknown amounts" : row.closing.startsWith("-") ? "below zero" : ""),
    cell: (row) =>
      row.hasUnknown ? (
        <Badge tone="unknown" word="unknown amounts" />
      ) : row.closing.startsWith("-") ? (
        <Badge tone="critical" word="below zero" />
      ) : null,
    width: 160,
    isExtra: true,
  },
];
