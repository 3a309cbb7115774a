import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { startTestNode, type TestCaller, type TestNode } from "../../../../../test/node.ts";

const PLANS = "/api/know/investment/plans";
const evidence = { source: "test", observedAt: "2026-01-15", confidencePercent: 80 };
let house: TestNode;
let analyst: TestCaller;
const id: Record<string, string> = {};

async function create(segment: string, draft: object): Promise<string> {
  const answer = await analyst.send("POST", `/api/know/registry/${segment}`, { evidence, ...draft });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

/** A works in Germany that buys ore from a pit in Chile; another pit in Sweden could deliver, and one at home is small. */
before(async () => {
  house = await startTestNode();
  analyst = await house.signedIn("analyst", "steward");
  id["owner"] = await create("organisations", { name: "Ore Group", country: "CL" });
  for (const [name, country] of [
    ["pit", "CL"],
    ["other pit", "SE"],
    ["home pit", "DE"],
    ["works", "DE"],
  ] as const)
    id[name] = await create("sites", { name, kind: "plant", country, organisation: id["owner"] });
  for (const name of ["ore", "metal"]) id[name] = await create("items", { name, kind: "material", unit: "TNE" });
  for (const site of ["other pit", "home pit"])
    await create("capacities", { site: id[site], item: id["ore"], quantityPerYear: "7300", outputPerYear: "3650" });
  id["recipe"] = await create("recipes", {
    site: id["works"],
    item: id["metal"],
    groups: [
      {
        name: "ore",
        quantityPerUnit: "1",
        essentiality: "essential",
        stockDays: 5,
        suppliers: [{ site: id["pit"], item: id["ore"], sharePpm: 1_000_000, leadDays: 1 }],
      },
    ],
  });
  await create("demands", {
    site: id["works"],
    item: id["metal"],
    quantityPerYear: "3650",
    marginPerYearMinor: 3_650_000,
    currency: "EUR",
  });
  const scenario = await analyst.send("POST", "/api/know/simulation/scenarios", {
    name: "The pit stops for a month",
    parts: [{ kind: "site", site: id["pit"], days: 30 }],
  });
  id["scenario"] = scenario.body.id;
});

const draft = (more: object = {}) => ({
  name: "Ore for a month",
  events: [{ scenario: id["scenario"], perYear: 0.1 }],
  budgetPerYearMinor: 10_000,
  measures: [
    {
      kind: "stock",
      id: "stock-10",
      title: "Ten days of ore",
      site: id["works"],
      item: id["ore"],
      days: 10,
      costPerYearMinor: 3_000,
    },
    {
      kind: "second-source",
      id: "second",
      title: "The other pit, qualified",
      buyer: id["works"],
      supplier: id["other pit"],
      item: id["ore"],
      partPpm: 1_000_000,
      switchDays: 5,
      costPerYearMinor: 6_000,
      unitCostPpm: 5_000,
    },
    { kind: "hardening", id: "dam", title: "A dam", site: id["pit"], avoidedPpm: 500_000, costPerYearMinor: 9_000 },
    {
      kind: "spare-line",
      id: "line",
      title: "A spare line",
      site: id["works"],
      item: id["metal"],
      capacityPpm: 200_000,
      costPerYearMinor: 2_000,
    },
    {
      kind: "onshoring",
      id: "home",
      title: "Everything from home",
      site: id["home pit"],
      item: id["ore"],
      partPpm: 1_000_000,
      costPerYearMinor: 50_000,
      unitCostPpm: 300_000,
    },
  ],
  ...more,
});

async function ended(jobId: string) {
  for (let i = 0; i < 300; i++) {
    const { body } = await analyst.send("GET", `/api/platform/jobs/${jobId}`);
    if (body.endedAt !== null) return body;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("the job did not end");
}

let plan = "";

test("works a plan out: buys what gives most for the budget, says why, and simulates it again", async () => {
  const made = await analyst.send("POST", PLANS, draft());
  assert.equal(made.status, 201, made.text);
  plan = made.body.id;
  assert.equal((await analyst.send("GET", `${PLANS}/${plan}/result`)).body.code, "investment/no-result");
  const started = await analyst.send("POST", `${PLANS}/${plan}/run`, {});
  const job = await ended(started.body.jobId);
  assert.equal(job.state, "succeeded", JSON.stringify(job.problem));
  const { body } = await analyst.send("GET", `${PLANS}/${plan}/result`);
  assert.deepEqual(
    body.best.measures.map(({ id: measure, verdict }: { id: string; verdict: string }) => [measure, verdict]),
    [
      ["stock-10", "bought"],
      ["second", "bought"],
      ["dam", "no-effect"],
      ["line", "no-effect"],
      ["home", "no-effect"],
    ],
  );
  assert.ok(body.best.gap <= 0.01 && body.best.plan.objectiveMinor <= body.best.greedy.objectiveMinor);
  assert.ok(body.best.costPerYearMinor <= 10_000);
  const [event] = body.events;
  assert.ok(event.afterMinor < event.beforeMinor && event.plannedMinor <= event.beforeMinor);
  assert.ok(body.after.meanMinor < body.before.meanMinor);
  assert.ok(Math.abs(body.before.meanMinor - 0.1 * event.beforeMinor) < 0.03 * event.beforeMinor * 0.1);
  assert.equal(body.frontier.length, 13);
  assert.ok(
    body.best.onshoringOnly.objectiveMinor > body.best.plan.objectiveMinor,
    "onshoring alone doesn't fit the budget",
  );
});

test("answers for another budget from the same effects: more money is never worse", async () => {
  const at = async (budget: number) =>
    (await analyst.send("GET", `${PLANS}/${plan}/at?budgetPerYearMinor=${budget}`)).body;
  const [none, some, all] = [await at(0), await at(3_000), await at(100_000)];
  assert.equal(none.costPerYearMinor, 0);
  assert.ok(some.plan.objectiveMinor < none.plan.objectiveMinor && all.plan.objectiveMinor <= some.plan.objectiveMinor);
  assert.equal(some.measures.find(({ id: measure }: { id: string }) => measure === "second").verdict, "over-budget");
  assert.ok(some.shadowPrice > 0);
});

test("keeps no result of an edited plan, and decides only on what was worked out", async () => {
  const edited = await analyst.send("PUT", `${PLANS}/${plan}`, draft({ name: "Ore, again" }), { "if-match": '"1"' });
  assert.deepEqual([edited.status, edited.body.hasResult], [200, false]);
  const decide = (version: number, bought: string[]) =>
    analyst.send(
      "POST",
      `${PLANS}/${plan}/decision`,
      { bought, reason: "Best for the money" },
      { "if-match": `"${version}"` },
    );
  assert.equal((await decide(2, ["second"])).body.code, "investment/no-result");
  await ended((await analyst.send("POST", `${PLANS}/${plan}/run`, {})).body.jobId);
  assert.equal((await decide(2, ["nothing"])).body.code, "investment/measure-invalid");
  assert.equal((await analyst.send("POST", `${PLANS}/${plan}/deliveries`)).body.code, "investment/not-decided");
  const decided = await decide(2, ["stock-10"]);
  assert.deepEqual([decided.status, decided.body.state, decided.body.bought], [200, "decided", ["stock-10"]]);
  const statements = await analyst.send("GET", `/api/prove/ledger/statements?subject=urn:uuid:${plan}`);
  assert.equal(statements.body.items[0].kind, "investment/decided");
  assert.equal((await analyst.send("POST", `${PLANS}/${plan}/run`, {})).body.code, "investment/not-a-draft");
});

test("measures what was delivered on the registry of today", async () => {
  const before = await analyst.send("GET", `/api/know/registry/recipes/${id["recipe"]}`);
  const { site, item, groups } = before.body.object ?? before.body;
  const changed = await analyst.send(
    "PUT",
    `/api/know/registry/recipes/${id["recipe"]}`,
    { site, item, groups: [{ ...groups[0], stockDays: 15 }], evidence },
    { "if-match": before.headers.get("etag") ?? "" },
  );
  assert.equal(changed.status, 200, changed.text);
  const job = await ended((await analyst.send("POST", `${PLANS}/${plan}/deliveries`)).body.jobId);
  assert.equal(job.state, "succeeded", JSON.stringify(job.problem));
  const { body } = await analyst.send("GET", `${PLANS}/${plan}/deliveries`);
  const [delivery] = body.items;
  assert.ok(delivery.nowMinor < delivery.beforeMinor && delivery.nowMinor > delivery.plannedMinor);
});

test("refuses what is not there, and a measure that would change nothing", async () => {
  const unknown = crypto.randomUUID();
  assert.equal((await analyst.send("GET", `${PLANS}/${unknown}`)).body.code, "investment/plan-not-found");
  const nowhere = await analyst.send("POST", PLANS, draft({ events: [{ scenario: unknown, perYear: 1 }] }));
  assert.equal(nowhere.body.code, "investment/scenario-unknown");
  const idle = {
    kind: "stock",
    id: "idle",
    title: "Idle",
    site: id["pit"],
    item: id["metal"],
    days: 5,
    costPerYearMinor: 1,
  };
  const made = await analyst.send("POST", PLANS, draft({ measures: [idle] }));
  const job = await ended((await analyst.send("POST", `${PLANS}/${made.body.id}/run`, {})).body.jobId);
  assert.deepEqual([job.state, job.problem?.code], ["failed", "investment/measure-invalid"]);
  const poor = await analyst.send(
    "POST",
    PLANS,
    draft({ budgetPerYearMinor: 1, measures: [{ ...draft().measures[0], mustBuy: true }] }),
  );
  const refused = await ended((await analyst.send("POST", `${PLANS}/${poor.body.id}/run`, {})).body.jobId);
  assert.deepEqual([refused.state, refused.problem?.code], ["failed", "supply/plan-infeasible"]);
});
