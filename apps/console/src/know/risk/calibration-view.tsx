/** What a hazard's level and threat mean in numbers, and whether anybody has calibrated it. */
import { siteMeasure, THREAT_TEXTS } from "@holdfast/api";
import { useAnswer } from "../../shell/queries.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { ready } from "../../ui/load-state.ts";
import { Loaded } from "../../ui/notice.tsx";
import { Section } from "../../ui/page.tsx";
import { Badge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";

type Level = siteMeasure.Calibration["levels"][number] & { readonly level: number };
type Downtime = siteMeasure.Calibration["downtimes"][number];

const LEVEL_WORDS = ["slight", "moderate", "serious", "severe", "extreme"];

const LEVELS: readonly Column<Level>[] = [
  { id: "level", header: "Level", value: (row) => `${row.level} ${LEVEL_WORDS[row.level - 1] ?? ""}` },
  { id: "perYear", header: "Stops a year", value: (row) => row.perYear, align: "end", width: 150 },
  {
    id: "years",
    header: "Once in",
    unit: "years",
    value: (row) => (row.perYear > 0 ? Math.round(1 / row.perYear) : undefined),
    align: "end",
    width: 150,
  },
  { id: "low", header: "Low", value: (row) => Number(row.lowPerYear.toPrecision(2)), align: "end", width: 120 },
  { id: "high", header: "High", value: (row) => row.highPerYear, align: "end", width: 120 },
];

const DOWNTIMES: readonly Column<Downtime>[] = [
  { id: "threat", header: "Threat", value: (row) => THREAT_TEXTS[row.threat].title },
  { id: "low", header: "Down at least", unit: "d", value: (row) => row.lowDays, align: "end", width: 170 },
  { id: "high", header: "At most", unit: "d", value: (row) => row.highDays, align: "end", width: 130 },
];

export function CalibrationView() {
  const { state } = useAnswer(siteMeasure.getCalibration, {});
  return (
    <Loaded state={state} lines={8}>
      {({ isDefault, source, levels, downtimes, alertPpm, changedAt, changedBy }) => (
        <>
          <p>
            <Badge word={isDefault ? "not calibrated" : "calibrated"} tone={isDefault ? "attention" : "normal"} />{" "}
            {source}
            {changedAt && (
              <>
                {" "}
                by {changedBy}, <Time at={changedAt} as="age" />
              </>
            )}
            . A site whose expected loss moves by more than {alertPpm / 10_000} % is told of. Levels are never
            multiplied: each becomes the range below, with nine in ten cases inside it.
          </p>
          <Section title="How often">
            <DataTable
              caption="What levels mean"
              isBrief
              columns={LEVELS}
              state={ready(levels.map((row, i) => ({ ...row, level: i + 1 })))}
              rowId={(row) => String(row.level)}
              empty={{ what: "No level has a number." }}
              view={{}}
              onView={() => undefined}
            />
          </Section>
          <Section title="For how long">
            <DataTable
              caption="How long sites are down"
              isBrief
              columns={DOWNTIMES}
              state={ready(downtimes)}
              rowId={(row) => row.threat}
              empty={{ what: "No threat has a downtime." }}
              view={{}}
              onView={() => undefined}
            />
          </Section>
        </>
      )}
    </Loaded>
  );
}
