/**
 * What hazard levels mean while nobody has calibrated them: rules of thumb of this program, with wide ranges, and labelled
 * so wherever they are used. Each level is about three times as frequent as the one below.
 */
import { type siteMeasure, THREATS } from "@holdfast/api";

/** 90 % intervals of the days that a site stands still. */
const DOWNTIME_DAYS: Readonly<Record<(typeof THREATS)[number], readonly [low: number, high: number]>> = {
  sabotage: [5, 120],
  "equipment-theft": [1, 21],
  "design-theft": [0.5, 5],
  insider: [1, 30],
  cyber: [3, 45],
  counterfeit: [2, 30],
  "supply-interruption": [7, 90],
  "natural-hazard": [5, 180],
  coercion: [30, 365],
};

export const DEFAULT_CALIBRATION: siteMeasure.CalibrationContent = {
  levels: [0.001, 0.003, 0.01, 0.03, 0.1].map((perYear) => ({
    lowPerYear: perYear / 3,
    perYear,
    highPerYear: Number((perYear * 3).toPrecision(3)),
  })),
  downtimes: THREATS.map((threat) => ({
    threat,
    lowDays: DOWNTIME_DAYS[threat][0],
    highDays: DOWNTIME_DAYS[threat][1],
  })),
  alertPpm: 200_000,
  source: "Rules of thumb of the program, not calibrated",
};
