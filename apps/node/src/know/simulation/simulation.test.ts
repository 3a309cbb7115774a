import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { startTestNode, type TestCaller, type TestNode } from "../../../../../test/node.ts";

const evidence = { source: "test", observedAt: "2026-01-15", confidencePercent: 80 };
let house: TestNode;
let analyst: TestCaller;
const id: Record<string, string> = {};

async function create(segment: string, draft: object): Promise<string> {
  const answer = await analyst.send("POST", `/api/know/registry/${segment}`, { evidence, ...draft });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

const SIMULATION = "/api/know/simulation";

/** The hand case of the reference sheet, section 12, with rates per year: A -> P, 5 days of input, 20 units of output, lag 1. */
before(async () => {
  house = await startTestNode();
  analyst = await house.signedIn("analyst");
  id["owner"] = await create("organisations", { name: "Ore Group", country: "SE" });
  id["other"] = await create("organisations", { name: "Metal House", country: "DE" });
  for (const [name, organisation, country] of [
    ["pit", "owner", "CL"],
    ["works", "other", "DE"],
  ] as const)
    id[name] = await create("sites", {
      name,
      kind: "plant",
      country,
      organisation: id[organisation],
      replaceDays: 14,
      position: { latitude: 10, longitude: 20 },
    });
  for (const name of ["ore", "metal"]) id[name] = await create("items", { name, kind: "material", unit: "TNE" });
  await create("recipes", {
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
  await create("stocks", { site: id["works"], item: id["metal"], quantity: "20" });
  await create("demands", {
    site: id["works"],
    item: id["metal"],
    quantityPerYear: "3650",
    marginPerYearMinor: 18_250,
    currency: "EUR",
  });
});

const pitStops = (days: number, more: object = {}) => ({ parts: [{ kind: "site", site: id["pit"], days, ...more }] });

async function ask(content: object) {
  const answer = await analyst.send("POST", `${SIMULATION}/what-if`, content);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

async function finished(run: string) {
  for (let i = 0; i < 200; i++) {
    const { body } = await analyst.send("GET", `${SIMULATION}/runs/${run}`);
    if (body.state !== "waiting" && body.state !== "running") return body;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`run ${run} did not end`);
}

async function started(scenario: string, more: object = {}) {
  const { status, body, text } = await analyst.send("POST", `${SIMULATION}/runs`, { scenario, ...more });
  assert.equal(status, 202, text);
  return finished(body.id);
}

test("answers the hand case at once: eight days survived, a loss of 300 from below and above", async () => {
  const answer = await ask({ ...pitStops(14), horizonDays: 14 });
  assert.deepEqual(answer.lossMinor, { low: 300, switching: 300, high: 300 });
  assert.deepEqual([answer.survive.daysLow, Math.round(answer.survive.daysHigh * 1e6) / 1e6], [8, 8]);
  assert.deepEqual([answer.isExposed, answer.recoverDays, answer.gapDays.high], [true, 14, 6]);
  assert.deepEqual(
    answer.sites.map((stop: { label: string; shortFrom: number; bridgeDays: number; isHit: boolean }) => [
      stop.label,
      stop.isHit,
      stop.shortFrom,
      stop.bridgeDays,
    ]),
    [
      ["pit", true, 0, 0],
      ["works", false, 6, 5],
    ],
  );
  assert.equal(answer.products[0].unservedFrom, 8);
  assert.match(answer.paragraph, /first of them works on day 6, when its ore runs out/);
  assert.equal(answer.currency, "EUR");
  assert.deepEqual(
    answer.treatments.map((each: { code: string }) => each.code),
    ["no-capacity", "rise-unknown"],
  );
});

test("lets an export stop spare the country itself, and what has passed the border arrive", async () => {
  const abroad = await ask({ parts: [{ kind: "country", country: "CL", exportsOnly: true, days: 14 }] });
  assert.ok(abroad.lossMinor.low > 0 && abroad.lossMinor.low <= abroad.lossMinor.high);
  assert.deepEqual(
    abroad.sites.map((stop: { label: string }) => stop.label),
    ["works"],
  );
  const none = await analyst.send("POST", `${SIMULATION}/what-if`, {
    parts: [{ kind: "country", country: "DE", exportsOnly: true, days: 14 }],
  });
  assert.deepEqual([none.status, none.body.code], [422, "simulation/nothing-hit"]);
});

test("counts a day once that two parts of a scenario take", async () => {
  const twice = await ask({
    horizonDays: 14,
    parts: [...pitStops(14).parts, { kind: "supplier", organisation: id["owner"], days: 10, startDay: 2 }],
  });
  assert.deepEqual(twice.lossMinor, { low: 300, switching: 300, high: 300 });
});

test("saves a scenario, runs it as a job, reuses the result and replays it to the same bytes", async () => {
  const made = await analyst.send("POST", `${SIMULATION}/scenarios`, {
    name: "The pit stops",
    ...pitStops(14),
    horizonDays: 14,
  });
  assert.equal(made.status, 201, made.text);
  const first = await started(made.body.id);
  assert.deepEqual([first.state, first.reused, first.lossMinor], ["done", false, { low: 300, high: 300 }]);
  const second = await started(made.body.id);
  assert.deepEqual([second.state, second.reused], ["done", true]);
  const [a, b] = await Promise.all(
    [first, second].map(async ({ id: run }) => (await analyst.send("GET", `${SIMULATION}/runs/${run}/answer`)).body),
  );
  assert.equal(a.manifest.resultHash, b.manifest.resultHash);
  const replay = await analyst.send("POST", `${SIMULATION}/runs/${first.id}/replay`);
  assert.equal(replay.status, 202, replay.text);
  for (;;) {
    const { body } = await analyst.send("GET", `/api/platform/jobs/${replay.body.jobId}`);
    if (body.endedAt === null) continue;
    assert.deepEqual([body.state, body.result.isSame], ["succeeded", true]);
    break;
  }
  const saved = await analyst.send("GET", `${SIMULATION}/scenarios/${made.body.id}`);
  assert.equal(saved.body.latestRun, second.id);
});

test("keeps an answer of yesterday's registry, and gives another when it has changed", async () => {
  const made = await analyst.send("POST", `${SIMULATION}/scenarios`, { name: "Before and after", ...pitStops(30) });
  const before = new Date().toISOString();
  const old = await started(made.body.id);
  await create("stocks", { site: id["pit"], item: id["ore"], quantity: "100" });
  const fresh = await started(made.body.id);
  const again = await started(made.body.id, { asOf: before });
  assert.deepEqual(
    [fresh.lossMinor.high < old.lossMinor.high, fresh.reused, again.reused, again.lossMinor],
    [true, false, true, old.lossMinor],
  );
  const both = await analyst.send("GET", `${SIMULATION}/comparison?left=${old.id}&right=${fresh.id}`);
  assert.deepEqual([both.status, both.body.sameInputs], [200, false]);
  assert.ok(both.body.figures.length > 5 && both.body.products.length === 1);
});

test("edits a scenario of the version that was read, and no other", async () => {
  const made = await analyst.send("POST", `${SIMULATION}/scenarios`, { name: "Draft", ...pitStops(3) });
  const path = `${SIMULATION}/scenarios/${made.body.id}`;
  const draft = { name: "Changed", ...pitStops(4) };
  const edited = await analyst.send("PUT", path, draft, { "if-match": '"1"' });
  assert.deepEqual([edited.status, edited.body.version, edited.body.parts[0].days], [200, 2, 4]);
  assert.equal((await analyst.send("PUT", path, draft, { "if-match": '"1"' })).status, 412);
  const retired = await analyst.send("POST", `${path}/retirement`, { state: "retired" }, { "if-match": '"2"' });
  assert.deepEqual([retired.status, retired.body.state], [200, "retired"]);
});

test("names what alone stops a product, and the pairs that do", async () => {
  const points = await analyst.send("GET", `${SIMULATION}/single-points`);
  assert.deepEqual(
    points.body.items.map((point: { label: string; productsCount: number; marginPerYearMinor: number }) => [
      point.label,
      point.productsCount,
      point.marginPerYearMinor,
    ]),
    [["pit", 1, 18_250]],
  );
  const sets = await analyst.send("GET", `${SIMULATION}/cut-sets?site=${id["works"]}&item=${id["metal"]}`);
  assert.deepEqual(sets.body.sets.map((set: { label: string }[]) => set.map(({ label }) => label)).sort(), [
    ["pit"],
    ["works"],
  ]);
});

test("refuses what is not there, with a code that says so", async () => {
  const unknown = crypto.randomUUID();
  for (const [method, path, body, code] of [
    ["GET", `scenarios/${unknown}`, undefined, "simulation/scenario-not-found"],
    ["GET", `runs/${unknown}/answer`, undefined, "simulation/run-not-found"],
    ["POST", "runs", { scenario: unknown }, "simulation/scenario-not-found"],
    ["POST", "what-if", { parts: [{ kind: "site", site: unknown, days: 1 }] }, "simulation/reference-unknown"],
    [
      "POST",
      "what-if",
      { parts: [{ kind: "chokepoint", chokepoint: "Nowhere", days: 1 }] },
      "simulation/reference-unknown",
    ],
    ["GET", `cut-sets?site=${id["pit"]}&item=${id["metal"]}`, undefined, "simulation/reference-unknown"],
  ] as const) {
    const answer = await analyst.send(method, `${SIMULATION}/${path}`, body);
    assert.equal(answer.body.code, code, answer.text);
  }
});

test("shares stocks under a rule: the ones that are short gain, and units are conserved", async () => {
  id["third"] = await create("organisations", { name: "Idle House", country: "FR" });
  id["store"] = await create("sites", { name: "store", kind: "plant", country: "FR", organisation: id["third"] });
  await create("stocks", { site: id["store"], item: id["ore"], quantity: "500" });
  await create("capacities", { site: id["store"], item: id["ore"], quantityPerYear: "3650", outputPerYear: "3650" });
  const pool = { name: "Ore pool", item: id["ore"], members: [id["other"], id["third"]], shareCapacity: false };
  const alone = await ask(pitStops(60));
  for (const rule of ["equal", "need", "contribution"]) {
    const answer = await ask({ ...pitStops(60), pools: [{ ...pool, rule }] });
    const [works, store] = answer.pools[0].members;
    assert.deepEqual(
      [works.putsInUnits, store.putsInUnits, works.takesOutUnits, store.takesOutUnits],
      [50, 500, 550, 0],
      rule,
    );
    assert.ok(works.gainMinor > 0 && answer.lossMinor.high < alone.lossMinor.high);
  }
});

test("ranks who could step in when a site stops, with the switch time", async () => {
  const { body } = await analyst.send("GET", `${SIMULATION}/alternatives?site=${id["pit"]}&days=60`);
  assert.deepEqual([body.currency, body.items], ["EUR", []]);
  const recipes = await analyst.send("GET", `/api/know/registry/recipes?limit=1`);
  const [recipe] = recipes.body.items;
  const groups = [
    {
      ...recipe.groups[0],
      suppliers: [
        ...recipe.groups[0].suppliers,
        { site: id["store"], item: id["ore"], sharePpm: 0, maxSharePpm: 400_000, switchDays: 4 },
      ],
    },
  ];
  const current = await analyst.send("GET", `/api/know/registry/recipes/${recipe.id}`);
  const changed = await analyst.send(
    "PUT",
    `/api/know/registry/recipes/${recipe.id}`,
    { site: recipe.site, item: recipe.item, groups, evidence },
    { "if-match": current.headers.get("etag") ?? "" },
  );
  assert.equal(changed.status, 200, changed.text);
  await create("stocks", { site: id["works"], item: id["ore"], quantity: "1" });
  const after = await analyst.send("GET", `${SIMULATION}/alternatives?site=${id["pit"]}&days=200`);
  assert.deepEqual(
    after.body.items.map((each: { supplier: { label: string }; switchDays: number }) => [
      each.supplier.label,
      each.switchDays,
    ]),
    [["store", 4]],
  );
});
