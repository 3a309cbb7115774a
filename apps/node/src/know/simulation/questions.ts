/** Answers a question of any kind; the same in the calculating thread and in a test without one. */
import type { Kind, Questions, Request } from "./compute-message.ts";
import { type Engine, hashOf, type Progress } from "./engine.ts";
import { lossesWith, planAtBudget, planFigures } from "./plan-figures.ts";
import { measureSites } from "./site-measures.ts";

type Answerers = {
  readonly [K in Kind]: (
    engine: Engine,
    network: string,
    ask: Questions[K]["ask"],
    onProgress: Progress,
  ) => Promise<Questions[K]["give"]>;
};

const ANSWERERS: Answerers = {
  answer: (engine, network, { content, complete }, onProgress) =>
    engine.answer(network, content, { complete, onProgress }),
  key: async (engine, network, { content, complete }) => engine.keyOf(network, content, complete),
  "single-points": async (engine, network, { level }) => {
    const { currency, treatments } = engine.prepared(network).built;
    return { points: engine.singlePoints(network, level), currency, treatments };
  },
  "site-measures": async (engine, network, ask, onProgress) => ({
    key: engine.keyFor(network, ask, ask.seed),
    measurement: measureSites(engine.prepared(network), await engine.solver(), ask, onProgress),
  }),
  alternatives: async (engine, network, ask) => ({
    alternatives: await engine.alternatives(network, ask),
    currency: engine.prepared(network).built.currency,
  }),
  plan: async (engine, network, ask, onProgress) => {
    const plan = planFigures(engine.prepared(network), await engine.solver(), ask, onProgress);
    return { key: engine.keyFor(network, ask, null), plan, resultHash: hashOf(plan) };
  },
  "plan-at": async (engine, _, { effects, budgetPerYearMinor }) =>
    planAtBudget(await engine.solver(), effects, budgetPerYearMinor),
  "plan-losses": async (engine, network, { events }) => lossesWith(engine.prepared(network), events, []),
  "cut-sets": async (engine, network, { order, ...pair }) => engine.cutSets(network, pair, order),
};

export async function giveAnswer(engine: Engine, request: Request, onProgress: Progress): Promise<unknown> {
  const { network, facts, kind, ask } = request;
  if (facts) await engine.prepare(network, facts);
  const answer = ANSWERERS[kind] as (...parts: [Engine, string, unknown, Progress]) => Promise<unknown>; // `ask` is of its kind
  return answer(engine, network, ask, onProgress);
}
