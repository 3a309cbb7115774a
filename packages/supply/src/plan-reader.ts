/**
 * Reads an investment problem from a JSON document: scenarios with their losses, measures with their costs and the part of
 * each scenario's loss that they take away, by scenario id; scenarios that a measure does not name are untouched by it.
 */
import {
  arrayAt,
  indexById,
  numberAt,
  objectAt,
  optionalTextAt,
  referenceAt,
  refuse,
  textAt,
} from "./document-reader.ts";
import { MEASURES_MAX, type PlanMeasure, type PlanProblem, SCENARIOS_MAX } from "./investment-plan.ts";

const MONEY = { min: 0, max: 1e15 };
const PART = { min: 0, max: 1 };

/** @throws Problem with the path */
export function readPlanProblem(document: unknown, budget?: number): PlanProblem {
  const fields = objectAt(document, "", ["scenarios", "measures", "budget", "meanWeight", "level"]);
  const scenarios = arrayAt(fields["scenarios"], "scenarios", SCENARIOS_MAX).map((value, s) => {
    const scenario = objectAt(value, `scenarios[${s}]`, ["id", "loss", "probability"]);
    const probability = scenario["probability"];
    return {
      id: textAt(scenario["id"], `scenarios[${s}].id`),
      loss: numberAt(scenario["loss"], `scenarios[${s}].loss`, MONEY),
      probability: probability === undefined ? undefined : numberAt(probability, `scenarios[${s}].probability`, PART),
    };
  });
  const ids = scenarios.map(({ id }) => id);
  const index = indexById(ids, "scenarios");
  const given = scenarios.flatMap(({ probability }) => (probability === undefined ? [] : [probability]));
  if (given.length > 0 && given.length < scenarios.length)
    refuse("supply/document-malformed", "scenarios", "either all scenarios have a probability or none");
  const measures = arrayAt(fields["measures"], "measures", MEASURES_MAX).map((value, i) =>
    measureAt(value, `measures[${i}]`, index),
  );
  indexById(
    measures.map(({ id }) => id),
    "measures",
  );
  return {
    measures,
    loss: scenarios.map(({ loss }) => loss),
    ...(given.length > 0 ? { probability: given } : {}),
    budget: budget ?? numberAt(fields["budget"], "budget", MONEY),
    meanWeight: fields["meanWeight"] === undefined ? 0.5 : numberAt(fields["meanWeight"], "meanWeight", PART),
    ...(fields["level"] === undefined
      ? {}
      : { level: numberAt(fields["level"], "level", { min: 1e-9, max: 1 - 1e-9 }) }),
  };
}

function measureAt(value: unknown, path: string, scenarios: ReadonlyMap<string, number>): PlanMeasure {
  const fields = objectAt(value, path, ["id", "cost", "reduces", "exclusiveSet", "needs", "mustBuy"]);
  const reduces = objectAt(fields["reduces"] ?? {}, `${path}.reduces`, Object.keys(fields["reduces"] ?? {}));
  const reduction = new Float64Array(scenarios.size);
  for (const [scenario, part] of Object.entries(reduces))
    reduction[referenceAt(scenarios, scenario, `${path}.reduces`)] = numberAt(part, `${path}.reduces`, PART);
  const exclusiveSet = optionalTextAt(fields["exclusiveSet"], `${path}.exclusiveSet`);
  const needs = optionalTextAt(fields["needs"], `${path}.needs`);
  const mustBuy = fields["mustBuy"] ?? false;
  if (typeof mustBuy !== "boolean")
    return refuse("supply/document-malformed", `${path}.mustBuy`, "is not true or false");
  return {
    id: textAt(fields["id"], `${path}.id`),
    cost: numberAt(fields["cost"], `${path}.cost`, MONEY),
    reduction,
    mustBuy,
    ...(exclusiveSet === undefined ? {} : { exclusiveSet }),
    ...(needs === undefined ? {} : { needs }),
  };
}
