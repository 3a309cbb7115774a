import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { startTestNode, type TestCaller, type TestNode } from "../../../../../test/node.ts";
import { totalOf } from "./site-measures.ts";

const RISK = "/api/know/risk";
const evidence = { source: "test", observedAt: "2026-01-15", confidencePercent: 80 };
let house: TestNode;
let analyst: TestCaller;
let steward: TestCaller;
const id: Record<string, string> = {};

async function create(segment: string, draft: object): Promise<string> {
  const answer = await analyst.send("POST", `/api/know/registry/${segment}`, { evidence, ...draft });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

/** A mine that a works needs; the mine floods often. */
before(async () => {
  house = await startTestNode();
  analyst = await house.signedIn("analyst");
  steward = await house.signedIn("steward");
  id["owner"] = await create("organisations", { name: "Ore Group", country: "CL" });
  for (const [name, country, level] of [
    ["pit", "CL", 5],
    ["works", "DE", 1],
  ] as const)
    id[name] = await create("sites", {
      name,
      kind: "plant",
      country,
      organisation: id["owner"],
      replaceDays: 100,
      hazards: [{ threat: "natural-hazard", level }],
    });
  for (const name of ["ore", "metal"]) id[name] = await create("items", { name, kind: "material", unit: "TNE" });
  id["recipe"] = await create("recipes", {
    site: id["works"],
    item: id["metal"],
    groups: [
      {
        name: "ore",
        quantityPerUnit: "1",
        essentiality: "essential",
        stockDays: 5,
        suppliers: [{ site: id["pit"], item: id["ore"], sharePpm: 1_000_000 }],
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
});

async function measured(): Promise<void> {
  const started = await analyst.send("POST", `${RISK}/measurements`, { years: 20_000, seed: 7 });
  assert.equal(started.status, 202, started.text);
  await ended(started.body.jobId);
}

async function ended(jobId: string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    const { body } = await analyst.send("GET", `/api/platform/jobs/${jobId}`);
    if (body.endedAt !== null) return assert.equal(body.state, "succeeded", JSON.stringify(body.problem));
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("the measurement did not end");
}

const measureOf = async (site: string, query = "") =>
  (await analyst.send("GET", `${RISK}/sites/${site}/measure${query}`)).body;

test("says that nothing was measured yet, and measures every site alike", async () => {
  assert.equal((await measureOf(id["pit"] ?? "")).code, "site-measure/none-yet");
  assert.equal((await analyst.send("GET", `${RISK}/ranking`)).body.measurement, null);
  await measured();
  const { body } = await analyst.send("GET", `${RISK}/ranking`);
  assert.deepEqual(
    body.items.map(({ label }: { label: string }) => label),
    ["pit", "works"],
  );
  const [pit, works] = body.items;
  assert.ok(pit.expectedMinor > works.expectedMinor && works.expectedMinor > 0);
  assert.ok(pit.expectedLowMinor < pit.expectedMinor && pit.expectedMinor < pit.expectedHighMinor);
  assert.ok(pit.cvar99Minor >= pit.cvar95Minor && pit.cvar95Minor >= pit.expectedMinor);
  assert.deepEqual([pit.esriPpm, works.esriPpm], [1_000_000, 1_000_000]);
  assert.deepEqual([pit.surviveDaysLow, pit.gapDaysHigh, works.gapDaysLow], [6, 94, 100]);
  assert.ok(body.measurement.portfolio.expectedMinor >= pit.expectedMinor);
  assert.ok(body.measurement.portfolio.exceedance.length > 3);
});

test("draws the same years again: a measurement of equal facts adds nothing to the history", async () => {
  await measured();
  const { body } = await analyst.send("GET", `${RISK}/sites/${id["pit"]}/measure/history`);
  assert.equal(body.items.length, 1);
});

test("keeps what a measure was, and tells of one that moved past the threshold", async () => {
  const before = new Date().toISOString();
  const old = await measureOf(id["pit"] ?? "");
  await create("stocks", { site: id["pit"], item: id["ore"], quantity: "400" });
  await measured();
  const now = await measureOf(id["pit"] ?? "");
  assert.ok(now.measure.expectedMinor < old.measure.expectedMinor);
  assert.deepEqual(
    (await measureOf(id["pit"] ?? "", `?asOf=${before}`)).measure.expectedMinor,
    old.measure.expectedMinor,
  );
  const history = await analyst.send("GET", `${RISK}/sites/${id["pit"]}/measure/history`);
  assert.equal(history.body.items.length, 2);
  await house.node.outbox.deliverDue();
  const alerts = await analyst.send("GET", `${RISK}/alerts`);
  assert.deepEqual(
    alerts.body.items.map((alert: { label: string; beforeMinor: number }) => [alert.label, alert.beforeMinor]),
    [["pit", old.measure.expectedMinor]],
  );
});

test("is calibrated by a table that says so, of the version that was read", async () => {
  const { body } = await analyst.send("GET", `${RISK}/calibration`);
  assert.deepEqual([body.version, body.isDefault], [0, true]);
  const { levels, downtimes, alertPpm } = body;
  const draft = { levels, downtimes, alertPpm, source: "Plant records 2016 to 2025" };
  const changed = await analyst.send("PUT", `${RISK}/calibration`, draft, { "if-match": '"0"' });
  assert.deepEqual([changed.status, changed.body.version, changed.body.isDefault], [200, 1, false], changed.text);
  assert.equal((await analyst.send("PUT", `${RISK}/calibration`, draft, { "if-match": '"0"' })).status, 412);
  const wrong = { ...draft, levels: levels.with(0, { lowPerYear: 1, perYear: 0.1, highPerYear: 2 }) };
  const refused = await analyst.send("PUT", `${RISK}/calibration`, wrong, { "if-match": '"1"' });
  assert.equal(refused.body.code, "site-measure/calibration-incomplete");
});

test("shows scores of other methods beside the measure, and recomputes a printed CARVER total", async () => {
  const values = {
    criticality: 8,
    accessibility: 9,
    recuperability: 3,
    vulnerability: 8,
    effect: 5,
    recognizability: 6,
  };
  const score = {
    site: id["pit"],
    method: "carver",
    values,
    statedTotal: 41,
    source: "Published table",
    assessedAt: "2026-01-01",
  };
  const before = (await measureOf(id["pit"] ?? "")).measure;
  const added = await analyst.send("POST", `${RISK}/scores`, { scores: [score] });
  assert.equal(added.status, 201, added.text);
  const { scores, measure } = await measureOf(id["pit"] ?? "");
  assert.deepEqual([scores[0].total, scores[0].isTotalWrong], [39, true]);
  assert.deepEqual(measure, before);
  assert.throws(() => totalOf({ ...score, method: "carver", site: "", values: { criticality: 11 } }), /six values/);
  const nowhere = await analyst.send("POST", `${RISK}/scores`, { scores: [{ ...score, site: crypto.randomUUID() }] });
  assert.equal(nowhere.body.code, "site-measure/site-not-found");
});

test("keeps risks with owner and treatment, accepts one until a day on record, and shows when that has passed", async () => {
  const draft = {
    title: "The pit floods",
    threat: "natural-hazard",
    site: id["pit"],
    owner: "Head of supply",
    treatment: { kind: "mitigate", text: "Raise the dam", dueOn: "2027-06-30" },
    evidence: [{ text: "Survey of 2025", reference: "https://example.org/survey" }],
  };
  const made = await analyst.send("POST", `${RISK}/register`, draft);
  assert.deepEqual([made.status, made.body.state, made.body.number], [201, "open", 1], made.text);
  assert.ok(made.body.expectedMinor > 0 && made.body.labels[id["pit"] ?? ""] === "pit");
  const path = `${RISK}/register/${made.body.id}`;
  const denied = await analyst.send(
    "POST",
    `${path}/acceptance`,
    { until: "2099-01-01", reason: "x" },
    { "if-match": '"1"' },
  );
  assert.equal(denied.status, 403);
  const past = await steward.send(
    "POST",
    `${path}/acceptance`,
    { until: "2020-01-01", reason: "Rare" },
    { "if-match": '"1"' },
  );
  assert.equal(past.body.code, "risk-register/acceptance-past");
  const accepted = await steward.send(
    "POST",
    `${path}/acceptance`,
    { until: "2099-01-01", reason: "Rare" },
    { "if-match": '"1"' },
  );
  assert.deepEqual(
    [accepted.status, accepted.body.state, accepted.body.acceptedUntil],
    [200, "accepted", "2099-01-01"],
  );
  const statements = await analyst.send("GET", `/api/prove/ledger/statements?subject=urn:uuid:${made.body.id}`);
  assert.deepEqual(
    statements.body.items.map(({ kind }: { kind: string }) => kind),
    ["risk/accepted"],
  );
  await house.node.database.pool.query(
    "update risk_register set accepted_until = '2020-01-01' where state = 'accepted'",
  );
  const expired = await analyst.send("GET", `${RISK}/register?state=expired`);
  assert.deepEqual(
    expired.body.items.map(({ state }: { state: string }) => state),
    ["expired"],
  );
  const edited = await analyst.send(
    "PUT",
    path,
    { ...draft, title: "The pit floods more often" },
    { "if-match": '"2"' },
  );
  assert.deepEqual([edited.status, edited.body.state, edited.body.acceptedUntil], [200, "open", null]);
  const closed = await analyst.send(
    "POST",
    `${path}/closing`,
    { state: "closed", reason: "Dam raised" },
    { "if-match": '"3"' },
  );
  assert.equal(closed.body.state, "closed");
  const versions = await analyst.send("GET", `${path}/versions`);
  assert.deepEqual(
    versions.body.items.map(({ state }: { state: string }) => state),
    ["closed", "open", "accepted", "open"],
  );
  const nowhere = await analyst.send("POST", `${RISK}/register`, { ...draft, site: crypto.randomUUID() });
  assert.equal(nowhere.body.code, "risk-register/reference-unknown");
  assert.equal(
    (await analyst.send("GET", `${RISK}/register/${crypto.randomUUID()}`)).body.code,
    "risk-register/not-found",
  );
});

test("asks for the next measurement once when the registry has changed", async () => {
  await create("stocks", { site: id["works"], item: id["metal"], quantity: "50" });
  const asked = await Promise.all([house.node.measures.measureIfChanged(), house.node.measures.measureIfChanged()]);
  assert.deepEqual(asked.toSorted(), [false, true]);
});
