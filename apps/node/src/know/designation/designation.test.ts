import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { startTestNode, type TestCaller, type TestNode } from "../../../../../test/node.ts";

const PPM = 1_000_000;
const evidence = { source: "test", observedAt: "2026-01-15", confidencePercent: 80 };
let node: TestNode;
let analyst: TestCaller;
let steward: TestCaller;
const id: Record<string, string> = {};

const base = "/api/know/designation";
const get = async (path: string) => (await analyst.send("GET", `${base}${path}`)).body;

async function create(segment: string, draft: object): Promise<string> {
  const answer = await analyst.send("POST", `/api/know/registry/${segment}`, { evidence, ...draft });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

async function finished(jobId: string): Promise<{ state: string; result: unknown; problem: { code: string } | null }> {
  for (;;) {
    const { body } = await steward.send("GET", `/api/platform/jobs/${jobId}`);
    if (body.state !== "waiting" && body.state !== "running") return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As `finished`, of a job that the analyst started. */
async function previewed(criteria: string): Promise<void> {
  const started = await analyst.send("POST", `${base}/criteria/${criteria}/preview`);
  assert.equal(started.status, 202, started.text);
  while ((await get(`/criteria/${criteria}/preview`)).state !== "ready")
    await new Promise((resolve) => setTimeout(resolve, 50));
}

const rule = (tier: number, ...all: object[]) => ({ id: `rule-${tier}`, title: `rule of tier ${tier}`, tier, all });
const propose = async (...rules: object[]) =>
  (await analyst.send("POST", `${base}/criteria`, { title: "New criteria", rationale: "because", rules })).body;
const decide = (criteria: string, decision: string) =>
  steward.send("POST", `${base}/criteria/${criteria}/decision`, { decision, reason: "after discussion" });

before(async () => {
  node = await startTestNode();
  [analyst, steward] = [await node.signedIn("analyst"), await node.signedIn("steward")];
  id["owner"] = await create("organisations", { name: "Gallium Group", country: "DE" });
  for (const [name, more] of [
    ["refinery", { replaceDays: 400, publicSafety: "upper-tier" }],
    ["fab", { replaceDays: 900 }],
    ["second fab", {}],
    ["warehouse", {}],
  ] as const)
    id[name] = await create("sites", { name, kind: "plant", country: "DE", organisation: id["owner"], ...more });
  id["gallium"] = await create("items", {
    name: "gallium",
    kind: "material",
    unit: "TNE",
    mineral: { mineral: "gallium", stage: "refinery" },
    lists: ["EU critical 2024"],
  });
  id["chip"] = await create("items", { name: "chip", kind: "product", unit: "H87" });
  const chip = (site: string) => ({
    site,
    item: id["chip"],
    groups: [
      {
        name: "gallium",
        quantityPerUnit: "0.001",
        essentiality: "essential",
        suppliers: [{ site: id["refinery"], item: id["gallium"], sharePpm: PPM }],
      },
    ],
  });
  await create("recipes", chip(id["fab"]!)); // created above
  await create("recipes", chip(id["second fab"]!)); // as above
  await create("capacities", { site: id["refinery"], item: id["gallium"], quantityPerYear: "61" }); // of 610 t
});

test("a new node has criteria in force, and applies them when asked to", async () => {
  const inForce = await get("/in-force");
  assert.deepEqual([inForce.number, inForce.state, inForce.title], [1, "in-force", "Initial criteria"]);
  const { jobId } = (await steward.send("POST", `${base}/evaluation`)).body;
  const job = await finished(jobId);
  assert.deepEqual([job.state, job.result], ["succeeded", { changes: 1 }]);
  const tier = await get(`/sites/${id["refinery"]}`);
  assert.deepEqual([tier.tier, tier.criteriaNumber], [1, 1]);
  assert.deepEqual(
    tier.reasons.map(({ rule: of }: { rule: string }) => of),
    ["sole-source-slow", "world-share-listed", "public-safety", "sole-source-listed", "world-share-notable"],
  );
  assert.equal(tier.reasons[1].findings[0].text, "makes 10.0 % of the world's output of gallium");
  const summary = await get("/summary");
  assert.deepEqual(summary.counts, [
    { tier: 1, count: 1 },
    { tier: null, count: 3 },
  ]);
});

test("the registry's lists filter by tier, and a site's page says it", async () => {
  const { items } = (await analyst.send("GET", "/api/know/registry/sites?tier=1")).body;
  assert.deepEqual(
    items.map(({ name, tier }: Record<string, unknown>) => [name, tier]),
    [["refinery", 1]],
  );
  assert.deepEqual(
    (await get("/sites?tier=1&country=DE")).items.map(({ site }: { site: { label: string } }) => site.label),
    ["refinery"],
  );
  assert.deepEqual((await get("/sites?country=FR")).items, []);
});

test("what could not be decided is told with the fact that is missing", async () => {
  const tier = await get(`/sites/${id["warehouse"]}`);
  assert.equal(tier.tier, null);
  assert.deepEqual(
    tier.undecided.map(({ rule: of, missing }: { rule: string; missing: string[] }) => [of, missing]),
    [["public-safety", ["publicSafety"]]],
  );
});

test("a draft shows who changes tier before it takes effect, and adopting it does exactly that", async () => {
  const draft = await propose(
    rule(2, { measure: "dependent-sites", atLeast: 2, through: "sole-essential-input" }),
    rule(3, { measure: "replace-days", atLeast: 800 }),
  );
  assert.deepEqual([draft.state, draft.version], ["draft", 1]);
  assert.equal((await decide(draft.id, "adopt")).body.code, "designation/not-previewed");
  await previewed(draft.id);
  const preview = await get(`/criteria/${draft.id}/preview`);
  assert.deepEqual(preview.moves, [
    { from: 1, to: 2, count: 1 },
    { from: null, to: 3, count: 1 },
    { from: null, to: null, count: 2 },
  ]);
  const changes = (await get(`/criteria/${draft.id}/preview/changes`)).items;
  assert.deepEqual(
    changes
      .map(({ site, from, to }: { site: { label: string }; from: unknown; to: unknown }) => [site.label, from, to])
      .sort(),
    [
      ["fab", null, 3],
      ["refinery", 1, 2],
    ],
  );
  assert.equal((await get(`/sites/${id["refinery"]}`)).tier, 1, "nothing has changed yet");

  const adopted = await decide(draft.id, "adopt");
  assert.deepEqual([adopted.body.state, adopted.body.decisionReason], ["in-force", "after discussion"]);
  assert.deepEqual([(await get(`/sites/${id["refinery"]}`)).tier, (await get(`/sites/${id["fab"]}`)).tier], [2, 3]);
  const history = (await get(`/sites/${id["refinery"]}/history`)).items;
  assert.deepEqual(
    history.map(({ tier, criteriaNumber, until }: Record<string, unknown>) => [tier, criteriaNumber, until !== null]),
    [
      [2, 2, false],
      [1, 1, true],
    ],
  );
  assert.deepEqual(
    (await get("/criteria")).items.map(({ number, state }: Record<string, unknown>) => [number, state]),
    [
      [2, "in-force"],
      [1, "superseded"],
    ],
  );
  assert.equal((await decide(draft.id, "adopt")).body.code, "designation/not-a-draft");
});

test("a preview is no longer good once the draft or the tiers have changed", async () => {
  const draft = await propose(rule(1, { measure: "country", anyOf: ["DE"] }));
  await previewed(draft.id);
  const body = { title: "Changed", rationale: "because", rules: [rule(1, { measure: "site-kind", anyOf: ["mine"] })] };
  const edited = await analyst.send("PUT", `${base}/criteria/${draft.id}`, body, { "if-match": '"1"' });
  assert.deepEqual([edited.status, edited.headers.get("etag")], [200, '"2"']);
  assert.equal((await analyst.send("PUT", `${base}/criteria/${draft.id}`, body, { "if-match": '"1"' })).status, 412);
  assert.equal((await decide(draft.id, "adopt")).body.code, "designation/not-previewed");
  await previewed(draft.id);
  const other = await propose(rule(3, { measure: "country", anyOf: ["DE"] }));
  await previewed(other.id);
  assert.equal((await decide(other.id, "adopt")).status, 200);
  assert.equal((await decide(draft.id, "adopt")).body.code, "designation/preview-outdated");
  assert.equal((await decide(draft.id, "reject")).body.state, "rejected");
});

test("a site that is retired loses its tier at the next evaluation, and its history says so", async () => {
  const evaluate = async () => finished((await steward.send("POST", `${base}/evaluation`)).body.jobId);
  assert.equal((await get(`/sites/${id["warehouse"]}`)).tier, 3);
  await analyst.send(
    "POST",
    `/api/know/registry/sites/${id["warehouse"]}/retire`,
    { reason: "sold", evidence },
    { "if-match": '"1"' },
  );
  await evaluate();
  assert.deepEqual(
    (await get(`/sites/${id["warehouse"]}/history`)).items.map(({ tier }: { tier: unknown }) => tier),
    [null, 3],
  );
  const again = await evaluate();
  assert.deepEqual(again.result, { changes: 0 });
  assert.equal(
    (await get(`/sites/${id["warehouse"]}/history`)).items.length,
    2,
    "an evaluation that changes nothing adds no history",
  );
});

test("refuses doubled rules, unknown criteria and an analyst who decides", async () => {
  const doubled = await analyst.send("POST", `${base}/criteria`, {
    title: "x",
    rationale: "y",
    rules: [rule(1, { measure: "replace-days", atLeast: 1 }), rule(1, { measure: "replace-days", atLeast: 2 })],
  });
  assert.equal(doubled.body.code, "designation/duplicate-rule");
  assert.equal(
    (await analyst.send("GET", `${base}/criteria/${crypto.randomUUID()}`)).body.code,
    "designation/criteria-not-found",
  );
  assert.equal(
    (await analyst.send("GET", `${base}/sites/${crypto.randomUUID()}`)).body.code,
    "designation/site-not-found",
  );
  const draft = await propose(rule(1, { measure: "replace-days", atLeast: 1 }));
  assert.equal(
    (await analyst.send("POST", `${base}/criteria/${draft.id}/decision`, { decision: "adopt", reason: "me" })).status,
    403,
  );
  assert.equal((await analyst.send("GET", `${base}/sites?after=nonsense`)).body.code, "registry/page-token-invalid");
});

test("makes one preview of a draft at a time", async () => {
  const draft = await propose(rule(1, { measure: "replace-days", atLeast: 1 }));
  const start = () => analyst.send("POST", `${base}/criteria/${draft.id}/preview`);
  const answers = await Promise.all([start(), start()]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [202, 409]);
  assert.equal(answers.find(({ status }) => status === 409)?.body.code, "designation/preview-running");
});

test("says that no criteria are in force where there are none", async () => {
  await node.node.database.pool.query("update designation_criteria set state = 'superseded' where state = 'in-force'");
  assert.equal((await get("/in-force")).code, "designation/none-in-force");
  assert.equal((await steward.send("POST", `${base}/evaluation`)).body.code, "designation/none-in-force");
});
