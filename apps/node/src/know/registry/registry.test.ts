import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { startTestNode, type TestCaller, type TestNode } from "../../../../../test/node.ts";
import { leiCheckDigits } from "./identifier.ts";

const PPM = 1_000_000;
const evidence = { source: "supplier questionnaire", observedAt: "2026-01-15", confidencePercent: 80 };

let node: TestNode;
let analyst: TestCaller;

before(async () => {
  node = await startTestNode();
  analyst = await node.signedIn("analyst");
});

async function created(segment: string, draft: object): Promise<string> {
  const answer = await analyst.send("POST", `/api/know/registry/${segment}`, { evidence, ...draft });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

async function refused(segment: string, draft: object, code: string) {
  const answer = await analyst.send("POST", `/api/know/registry/${segment}`, { evidence, ...draft });
  assert.equal(answer.body?.code, code, answer.text);
  return answer;
}

const organisation = (name: string, more: object = {}) => created("organisations", { name, country: "SE", ...more });
const site = async (name: string, more: { organisation?: string } & Record<string, unknown> = {}) =>
  created("sites", {
    name,
    kind: "plant",
    country: "SE",
    ...more,
    organisation: more.organisation ?? (await organisation(`Owner of ${name}`)),
  });
const item = (name: string, more: object = {}) => created("items", { name, kind: "material", unit: "KGM", ...more });
const group = (name: string, ...suppliers: object[]) => ({
  name,
  quantityPerUnit: "1.5",
  essentiality: "essential",
  suppliers,
});

test("keeps an object with its evidence, its labels and an ETag", async () => {
  const owner = await organisation("Bergslagen Metals AB", {
    lei: `5493001KJTIIGC8Y1R${leiCheckDigits("5493001KJTIIGC8Y1R")}`.toLowerCase(),
  });
  const id = await site("Kopparberg smelter", {
    organisation: owner,
    gln: "6291041500213",
    position: { latitude: 59.87, longitude: 14.99 },
    hazards: [{ threat: "sabotage", level: 3 }],
  });
  const answer = await analyst.send("GET", `/api/know/registry/sites/${id}`);
  assert.equal(answer.headers.get("etag"), '"1"');
  assert.equal(answer.body.labels[owner], "Bergslagen Metals AB");
  assert.deepEqual(answer.body.position, { latitude: 59.87, longitude: 14.99 });
  assert.equal(answer.body.tier, null);
  assert.deepEqual([answer.body.facts.name.source, answer.body.facts.name.version], ["supplier questionnaire", 1]);
  assert.equal(
    (await analyst.send("GET", `/api/know/registry/organisations/${owner}`)).body.lei,
    "5493001KJTIIGC8Y1R12",
  );
});

test("an edit adds a version: the old values stay, each field keeps its own evidence, and asOf answers with the old ones", async () => {
  const id = await organisation("Old Name", { website: "https://old.example" });
  const first = (await analyst.send("GET", `/api/know/registry/organisations/${id}`)).body;
  const later = { source: "annual report", observedAt: "2026-02-01", confidencePercent: 95 };
  const body = { name: "New Name", country: "SE", website: "https://old.example", evidence: later };
  const edited = await analyst.send("PUT", `/api/know/registry/organisations/${id}`, body, { "if-match": '"1"' });
  assert.deepEqual([edited.status, edited.headers.get("etag"), edited.body.name], [200, '"2"', "New Name"]);
  const now = (await analyst.send("GET", `/api/know/registry/organisations/${id}`)).body;
  assert.deepEqual([now.facts.name.source, now.facts.website.source], ["annual report", "supplier questionnaire"]);
  const then = await analyst.send(
    "GET",
    `/api/know/registry/organisations/${id}?asOf=${encodeURIComponent(first.recordedAt)}`,
  );
  assert.deepEqual([then.body.name, then.body.version], ["Old Name", 1]);
  const versions = (await analyst.send("GET", `/api/know/registry/organisations/${id}/versions`)).body;
  assert.deepEqual(versions.items.map((version: { changed: string[] }) => version.changed)[0], ["name"]);
  const again = await analyst.send("PUT", `/api/know/registry/organisations/${id}`, body, { "if-match": '"2"' });
  assert.equal(again.body.version, 2, "an edit that changes nothing adds no version");
});

test("an edit of what somebody else changed is refused, and one without If-Match too (RFC 9110 13.1.1)", async () => {
  const id = await organisation("Contested");
  const put = (ifMatch: Record<string, string>) =>
    analyst.send("PUT", `/api/know/registry/organisations/${id}`, { name: "Mine", country: "SE", evidence }, ifMatch);
  assert.equal((await put({ "if-match": '"1"' })).status, 200);
  assert.equal((await put({ "if-match": '"1"' })).status, 412);
  assert.equal((await put({})).status, 428);
  const both = await Promise.all(
    ["A", "B"].map((name) =>
      analyst.send(
        "PUT",
        `/api/know/registry/organisations/${id}`,
        { name, country: "SE", evidence },
        { "if-match": '"2"' },
      ),
    ),
  );
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412]);
});

test("refuses what the rules refuse, by code, path and value, and stores nothing", async () => {
  const before = (await analyst.send("GET", "/api/know/registry/summary")).body.counts;
  await refused("organisations", { name: "X", country: "UK" }, "registry/unknown-country");
  const lei = await refused(
    "organisations",
    { name: "X", country: "SE", lei: "5493001KJTIIGC8Y1R13" },
    "registry/invalid-lei",
  );
  assert.deepEqual(lei.body.context, { path: "lei", rule: "invalid-lei", value: "5493001KJTIIGC8Y1R13" });
  await refused(
    "organisations",
    { name: "X", country: "SE", identifiers: [{ scheme: "gtin", value: "96385075" }] },
    "registry/invalid-gtin",
  );
  await refused(
    "organisations",
    { name: "X", country: "SE", evidence: { ...evidence, observedAt: "2099-01-01" } },
    "registry/date-in-the-future",
  );
  await refused(
    "sites",
    { name: "X", kind: "mine", country: "SE", organisation: crypto.randomUUID(), gln: "6291041500214" },
    "registry/invalid-gln",
  );
  await refused(
    "sites",
    { name: "X", kind: "mine", country: "SE", organisation: crypto.randomUUID() },
    "registry/unknown-reference",
  );
  await refused("items", { name: "X", kind: "material", unit: "KGM", hsCode: "81" }, "registry/invalid-hs-code");
  await refused("items", { name: "X", kind: "material", unit: "KGM", eccn: "ZZ" }, "registry/invalid-eccn");
  await refused(
    "items",
    { name: "X", kind: "material", unit: "KGM", mineral: { mineral: "gallium", stage: "mine" } },
    "registry/unknown-mineral",
  );
  const two = await refused("organisations", { name: "X", country: "UK", lei: "bad" }, "registry/unknown-country");
  assert.equal(two.body.context.faults.length, 2);
  assert.deepEqual((await analyst.send("GET", "/api/know/registry/summary")).body.counts, before);
});

test("refuses recipes with shares above 100 %, above a supplier's maximum, with doubled suppliers and mixed units", async () => {
  const [maker, supplier, other] = [await site("Maker M"), await site("Supplier S"), await site("Other O")];
  const [product, input, piece] = [
    await item("product P"),
    await item("input I"),
    await item("piece", { unit: "H87" }),
  ];
  const recipe = (...suppliers: object[]) => ({ site: maker, item: product, groups: [group("ore", ...suppliers)] });
  await refused(
    "recipes",
    recipe({ site: supplier, item: input, sharePpm: 600_000 }, { site: other, item: input, sharePpm: 400_001 }),
    "registry/shares-above-whole",
  );
  await refused(
    "recipes",
    recipe({ site: supplier, item: input, sharePpm: 600_000, maxSharePpm: 500_000 }),
    "registry/share-above-maximum",
  );
  await refused(
    "recipes",
    recipe({ site: supplier, item: input, sharePpm: 1 }, { site: supplier, item: input, sharePpm: 1 }),
    "registry/duplicate-supplier",
  );
  await refused(
    "recipes",
    recipe({ site: supplier, item: input, sharePpm: 1 }, { site: supplier, item: piece, sharePpm: 1 }),
    "registry/unit-mismatch",
  );
  await created("recipes", recipe({ site: supplier, item: input, sharePpm: PPM }));
  await refused("recipes", recipe({ site: other, item: input, sharePpm: PPM }), "registry/duplicate-recipe");
  await created("stocks", { site: maker, item: input, quantity: "12.5" });
  await refused("stocks", { site: maker, item: input, quantity: "1" }, "registry/duplicate");
  await refused(
    "capacities",
    { site: maker, item: product, quantityPerYear: "1", outputPerYear: "1.000000001" },
    "registry/output-above-capacity",
  );
  await refused(
    "demands",
    { site: maker, item: product, quantityPerYear: "1", marginPerYearMinor: 5 },
    "registry/margin-without-currency",
  );
  await refused(
    "demands",
    { site: maker, item: product, quantityPerYear: "1", marginPerYearMinor: 5, currency: "ZZZ" },
    "registry/unknown-currency",
  );
  await refused("routes", { from: maker, to: maker, mode: "sea", days: 3 }, "registry/same-ends");
});

test("refuses a recipe that closes a loop across the registry, and tells the loop", async () => {
  const [a, b, c] = [await site("Loop A"), await site("Loop B"), await site("Loop C")];
  const [x, y, z] = [await item("oxide x"), await item("metal y"), await item("scrap z")];
  const makes = (at: string, what: string, from: string, input: string) => ({
    site: at,
    item: what,
    groups: [group("in", { site: from, item: input, sharePpm: PPM })],
  });
  await created("recipes", makes(a, x, b, y));
  await created("recipes", makes(b, y, c, z));
  const answer = await refused("recipes", makes(c, z, a, x), "registry/cyclic-recipe");
  assert.deepEqual(answer.body.context.cycle.map((step: { itemLabel: string }) => step.itemLabel).sort(), [
    "metal y",
    "oxide x",
    "scrap z",
  ]);
  await refused("recipes", makes(c, x, c, x), "registry/cyclic-recipe");
  const retired = await created("recipes", makes(c, z, await site("Loop D"), await item("ore w")));
  const etag = { "if-match": '"1"' };
  assert.equal(
    (await analyst.send("PUT", `/api/know/registry/recipes/${retired}`, { ...makes(c, z, a, x), evidence }, etag)).body
      .code,
    "registry/cyclic-recipe",
  );
});

test("two recipes that would close a loop together: one of them is refused", async () => {
  const [a, b] = [await site("Race A"), await site("Race B")];
  const [x, y] = [await item("race x"), await item("race y")];
  const makes = (at: string, what: string, from: string, input: string) => ({
    evidence,
    site: at,
    item: what,
    groups: [group("in", { site: from, item: input, sharePpm: PPM })],
  });
  const answers = await Promise.all([
    analyst.send("POST", "/api/know/registry/recipes", makes(a, x, b, y)),
    analyst.send("POST", "/api/know/registry/recipes", makes(b, y, a, x)),
  ]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 422]);
});

test("an organisation can't be above itself", async () => {
  const top = await organisation("Top Holding");
  const below = await organisation("Below Holding", { parent: top });
  const answer = await analyst.send(
    "PUT",
    `/api/know/registry/organisations/${top}`,
    { name: "Top Holding", country: "SE", parent: below, evidence },
    { "if-match": '"1"' },
  );
  assert.equal(answer.body.code, "registry/cyclic-parent");
});

test("retiring takes out of lists but not out of history; what is in use can't be retired", async () => {
  const owner = await organisation("Retiring Owner");
  const id = await site("Retiring Site", { organisation: owner });
  const change = { reason: "closed", evidence };
  const inUse = await analyst.send("POST", `/api/know/registry/organisations/${owner}/retire`, change, {
    "if-match": '"1"',
  });
  assert.deepEqual(
    [inUse.status, inUse.body.code, inUse.body.context.uses],
    [409, "registry/in-use", [{ kind: "site", count: 1 }]],
  );
  const stood = (await analyst.send("GET", `/api/know/registry/sites/${id}`)).body.recordedAt;
  assert.equal(
    (await analyst.send("POST", `/api/know/registry/sites/${id}/retire`, change, { "if-match": '"1"' })).body.state,
    "retired",
  );
  const names = async (query: string) =>
    (await analyst.send("GET", `/api/know/registry/sites?organisation=${owner}${query}`)).body.items.map(
      ({ name }: { name: string }) => name,
    );
  assert.deepEqual(await names(""), []);
  assert.deepEqual(await names("&state=retired"), ["Retiring Site"]);
  assert.deepEqual(await names(`&asOf=${stood}`), ["Retiring Site"]);
  assert.equal(
    (
      await analyst.send(
        "PUT",
        `/api/know/registry/sites/${id}`,
        { name: "x", kind: "mine", country: "SE", organisation: owner, evidence },
        { "if-match": '"2"' },
      )
    ).body.code,
    "registry/retired",
  );
  assert.equal(
    (await analyst.send("POST", `/api/know/registry/sites/${id}/reinstate`, change, { "if-match": '"2"' })).body.state,
    "active",
  );
  assert.equal(
    (await analyst.send("POST", `/api/know/registry/sites/${id}/reinstate`, change, { "if-match": '"3"' })).body.code,
    "registry/not-retired",
  );
});

test("a reinstated recipe is judged anew: its place may be taken, its loop may have closed", async () => {
  const [a, b] = [await site("Again A"), await site("Again B")];
  const [x, y] = [await item("again x"), await item("again y")];
  const makes = (at: string, what: string, from: string, input: string) => ({
    site: at,
    item: what,
    groups: [group("in", { site: from, item: input, sharePpm: PPM })],
  });
  const first = await created("recipes", makes(a, x, b, y));
  const change = { reason: "paused", evidence };
  await analyst.send("POST", `/api/know/registry/recipes/${first}/retire`, change, { "if-match": '"1"' });
  const other = await created("recipes", makes(b, y, a, x));
  assert.equal(
    (await analyst.send("POST", `/api/know/registry/recipes/${first}/reinstate`, change, { "if-match": '"2"' })).body
      .code,
    "registry/cyclic-recipe",
  );
  await analyst.send("POST", `/api/know/registry/recipes/${other}/retire`, change, { "if-match": '"1"' });
  await created("recipes", { site: a, item: x, groups: [] });
  assert.equal(
    (await analyst.send("POST", `/api/know/registry/recipes/${first}/reinstate`, change, { "if-match": '"2"' })).body
      .code,
    "registry/duplicate-recipe",
  );
});

test("lists filter in SQL and page by keyset without gap or repeat", async () => {
  const owner = await organisation("Pager Group");
  for (let i = 0; i < 7; i++)
    await site(`Pager ${i % 2 ? "Österby" : "osterby"} ${i}`, {
      organisation: owner,
      country: i < 4 ? "NO" : "FI",
      kind: i % 2 ? "mine" : "port",
    });
  const seen: string[] = [];
  let after = "";
  do {
    const page = (await analyst.send("GET", `/api/know/registry/sites?organisation=${owner}&limit=3${after}`)).body;
    seen.push(...page.items.map(({ name }: { name: string }) => name));
    after = page.next === null ? "" : `&after=${page.next}`;
  } while (after);
  assert.deepEqual(seen, [
    "Pager osterby 0",
    "Pager Österby 1",
    "Pager osterby 2",
    "Pager Österby 3",
    "Pager osterby 4",
    "Pager Österby 5",
    "Pager osterby 6",
  ]);
  const count = async (query: string) =>
    (await analyst.send("GET", `/api/know/registry/sites?organisation=${owner}&${query}`)).body.items.length;
  assert.deepEqual(
    [await count("country=NO"), await count("kind=mine"), await count("country=FI&kind=port"), await count("tier=1")],
    [4, 3, 2, 0],
  );
  assert.deepEqual(
    [await count("text=OSTERBY"), await count("text=pager%206"), await count("text=pager%20nothing")],
    [7, 1, 0],
  );
  const texts = await analyst.send("GET", `/api/know/registry/sites?organisation=${owner}&text=pager&limit=4`);
  const rest = await analyst.send(
    "GET",
    `/api/know/registry/sites?organisation=${owner}&text=pager&limit=4&after=${texts.body.next}`,
  );
  assert.deepEqual([texts.body.items.length, rest.body.items.length, rest.body.next], [4, 3, null]);
  assert.equal(
    (await analyst.send("GET", "/api/know/registry/sites?after=bm9uc2Vuc2U")).body.code,
    "registry/page-token-invalid",
  );
  assert.equal(
    (await analyst.send("GET", "/api/know/registry/sites?text=%20--%20")).body.code,
    "registry/search-too-short",
  );
});

test("lists come in the order asked for, either way, page by page without gap or repeat", async () => {
  const owner = await organisation("Owner of the sorted");
  const draft = [
    ["Zsort b", "mine", "AU"],
    ["Zsort a", "port", "AU"],
    ["Zsort d", "mine", "BR"],
    ["Zsort c", "fab", "CL"],
  ] as const;
  for (const [name, kind, country] of draft) await site(name, { organisation: owner, kind, country });
  const walk = async (query: string) => {
    const names: string[] = [];
    for (let after = ""; ; ) {
      const answer = await analyst.send("GET", `/api/know/registry/sites?limit=1&${query}${after}`);
      assert.equal(answer.status, 200, answer.text);
      names.push(...answer.body.items.map((one: { name: string }) => one.name.slice(-1)));
      if (answer.body.next === null) return names.join("");
      after = `&after=${answer.body.next}`;
    }
  };
  const expected = {
    "": "abcd",
    "&sort=name": "abcd",
    "&sort=-name": "dcba",
    "&sort=country": "abdc",
    "&sort=-country": "cdba",
    "&sort=kind": "cbda",
    "&sort=updated": "badc",
    "&sort=-updated": "cdab",
  };
  for (const [sort, names] of Object.entries(expected)) {
    assert.equal(await walk(`organisation=${owner}${sort}`), names, sort);
    if (sort !== "") assert.equal(await walk(`text=zsort${sort}`), names, `${sort} of a search`);
  }
  assert.equal(await walk("text=zsort"), "badc", "a search without an order: by the word found, then as added");
  const byName = await analyst.send("GET", `/api/know/registry/sites?organisation=${owner}&limit=1`);
  const other = `/api/know/registry/sites?organisation=${owner}&sort=country&after=${byName.body.next}`;
  assert.equal((await analyst.send("GET", other)).body.code, "registry/page-token-invalid", "a place in another order");
  assert.equal((await analyst.send("GET", "/api/know/registry/sites?sort=tier")).status, 422);
});

test("a list of quantities gives the units of their items beside the names", async () => {
  const [at, of] = [await site("Depot of units"), await item("Unit gas", { unit: "MTQ" })];
  await created("stocks", { site: at, item: of, quantity: "12.5" });
  const { body } = await analyst.send("GET", `/api/know/registry/stocks?site=${at}`);
  assert.deepEqual([body.units, body.labels[of]], [{ [of]: "MTQ" }, "Unit gas"]);
});

test("a bounding box finds what lies in it, across the antimeridian too", async () => {
  const owner = await organisation("Box Owner");
  for (const [name, longitude] of [
    ["Box Fiji", 178],
    ["Box Samoa", -172],
    ["Box Malmö", 13],
  ] as const)
    await site(name, { organisation: owner, position: { latitude: -14, longitude } });
  const names = async (bbox: string) =>
    (await analyst.send("GET", `/api/know/registry/sites?organisation=${owner}&bbox=${bbox}`)).body.items.map(
      ({ name }: { name: string }) => name,
    );
  assert.deepEqual(await names("170,-20,-170,0"), ["Box Fiji", "Box Samoa"]);
  assert.deepEqual(await names("0,-20,20,0"), ["Box Malmö"]);
});

test("search finds anything by beginnings of words, identifiers and serials, in any order, case and script", async () => {
  const owner = await organisation("Северсталь Ünlü GmbH", {
    aliases: ["Kiruna Wolfram"],
    identifiers: [{ scheme: "vat", value: "SE-5566.7788" }],
  });
  const at = await site("Zinkgruvan concentrator", { organisation: owner, country: "FI" });
  const asset = await created("assets", {
    site: at,
    name: "Kiln controller",
    vendor: "Siemens",
    model: "S7-1500",
    serial: "SN-00917X",
    zone: "process",
  });
  const hits = async (q: string) =>
    (await analyst.send("GET", `/api/know/registry/search?q=${encodeURIComponent(q)}`)).body.hits;
  for (const q of ["severstal", "unlu", "wolf kir", "se55667788", "SE-5566.7788"])
    assert.equal((await hits(q))[0]?.id, owner, q);
  assert.deepEqual((await hits("zinkgr"))[0], {
    kind: "site",
    id: at,
    label: "Zinkgruvan concentrator",
    detail: "plant · Северсталь Ünlü GmbH · FI",
    match: "zinkgruvan",
  });
  for (const q of ["SN-00917X", "kiln", "s7-1500 siemens"]) assert.equal((await hits(q))[0]?.id, asset, q);
  assert.deepEqual(await hits("nosuchthing"), []);
  assert.equal((await analyst.send("GET", "/api/know/registry/search?q=%25")).body.code, "registry/search-too-short");
});

test("offers duplicates with their reasons, and a merge that is taken back loses no identifier", async () => {
  const lei = `254900OPPU84GM83MG${leiCheckDigits("254900OPPU84GM83MG")}`;
  const kept = await organisation("Nordlicht Magnetics GmbH", {
    lei,
    identifiers: [{ scheme: "duns", value: "150483782" }],
  });
  const merged = await organisation("NORDLICHT MAGNETICS", {
    lei,
    aliases: ["NLM"],
    identifiers: [{ scheme: "vat", value: "DE999" }],
  });
  const plant = await site("Nordlicht Plant", { organisation: merged });
  const suspects = (await analyst.send("GET", `/api/know/registry/suspects?object=${merged}`)).body.items;
  assert.deepEqual(
    suspects[0].reasons.map(({ rule }: { rule: string }) => rule),
    ["same-lei", "near-name"],
  );

  const merge = await analyst.send("POST", "/api/know/registry/merges", {
    kind: "organisation",
    kept,
    merged,
    reason: "same LEI",
    evidence,
  });
  assert.equal(merge.status, 201, merge.text);
  const now = (await analyst.send("GET", `/api/know/registry/organisations/${kept}`)).body;
  assert.deepEqual(
    now.mergedFrom.map(({ label, aliases, identifiers }: Record<string, unknown>) => ({ label, aliases, identifiers })),
    [
      {
        label: "NORDLICHT MAGNETICS",
        aliases: ["NLM"],
        identifiers: [
          { scheme: "lei", value: lei },
          { scheme: "vat", value: "DE999" },
        ],
      },
    ],
  );
  const search = async (q: string) =>
    (await analyst.send("GET", `/api/know/registry/search?q=${q}`)).body.hits.map(({ id }: { id: string }) => id);
  assert.deepEqual([await search("DE999"), await search("NLM")], [[kept], [kept]]);
  const sitesOf = async (id: string) =>
    (await analyst.send("GET", `/api/know/registry/sites?organisation=${id}`)).body.items.map(
      ({ id: site }: { id: string }) => site,
    );
  assert.deepEqual(await sitesOf(kept), [plant]);
  assert.deepEqual(
    (await analyst.send("GET", `/api/know/registry/sites/${plant}`)).body.labels[merged],
    "Nordlicht Magnetics GmbH",
  );
  const gone = (await analyst.send("GET", `/api/know/registry/organisations/${merged}`)).body;
  assert.deepEqual([gone.state, gone.mergedInto], ["merged", kept]);
  assert.equal(
    (
      await analyst.send("POST", "/api/know/registry/merges", {
        kind: "organisation",
        kept,
        merged,
        reason: "again",
        evidence,
      })
    ).body.code,
    "registry/merged-already",
  );

  const undone = await analyst.send("POST", `/api/know/registry/merges/${merge.body.id}/undo`, {
    reason: "different companies",
  });
  assert.equal(undone.status, 200, undone.text);
  const back = (await analyst.send("GET", `/api/know/registry/organisations/${merged}`)).body;
  assert.deepEqual(
    [back.state, back.mergedInto, back.lei, back.aliases, back.identifiers],
    ["active", null, lei, ["NLM"], [{ scheme: "vat", value: "DE999" }]],
  );
  assert.deepEqual([await sitesOf(kept), await sitesOf(merged)], [[], [plant]]);
  assert.equal(
    (await analyst.send("POST", `/api/know/registry/merges/${merge.body.id}/undo`, { reason: "again" })).body.code,
    "registry/merge-undone-already",
  );
  const then = await analyst.send("GET", `/api/know/registry/organisations/${merged}?asOf=${gone.recordedAt}`);
  assert.equal(then.body.mergedInto, kept, "the time of the merge is still known as it was");
});

test("a dismissed pair is not offered again, and only one kind can be merged", async () => {
  const [first, second] = [await organisation("Twin Peak Ores AB"), await organisation("Twin Peaks Ores AB")];
  const [suspect] = (await analyst.send("GET", `/api/know/registry/suspects?object=${first}`)).body.items;
  assert.equal(
    (await analyst.send("POST", `/api/know/registry/suspects/${suspect.id}/dismiss`, { reason: "two companies" })).body
      .state,
    "dismissed",
  );
  assert.equal(
    (await analyst.send("POST", `/api/know/registry/suspects/${suspect.id}/dismiss`, { reason: "again" })).body.code,
    "registry/suspect-settled",
  );
  const { jobId } = (await analyst.send("POST", "/api/know/registry/suspects/search")).body;
  let job = { state: "waiting" };
  while (job.state === "waiting" || job.state === "running")
    job = (await analyst.send("GET", `/api/platform/jobs/${jobId}`)).body;
  assert.equal(job.state, "succeeded");
  assert.deepEqual((await analyst.send("GET", `/api/know/registry/suspects?object=${second}`)).body.items, []);
  const other = await item("twin");
  const merge = (kept: string, merged: string) =>
    analyst.send("POST", "/api/know/registry/merges", { kind: "organisation", kept, merged, reason: "x", evidence });
  assert.equal((await merge(first, other)).body.code, "registry/merge-of-different-kinds");
  assert.equal((await merge(first, first)).body.code, "registry/merge-into-itself");
  assert.equal((await merge(first, crypto.randomUUID())).body.code, "registry/not-found");
});

test("draws the network around a site, up and down, as of an instant", async () => {
  const [mine, refinery, plant] = [
    await site("Net Mine", { kind: "mine" }),
    await site("Net Refinery"),
    await site("Net Plant"),
  ];
  const [ore, metal, magnet] = [await item("net ore"), await item("net metal"), await item("net magnet")];
  const early = await created("recipes", {
    site: refinery,
    item: metal,
    groups: [group("ore", { site: mine, item: ore, sharePpm: 900_000 })],
  });
  const { recordedAt } = (await analyst.send("GET", `/api/know/registry/recipes/${early}`)).body;
  await created("recipes", {
    site: plant,
    item: magnet,
    groups: [group("metal", { site: refinery, item: metal, sharePpm: PPM })],
  });
  const network = async (query: string) => (await analyst.send("GET", `/api/know/registry/network?${query}`)).body;
  const whole = await network(`site=${refinery}`);
  assert.deepEqual(
    Object.fromEntries(whole.nodes.map(({ label, step }: { label: string; step: number }) => [label, step])),
    { "Net Refinery": 0, "Net Mine": -1, "Net Plant": 1 },
  );
  assert.deepEqual(
    whole.edges
      .map(({ from, to, itemLabel, sharePpm }: Record<string, unknown>) => [from, to, itemLabel, sharePpm])
      .sort(),
    [
      [mine, refinery, "net ore", 900_000],
      [refinery, plant, "net metal", PPM],
    ].sort(),
  );
  assert.equal((await network(`site=${refinery}&asOf=${recordedAt}`)).nodes.length, 2);
  assert.equal((await network(`item=${magnet}&upstream=5&downstream=0`)).nodes.length, 3);
  assert.deepEqual((await network(`site=${refinery}&limit=1`)).truncated, true);
  assert.ok((await network("")).nodes.length > 3);
});

test("exports the registry as JSON and the sites as GeoJSON with longitude first (RFC 7946 3.1.1)", async () => {
  const id = await site("Export Site", { country: "IS", position: { latitude: 64.1, longitude: -21.9 } });
  const geo = await analyst.send("GET", "/api/know/registry/sites.geojson?country=IS");
  assert.equal(geo.headers.get("content-type"), "application/geo+json");
  assert.deepEqual(
    geo.body.features.map(({ id: of, geometry }: Record<string, unknown>) => [of, geometry]),
    [[id, { type: "Point", coordinates: [-21.9, 64.1] }]],
  );
  const whole = (await analyst.send("GET", "/api/know/registry/export.json")).body;
  const { counts } = (await analyst.send("GET", "/api/know/registry/summary")).body;
  assert.equal(
    whole.organisations.filter(({ state }: { state: string }) => state === "active").length,
    counts.organisation,
  );
  assert.equal(whole.recipes.filter(({ state }: { state: string }) => state === "active").length, counts.recipe);
});

test("another's id in the URL and an id of another kind are simply not there", async () => {
  const id = await organisation("Not A Site");
  assert.equal((await analyst.send("GET", `/api/know/registry/sites/${id}`)).status, 404);
  assert.equal((await analyst.send("GET", `/api/know/registry/sites/${crypto.randomUUID()}`)).status, 404);
  assert.equal((await analyst.send("GET", "/api/know/registry/sites/..%2f..%2fetc")).status, 422);
});

test("a viewer reads and may not write, and nobody reads without signing in", async () => {
  const viewer = await node.signedIn("viewer");
  assert.equal((await viewer.send("GET", "/api/know/registry/sites")).status, 200);
  assert.equal(
    (await viewer.send("POST", "/api/know/registry/organisations", { name: "x", country: "SE", evidence })).status,
    403,
  );
  assert.equal((await fetch(`${node.url}/api/know/registry/sites`)).status, 401);
});
