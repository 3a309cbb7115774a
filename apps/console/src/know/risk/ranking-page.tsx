/** Every site by one measure: what its failures cost a year, expected and in the worst years, wherever it is. */
import { registry, siteMeasure } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAct, useAnswer, useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { defined } from "../../shell/search-params.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useFollow } from "../../ui/follow.tsx";
import { formatShare } from "../../ui/format.ts";
import { mapState } from "../../ui/load-state.ts";
import { Failed } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { countryName } from "../country-name.ts";
import { CountryFilter, WordFilter } from "../registry/filters.tsx";
import { major, moneyText } from "../simulation/money.ts";
import { CalibrationView } from "./calibration-view.tsx";
import { LossCurve } from "./loss-curve.tsx";

const route = getRouteApi("/shell/know/ranking");

export function RankingPage() {
  const { tab = "sites", country, kind, ...view } = route.useSearch();
  const change = useSearchChange();
  const follow = useFollow();
  const refusal = useRefusal("risk:manage");
  const { act, isBusy, failure } = useAct(siteMeasure.startMeasurement);
  const measure = async () => {
    const done = await act({ body: {} });
    if (done.ok) follow(`/jobs/${done.body.jobId}`);
  };
  return (
    <Page
      title="Which sites can cost us most?"
      meaning={<Meaning />}
      actions={
        <RefusableButton refusal={refusal} loading={isBusy} onClick={() => void measure()}>
          Measure every site now
        </RefusableButton>
      }
    >
      {failure && <Failed failure={failure} />}
      <Tabs
        label="Site measures"
        tabs={[
          { name: "sites", label: "Ranking" },
          { name: "losses", label: "Loss of a year" },
          { name: "alerts", label: "What moved" },
          { name: "calibration", label: "What levels mean" },
        ]}
        chosen={tab}
        onChoose={(name) => change({ tab: name === "sites" ? undefined : name, row: undefined, filter: undefined })}
      >
        {tab === "sites" && <Ranking country={country} kind={kind} view={view} onChange={change} />}
        {tab === "losses" && <Losses />}
        {tab === "alerts" && <Alerts view={view} onView={(next) => change({ ...next })} />}
        {tab === "calibration" && <CalibrationView />}
      </Tabs>
    </Page>
  );
}

function useMeasurement() {
  const { state } = useAnswer(siteMeasure.listMeasurements, { query: { limit: 1 } });
  return mapState(state, ({ items }) => items[0]);
}

function Meaning() {
  const state = useMeasurement();
  if (state.kind !== "ready" || !state.value)
    return "One measure for every site: the yearly loss that its own failures cause anywhere, as expected and in the worst years.";
  const { sitesCount, computedAt, years, seed, portfolio, currency } = state.value;
  return (
    <>
      {sitesCount} sites, {years} simulated years each (seed {seed}), measured <Time at={computedAt} as="age" />. All
      together: {moneyText(portfolio.expectedMinor, currency)} a year expected,{" "}
      {moneyText(portfolio.cvar99Minor, currency)} in the worst hundredth of years.
    </>
  );
}

function Ranking({
  country,
  kind,
  view,
  onChange,
}: {
  country: string | undefined;
  kind: (typeof registry.SITE_KINDS)[number] | undefined;
  view: TableView;
  onChange: (change: Record<string, unknown>) => void;
}) {
  const { state, more } = useListing(siteMeasure.rankSites, { query: { ...defined({ country, kind }), limit: 500 } });
  const measurement = useMeasurement();
  const currency = measurement.kind === "ready" ? (measurement.value?.currency ?? null) : null;
  return (
    <DataTable
      caption="Sites by what they can cost"
      columns={columnsOf(currency)}
      state={state}
      more={more}
      rowId={(row) => row.site}
      href={(row) => `/know/ranking/${row.site}`}
      empty={{
        what: "No site was measured yet. Measure every site once; after that, changes of the registry are measured by themselves.",
      }}
      view={view}
      onView={(next) => onChange({ ...next })}
      actions={
        <>
          <WordFilter
            name="Kind"
            any="Every kind"
            words={registry.SITE_KINDS}
            value={kind}
            onChange={(next) => onChange({ kind: next })}
          />
          <CountryFilter value={country} onChange={(next) => onChange({ country: next })} />
        </>
      }
    />
  );
}

function columnsOf(currency: string | null): readonly Column<siteMeasure.SiteMeasure>[] {
  const money = currency ? { unit: currency } : {};
  const column = (
    id: string,
    header: string,
    of: (row: siteMeasure.SiteMeasure) => number,
    width: number,
    isExtra = false,
  ) => ({
    id,
    header,
    ...money,
    value: (row: siteMeasure.SiteMeasure) => major(of(row), currency),
    align: "end" as const,
    width,
    ...(isExtra ? { isExtra } : {}),
  });
  return [
    { id: "label", header: "Site", value: (row) => row.label },
    { id: "kind", header: "Kind", value: (row) => row.kind, width: 100 },
    { id: "country", header: "Country", value: (row) => countryName(row.country), width: 115 },
    column("expected", "Expected", (row) => row.expectedMinor, 155),
    column("cvar95", "Worst 5 %", (row) => row.cvar95Minor, 140),
    column("cvar99", "Worst 1 %", (row) => row.cvar99Minor, 145),
    {
      id: "survive",
      header: "Survived",
      unit: "d",
      value: (row) => row.surviveDaysLow,
      cell: (row) => (row.surviveDaysLow === null ? "over 365" : Math.floor(row.surviveDaysLow)),
      align: "end",
      width: 105,
    },
    {
      id: "gap",
      header: "Not covered",
      unit: "d",
      value: (row) => Math.round(row.gapDaysLow),
      align: "end",
      width: 125,
    },
    {
      id: "esri",
      header: "Of all",
      unit: "%",
      value: (row) => row.esriPpm,
      cell: (row) => (row.esriPpm === null ? "unknown" : formatShare(row.esriPpm)),
      align: "end",
      width: 95,
    },
    column("low", "Expected, low", (row) => row.expectedLowMinor, 190, true),
    column("high", "Expected, high", (row) => row.expectedHighMinor, 190, true),
    column("error", "Standard error", (row) => row.standardErrorMinor, 190, true),
    { id: "operator", header: "Operator", value: (row) => row.organisationLabel, width: 200, isExtra: true },
  ];
}

function Losses() {
  const state = useMeasurement();
  const currency = state.kind === "ready" ? (state.value?.currency ?? null) : null;
  return (
    <LossCurve
      title="How often a year costs how much"
      meaning="All sites together, without adaptation; losses of a year add up."
      currency={currency}
      state={mapState(state, (measurement) =>
        measurement ? [{ name: "today", points: measurement.portfolio.exceedance }] : [],
      )}
      empty="Measure every site first."
    />
  );
}

type Alert = (typeof siteMeasure.measureAlert)["_output"];

function Alerts({ view, onView }: { view: TableView; onView: (view: TableView) => void }) {
  const { state, more } = useListing(siteMeasure.listMeasureAlerts, { query: {} });
  const columns: readonly Column<Alert>[] = [
    { id: "label", header: "Site", value: (row) => row.label },
    { id: "at", header: "When", value: (row) => row.at, cell: (row) => <Time at={row.at} />, width: 180 },
    {
      id: "before",
      header: "Expected before",
      value: (row) => row.beforeMinor,
      cell: (row) => moneyText(row.beforeMinor, row.currency),
      align: "end",
      width: 200,
    },
    {
      id: "after",
      header: "After",
      value: (row) => row.afterMinor,
      cell: (row) => moneyText(row.afterMinor, row.currency),
      align: "end",
      width: 200,
    },
  ];
  return (
    <DataTable
      caption="Measures that moved"
      columns={columns}
      state={state}
      more={more}
      rowId={(row) => row.id}
      href={(row) => `/know/ranking/${row.site}`}
      empty={{
        what: "When a change of the registry moves a site's expected loss past the threshold, it is told here.",
      }}
      view={view}
      onView={onView}
    />
  );
}
