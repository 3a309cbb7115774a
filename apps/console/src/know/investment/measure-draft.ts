/** A measure while it is written, in the units that people type: percents, days and whole money. */
import type { investment } from "@holdfast/api";

export interface MeasureDraft {
  readonly id: string;
  readonly kind: investment.Measure["kind"];
  readonly title: string;
  readonly site: string;
  readonly item: string;
  readonly supplier: string;
  readonly days: number;
  readonly percent: number;
  readonly cost: number;
  readonly unitCostPercent: number;
  readonly leadDaysChange: number;
}

const MINOR_PER_UNIT = 100;
const PPM_PER_PERCENT = 10_000;

export function blankMeasure(number: number): MeasureDraft {
  return {
    id: `measure-${number}`,
    kind: "stock",
    title: "",
    site: "",
    item: "",
    supplier: "",
    days: 30,
    percent: 50,
    cost: 100_000,
    unitCostPercent: 0,
    leadDaysChange: 0,
  };
}

/** Undefined while something is missing. */
export function measureOf(draft: MeasureDraft): investment.Measure | undefined {
  const { id, kind, title, site, item, supplier, days, percent } = draft;
  if (title.trim() === "" || site === "" || (kind !== "hardening" && item === "")) return undefined;
  const effect = {
    id,
    title,
    costPerYearMinor: Math.round(draft.cost * MINOR_PER_UNIT),
    unitCostPpm: Math.round(draft.unitCostPercent * PPM_PER_PERCENT),
    leadDaysChange: Math.round(draft.leadDaysChange),
    mustBuy: false,
  };
  const ppm = Math.round(percent * PPM_PER_PERCENT);
  switch (kind) {
    case "stock":
      return { kind, site, item, days, ...effect };
    case "second-source":
      return supplier === ""
        ? undefined
        : { kind, buyer: site, supplier, item, partPpm: ppm, switchDays: days, ...effect };
    case "hardening":
      return { kind, site, avoidedPpm: ppm, ...effect };
    case "spare-line":
      return { kind, site, item, capacityPpm: ppm, ...effect };
    case "onshoring":
      return { kind, site, item, partPpm: ppm, ...effect };
  }
}
