/** What the node's thread and the calculating thread say to each other. Everything is plain data. */
import type { investment, simulation } from "@holdfast/api";
import type { ModelFacts } from "../registry/index.ts";
import type { Answered, RawSinglePoint } from "./engine.ts";
import type { RawAlternative, ResultKey } from "./raw-answer.ts";
import type { PlanEffects } from "./plan-effects.ts";
import type { PlanQuestion, RawPlan } from "./plan-figures.ts";
import type { MeasureOptions, RawMeasurement } from "./site-measures.ts";
import type { Treatment } from "./treatment.ts";

/** One kind of question: what is asked, what comes back. */
export interface Questions {
  readonly answer: {
    ask: { readonly content: simulation.ScenarioContent; readonly complete: boolean };
    give: Answered;
  };
  /** The key of an answer, without calculating it. */
  readonly key: {
    ask: { readonly content: simulation.ScenarioContent; readonly complete: boolean };
    give: ResultKey;
  };
  readonly "single-points": {
    ask: { readonly level: (typeof simulation.SINGLE_POINT_LEVELS)[number] };
    give: {
      readonly points: readonly RawSinglePoint[];
      readonly currency: string | null;
      readonly treatments: readonly Treatment[];
    };
  };
  readonly "site-measures": {
    ask: MeasureOptions;
    give: { readonly key: ResultKey; readonly measurement: RawMeasurement };
  };
  readonly plan: {
    ask: PlanQuestion;
    give: { readonly key: ResultKey; readonly plan: RawPlan; readonly resultHash: string };
  };
  readonly "plan-at": {
    ask: { readonly effects: PlanEffects; readonly budgetPerYearMinor: number };
    give: investment.PlanAt;
  };
  readonly "plan-losses": { ask: Pick<PlanQuestion, "events">; give: readonly number[] };
  readonly alternatives: {
    ask: { readonly site: string; readonly days: number };
    give: { readonly alternatives: readonly RawAlternative[]; readonly currency: string | null };
  };
  readonly "cut-sets": {
    ask: { readonly site: string; readonly item: string; readonly order: number };
    give: readonly (readonly string[])[];
  };
}

export type Kind = keyof Questions;

export interface Request {
  readonly id: number;
  readonly kind: Kind;
  readonly ask: Questions[Kind]["ask"];
  /** Name of the network; the facts come with it when the thread doesn't have it yet. */
  readonly network: string;
  readonly facts: ModelFacts | undefined;
}

export type Reply =
  | { readonly id: number; readonly state: "progress"; readonly fraction: number; readonly detail: string }
  | { readonly id: number; readonly state: "done"; readonly give: unknown }
  | {
      readonly id: number;
      readonly state: "failed";
      /** A Problem's parts; undefined for a bug, whose text goes to the log. */
      readonly problem:
        | { readonly code: string; readonly message: string; readonly detail: Record<string, unknown> }
        | undefined;
      readonly text: string;
    };
