import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { startTestNode, type TestCaller } from "../../../../../test/node.ts";

const PPM = 1_000_000;
const evidence = { source: "test", observedAt: "2026-01-15", confidencePercent: 80 };
let analyst: TestCaller;
const id: Record<string, string> = {};

async function create(segment: string, draft: object): Promise<string> {
  const answer = await analyst.send("POST", `/api/know/registry/${segment}`, { evidence, ...draft });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

const ask = async (path: string) => analyst.send("GET", `/api/know/risk/${path}`);
const input = (name: string, suppliers: [site: string, item: string, sharePpm: number][], more: object = {}) => ({
  name,
  quantityPerUnit: "1",
  essentiality: "essential",
  suppliers: suppliers.map(([site, item, sharePpm]) => ({ site: id[site], item: id[item], sharePpm, switchDays: 90 })),
  ...more,
});

before(async () => {
  analyst = await (await startTestNode()).signedIn("analyst");
  for (const name of ["Ore Group", "Oxide Works", "Magnet Makers", "Motor House"])
    id[name] = await create("organisations", { name, country: "SE" });
  for (const [name, owner, country] of [
    ["mine", "Ore Group", "CN"],
    ["other mine", "Ore Group", "AU"],
    ["refinery", "Oxide Works", "CN"],
    ["magnets", "Magnet Makers", "JP"],
    ["motors", "Motor House", "DE"],
  ] as const)
    id[name] = await create("sites", { name, kind: "plant", country, organisation: id[owner] });
  for (const name of ["ore", "oxide", "magnet", "motor", "lonely"])
    id[name] = await create("items", {
      name,
      kind: "material",
      unit: "KGM",
      ...(name === "ore" ? { mineral: { mineral: "rare-earths", stage: "mine" } } : {}),
    });
  await create("recipes", {
    site: id["refinery"],
    item: id["oxide"],
    groups: [
      input("ore", [
        ["mine", "ore", 700_000],
        ["other mine", "ore", 300_000],
      ]),
    ],
  });
  await create("recipes", {
    site: id["magnets"],
    item: id["magnet"],
    groups: [input("oxide", [["refinery", "oxide", PPM]], { stockDays: 30 })],
  });
  await create("recipes", {
    site: id["motors"],
    item: id["motor"],
    groups: [input("magnets", [["magnets", "magnet", PPM]]), input("unknown part", [["mine", "ore", 500_000]])],
  });
});

test("answers what a motor depends on down to the ore, by site, supplier, country and material", async () => {
  const { body } = await ask(`items/${id["motor"]}/look-through`);
  assert.equal(body.siteLabel, "motors");
  const by = (list: { label?: string; country: string; dependencePpm: number }[], key: "label" | "country") =>
    Object.fromEntries(list.map((entry) => [entry[key], entry.dependencePpm]));
  assert.deepEqual(by(body.sites, "label"), { magnets: PPM, refinery: PPM, mine: 700_000, "other mine": 300_000 });
  assert.deepEqual(by(body.suppliers, "label"), { "Magnet Makers": PPM, "Oxide Works": PPM, "Ore Group": PPM });
  assert.deepEqual(by(body.countries, "country"), { CN: PPM, JP: PPM, AU: 300_000 });
  const ore = body.materials.find(({ label }: { label: string }) => label === "ore");
  assert.deepEqual([ore.raw, ore.mineral, ore.single], [true, "rare-earths", []]);
  assert.deepEqual(body.materials.find(({ label }: { label: string }) => label === "oxide").single, [
    "site",
    "supplier",
    "country",
  ]);
  assert.deepEqual([body.counts.sites, body.complete, body.truncated, body.cycles], [4, true, false, []]);
});

test("a merged mine counts as the one that it became, and asOf still knows it as two", async () => {
  const { recordedAt } = (await analyst.send("GET", `/api/know/registry/sites/${id["other mine"]}`)).body;
  await new Promise((resolve) => setTimeout(resolve, 5));
  const then = new Date().toISOString();
  assert.ok(recordedAt < then);
  const merge = await analyst.send("POST", "/api/know/registry/merges", {
    kind: "site",
    kept: id["mine"],
    merged: id["other mine"],
    reason: "one mine",
    evidence,
  });
  const sites = async (query: string) =>
    (await ask(`items/${id["motor"]}/look-through${query}`)).body.sites.map(
      ({ label, dependencePpm }: Record<string, unknown>) => [label, dependencePpm],
    );
  assert.deepEqual(
    (await sites("")).find(([label]: [string]) => label === "mine"),
    ["mine", PPM],
  );
  assert.deepEqual(
    (await sites(`?asOf=${then}`)).find(([label]: [string]) => label === "other mine"),
    ["other mine", 300_000],
  );
  await analyst.send("POST", `/api/know/registry/merges/${merge.body.id}/undo`, { reason: "two after all" });
  assert.equal((await sites("")).length, 4);
});

test("says why there is no look-through: no such item, nobody makes it, or several do", async () => {
  assert.equal((await ask(`items/${crypto.randomUUID()}/look-through`)).body.code, "risk/item-not-found");
  assert.equal((await ask(`items/${id["lonely"]}/look-through`)).body.code, "risk/not-made");
  assert.equal((await ask(`items/${id["motor"]}/look-through?site=${id["mine"]}`)).body.code, "risk/not-made");
  assert.equal(
    (await ask(`items/${id["motor"]}/look-through?site=${crypto.randomUUID()}`)).body.code,
    "risk/site-not-found",
  );
  await create("recipes", { site: id["refinery"], item: id["magnet"], groups: [] });
  const several = await ask(`items/${id["magnet"]}/look-through`);
  assert.deepEqual([several.body.code, several.body.context.sites.length], ["risk/several-makers", 2]);
  assert.equal((await ask(`items/${id["magnet"]}/look-through?site=${id["magnets"]}`)).status, 200);
});

test("measures an item's concentration by purchases, and by capacity once every maker states one", async () => {
  const bought = (await ask(`items/${id["ore"]}/concentration`)).body;
  // two inputs buy it: 70 and 30 % of one, 50 % of the other, which leaves 50 % unknown
  assert.deepEqual([bought.basis, bought.buyersCount], ["purchases", 2]);
  assert.deepEqual(
    bought.sites.map(({ label, sharePpm }: Record<string, unknown>) => [label, sharePpm]),
    [
      ["mine", 600_000],
      ["other mine", 150_000],
    ],
  );
  assert.deepEqual(bought.hhiBySupplier, { low: 5_625, high: 6_250 });
  assert.deepEqual(bought.single, []);
  for (const [site, quantityPerYear] of [
    ["mine", "900"],
    ["other mine", "100"],
  ] as const)
    await create("capacities", { site: id[site], item: id["ore"], quantityPerYear });
  const made = (await ask(`items/${id["ore"]}/concentration`)).body;
  assert.deepEqual(
    [made.basis, made.hhiBySite, made.hhiByCountry, made.single],
    ["capacity", { low: 8_200, high: 8_200 }, { low: 8_200, high: 8_200 }, ["supplier"]],
  );
  assert.equal((await ask(`items/${id["lonely"]}/concentration`)).body.basis, "none");
});

test("tells goods with one source from services with one", async () => {
  const named = (name: string) => create("organisations", { name, country: "SE" });
  const owner = await named("Grid Company");
  const plant = await create("sites", { name: "grid", kind: "plant", country: "SE", organisation: owner });
  const mill = await create("sites", { name: "mill", kind: "plant", country: "SE", organisation: owner });
  const item = (name: string, kind: string) => create("items", { name, kind, unit: "KGM" });
  [id["grid"], id["mill"], id["power"], id["wire rod"], id["wire"]] = [
    plant,
    mill,
    await item("power", "service"),
    await item("wire rod", "material"),
    await item("wire", "product"),
  ];
  await create("recipes", {
    site: mill,
    item: id["wire"],
    groups: [input("power", [["grid", "power", PPM]]), input("rod", [["grid", "wire rod", PPM]])],
  });
  const groups = async (query: string) =>
    (await ask(`single-sources?site=${mill}${query}`)).body.items.map((one: { group: string }) => one.group).sort();
  assert.deepEqual(await groups(""), ["power", "rod"]);
  assert.deepEqual(await groups("&bought=goods"), ["rod"]);
  assert.deepEqual(await groups("&bought=services"), ["power"]);
  const retired = await analyst.send("GET", `/api/know/registry/recipes?site=${mill}`);
  const recipe = retired.body.items[0].id;
  const change = { reason: "the other tests count inputs", evidence };
  const done = await analyst.send("POST", `/api/know/registry/recipes/${recipe}/retire`, change, { "if-match": '"1"' });
  assert.equal(done.status, 200, done.text);
});

test("lists inputs with one source by site, supplier and country, a page at a time", async () => {
  const list = async (query: string) => (await ask(`single-sources?${query}`)).body;
  const groups = ({ items }: { items: { group: string; source: { label: string } }[] }) =>
    items.map(({ group, source }) => `${group} from ${source.label}`).sort();
  assert.deepEqual(groups(await list("level=site")), ["magnets from magnets", "oxide from refinery"]);
  assert.deepEqual(groups(await list("level=supplier")), [
    "magnets from Magnet Makers",
    "ore from Ore Group",
    "oxide from Oxide Works",
  ]);
  assert.deepEqual(groups(await list("level=country&country=CN")), ["oxide from CN"]);
  assert.deepEqual(groups(await list(`level=site&site=${id["motors"]}`)), ["magnets from magnets"]);
  assert.deepEqual(groups(await list(`level=site&item=${id["oxide"]}`)), ["oxide from refinery"]);
  assert.deepEqual((await list("level=site&essentiality=important")).items, []);
  const [oxide] = (await list(`level=site&site=${id["magnets"]}`)).items;
  assert.deepEqual([oxide.stockDays, oxide.switchDays], [30, 90]);
  const first = await list("level=supplier&limit=2");
  const second = await list(`level=supplier&limit=2&after=${encodeURIComponent(first.next)}`);
  assert.deepEqual(groups({ items: [...first.items, ...second.items] }), groups(await list("level=supplier")));
  assert.equal(second.next, null);
  assert.equal((await ask("single-sources?after=nonsense")).body.code, "registry/page-token-invalid");
});
