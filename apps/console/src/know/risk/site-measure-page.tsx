/** One site's measure: its figures with their ranges, its hazards, its loss by length of outage, its history, other methods' scores. */
import { siteMeasure, THREAT_TEXTS } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer, useListing } from "../../shell/queries.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Facts } from "../../ui/facts.tsx";
import { formatShare } from "../../ui/format.ts";
import { Id } from "../../ui/id.tsx";
import { ready } from "../../ui/load-state.ts";
import { Loaded } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { Badge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { FigureRow } from "../simulation/figures.tsx";
import { major, moneyText } from "../simulation/money.ts";

const route = getRouteApi("/shell/know/ranking/$siteId");
const BRIEF = { isBrief: true, view: {}, onView: () => undefined } as const;

export function SiteMeasurePage() {
  const { siteId } = route.useParams();
  const { state } = useAnswer(siteMeasure.getSiteMeasure, { params: { id: siteId } });
  const history = useListing(siteMeasure.listMeasureHistory, { params: { id: siteId }, query: { limit: 50 } });
  const label = state.kind === "ready" ? state.value.measure.label : "Site";
  return (
    <Page
      breadcrumbs={[{ label: "Ranking", href: "/know/ranking" }]}
      title={`What can ${label} cost us?`}
      meaning="What its own failures cost anywhere in a year. Ranges come from the hazards' ranges, not from luck: every site is drawn with the same random numbers."
      actions={
        <>
          <a href={`/know/sites/${siteId}`}>The site</a>
          <a href={`/know/what-if?parts=site.${siteId}.30`}>What stops if it fails?</a>
        </>
      }
    >
      <Loaded state={state} lines={8}>
        {({ measure, measurement, hazards, losses, scores }) => {
          const { currency } = measurement;
          return (
            <>
              <FigureRow
                label="Measure"
                figures={[
                  {
                    label: "Expected a year",
                    value: moneyText(measure.expectedMinor, currency),
                    note: `${moneyText(measure.expectedLowMinor, currency)} to ${moneyText(measure.expectedHighMinor, currency)}`,
                  },
                  { label: "Worst 5 % of years", value: moneyText(measure.cvar95Minor, currency), note: "on average" },
                  { label: "Worst 1 % of years", value: moneyText(measure.cvar99Minor, currency), note: "on average" },
                  {
                    label: "Survived without it",
                    value: measure.surviveDaysLow === null ? "over 365 d" : `${Math.floor(measure.surviveDaysLow)} d`,
                    note: `to replace it ${Math.round(measure.recoverDays)} d, ${Math.round(measure.gapDaysLow)} d not covered`,
                  },
                  {
                    label: "Of all value",
                    value: measure.esriPpm === null ? "unknown" : `${formatShare(measure.esriPpm)} %`,
                    note: "goes with it, stocks aside",
                  },
                ]}
              />
              <Section title="Its hazards">
                <DataTable
                  {...BRIEF}
                  caption="Hazards"
                  columns={hazardColumns(currency)}
                  state={ready(hazards)}
                  rowId={(row) => row.threat}
                  empty={{
                    what: "The registry names no hazard of this site, so nothing is expected of it. Add them to the site.",
                  }}
                />
              </Section>
              <Section title="What an outage costs">
                <DataTable
                  {...BRIEF}
                  caption="Loss by length of outage"
                  columns={lossColumns(currency)}
                  state={ready(losses)}
                  rowId={(row) => String(row.days)}
                  empty={{ what: "Nothing was simulated." }}
                />
              </Section>
              <Section title="Scores of other methods">
                <p className="dimmed">Shown beside the measure as what they are, and never mixed into it.</p>
                <DataTable
                  {...BRIEF}
                  caption="Scores"
                  columns={SCORE_COLUMNS}
                  state={ready(scores)}
                  rowId={(row) => row.id}
                  empty={{
                    what: "CARVER, API 780 or NIST 800-30 scores of this site would be here. They come in over the API.",
                  }}
                />
              </Section>
              <Section title="What it was before">
                <DataTable
                  {...BRIEF}
                  caption="History"
                  columns={historyColumns(currency)}
                  state={history.state}
                  more={history.more}
                  rowId={(row) => row.since}
                  empty={{ what: "Each change of its measure would be listed here." }}
                />
              </Section>
              <Facts
                label="Manifest"
                facts={[
                  { label: "Registry as of", value: <Time at={measurement.asOf} /> },
                  { label: "Simulated", value: `${measurement.years} years, seed ${measurement.seed}` },
                  { label: "Standard error", value: moneyText(measure.standardErrorMinor, currency) },
                  { label: "Model", value: measurement.modelVersion },
                  { label: "Hash of the inputs", value: <Id value={measurement.inputHash} name="input hash" /> },
                  {
                    label: "Hash of the assumptions",
                    value: <Id value={measurement.assumptionsHash} name="assumptions hash" />,
                  },
                ]}
              />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

type Hazard = (typeof siteMeasure.getSiteMeasure.answer & object)["_output"]["hazards"][number];

function hazardColumns(currency: string | null): readonly Column<Hazard>[] {
  return [
    { id: "threat", header: "Threat", value: (row) => THREAT_TEXTS[row.threat].title },
    { id: "level", header: "Level", value: (row) => row.level, align: "end", width: 90 },
    { id: "rate", header: "Stops a year", value: (row) => row.ratePerYear, align: "end", width: 140 },
    {
      id: "expected",
      header: "Expected a year",
      ...(currency ? { unit: currency } : {}),
      value: (row) => major(row.expectedMinor, currency),
      align: "end",
      width: 220,
    },
  ];
}

function lossColumns(currency: string | null): readonly Column<{ days: number; lossMinor: number }>[] {
  return [
    { id: "days", header: "Down for", unit: "d", value: (row) => row.days, align: "end", width: 140 },
    {
      id: "loss",
      header: "Costs, without adaptation",
      ...(currency ? { unit: currency } : {}),
      value: (row) => major(row.lossMinor, currency),
      align: "end",
    },
  ];
}

const SCORE_COLUMNS: readonly Column<siteMeasure.SiteScore>[] = [
  { id: "method", header: "Method", value: (row) => row.method, width: 130 },
  {
    id: "values",
    header: "Values",
    value: (row) =>
      Object.entries(row.values)
        .map(([name, value]) => `${name} ${value}`)
        .join(", "),
  },
  {
    id: "total",
    header: "Total",
    value: (row) => row.total,
    cell: (row) =>
      row.isTotalWrong ? (
        <Badge word={`${row.total}, printed ${row.statedTotal}`} tone="attention" />
      ) : (
        (row.total ?? "none")
      ),
    width: 170,
  },
  { id: "source", header: "Source", value: (row) => row.source, width: 220 },
  { id: "assessedAt", header: "Assessed", value: (row) => row.assessedAt, width: 130 },
];

function historyColumns(currency: string | null): readonly Column<siteMeasure.SiteMeasure>[] {
  return [
    { id: "since", header: "Since", value: (row) => row.since, cell: (row) => <Time at={row.since} /> },
    {
      id: "expected",
      header: "Expected a year",
      value: (row) => row.expectedMinor,
      cell: (row) => moneyText(row.expectedMinor, currency),
      align: "end",
      width: 200,
    },
    {
      id: "cvar99",
      header: "Worst 1 %",
      value: (row) => row.cvar99Minor,
      cell: (row) => moneyText(row.cvar99Minor, currency),
      align: "end",
      width: 200,
    },
    {
      id: "gap",
      header: "Not covered",
      unit: "d",
      value: (row) => Math.round(row.gapDaysLow),
      align: "end",
      width: 150,
    },
  ];
}
