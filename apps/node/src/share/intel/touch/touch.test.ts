/** "Does it touch us?" as a person sees it. The plain meaning, `judge` on every pair, judges what the index finds. */
import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { sql } from "kysely";
import { startTestNode, type TestCaller, type TestNode } from "../../../../../../test/node.ts";
import { judge } from "./judge.ts";
import { leadSeqs, readLeads, readSurfaces } from "./store.ts";

let house: TestNode;
let steward: TestCaller;
let source: string;
const ids: Record<string, string> = {};

const evidence = { source: "Inventory", observedAt: "2026-01-05", confidencePercent: 80 };

async function add(kind: string, body: Record<string, unknown>): Promise<string> {
  const {
    status,
    body: made,
    text,
  } = await steward.send(
    "POST",
    `/api/know/registry/${kind}`,
    { ...body, evidence },
    { "idempotency-key": crypto.randomUUID() },
  );
  assert.equal(status, 201, text);
  return made.id;
}

before(async () => {
  house = await startTestNode();
  steward = await house.signedIn("steward", "security", "analyst");
  ids["firm"] = await add("organisations", {
    name: "Norrland Magnet AB",
    country: "SE",
    website: "https://www.norrland-magnet.example/",
    aliases: ["NM Magnets"],
  });
  const site = (name: string, kind: string, country: string, more = {}) =>
    add("sites", { name, kind, country, organisation: ids["firm"], ...more });
  ids["plant"] = await site("Luleå plant", "plant", "SE", { position: { latitude: 65.58, longitude: 22.15 } });
  ids["mine"] = await site("Kiruna mine", "mine", "SE", { position: { latitude: 67.85, longitude: 20.22 } });
  ids["port"] = await site("Narvik port", "port", "NO");
  const asset = (name: string, vendor: string, model: string, firmware?: string) =>
    add("assets", { site: ids["plant"], name, vendor, model, ...(firmware === undefined ? {} : { firmware }) });
  ids["old"] = await asset("Furnace PLC", "Example Controls GmbH", "PX-400", "V2.1");
  ids["new"] = await asset("Press PLC", "EXAMPLE CONTROLS", "PX-400", "V3.2");
  ids["mute"] = await asset("Mill PLC", "Example Controls", "PX-400");
  ids["like"] = await asset("Gate PLC", "Example Controls", "PX-400 Compact", "V2.0");
  ids["other"] = await asset("Scale", "Somebody Else", "PX-400", "V2.1");
  ids["item"] = await add("items", { name: "Neodymium oxide", kind: "material", unit: "KGM", hsCode: "284690" });
  const made = await steward.send(
    "POST",
    "/api/share/intel/sources",
    { name: "Vendor feed", kind: "file", trustPercent: 70 },
    { "idempotency-key": crypto.randomUUID() },
  );
  assert.equal(made.status, 201, made.text);
  source = made.body.id;
  await house.node.touching.settle();
});

const CVE = "CVE-2026-11111";

function advisory(version: string, range = "<V3.0", id = "EX-2026-001", cve = CVE): unknown {
  const product = (productId: string, name: string) => ({ product_id: productId, name });
  return {
    document: {
      category: "csaf_security_advisory",
      csaf_version: "2.0",
      title: "Example Controls PX-400",
      publisher: { category: "vendor", name: "Example Controls", namespace: "https://example.org" },
      tracking: {
        id,
        version,
        status: "final",
        initial_release_date: "2026-01-01T00:00:00Z",
        current_release_date: "2026-01-02T00:00:00Z",
        revision_history: [],
      },
    },
    product_tree: {
      branches: [
        {
          category: "vendor",
          name: "Example Controls",
          branches: [
            {
              category: "product_name",
              name: "PX-400",
              branches: [
                {
                  category: "product_version_range",
                  name: range,
                  product: product("P1", `Example Controls PX-400 ${range}`),
                },
              ],
            },
          ],
        },
      ],
    },
    vulnerabilities: [
      {
        cve,
        product_status: { known_affected: ["P1"] },
        scores: [
          {
            products: ["P1"],
            cvss_v3: {
              version: "3.1",
              baseScore: 9.8,
              baseSeverity: "CRITICAL",
              vectorString: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            },
          },
        ],
      },
    ],
  };
}

async function take(document: unknown): Promise<{ outcome: string; lead: string; changes: unknown }> {
  const { status, body, text } = await steward.send(
    "POST",
    `/api/share/intel/documents?source=${source}`,
    JSON.stringify(document),
    {
      "content-type": "application/octet-stream",
    },
  );
  assert.equal(status, 200, text);
  await house.node.touching.settle();
  return body;
}

async function bring(...objects: unknown[]): Promise<void> {
  const { status, body, text } = await steward.send(
    "POST",
    `/api/share/intel/imports?source=${source}`,
    JSON.stringify({ type: "bundle", id: `bundle--${crypto.randomUUID()}`, objects }),
    { "content-type": "application/stix+json" },
  );
  assert.equal(status, 200, text);
  assert.deepEqual(body.refused, []);
  await house.node.touching.settle();
}

type Pair = {
  object: { id: string };
  state: string;
  rule: string;
  theirs: string;
  ours: string;
  verdict: { holds: boolean } | null;
};

async function touches(lead: string): Promise<Map<string, Pair>> {
  const { body } = await steward.send("GET", `/api/share/intel/touches?lead=${lead}&limit=1000`);
  return new Map(body.items.map((each: Pair) => [each.object.id, each]));
}

const stated = (pairs: Map<string, Pair>, ...names: string[]) =>
  names.map((name) => pairs.get(ids[name]!)?.state ?? "none"); // named above

const at = "2026-11-01T00:00:00.000Z";
const sdo = (type: string, n: number, more: Record<string, unknown>) => ({
  type,
  spec_version: "2.1",
  id: `${type}--00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`,
  created: at,
  modified: at,
  ...more,
});
const link = (n: number, from: string, type: string, to: string) =>
  sdo("relationship", n, { relationship_type: type, source_ref: from, target_ref: to });

let first: string;

test("an advisory is three-valued against assets: by version, unknown version, a likeness, and another vendor", async () => {
  const { outcome, lead } = await take(advisory("1.0.0"));
  first = lead;
  assert.equal(outcome, "added");
  const pairs = await touches(lead);
  assert.deepEqual(stated(pairs, "old", "new", "mute", "like", "other"), [
    "affected",
    "not-affected",
    "look",
    "look",
    "none",
  ]);
  const old = pairs.get(ids["old"]!)!; // just seen
  assert.equal(old.rule, "in-affected-range");
  assert.match(old.theirs, /PX-400 .*<V3\.0/, "the raw text of the advisory");
  assert.match(old.ours, /Example Controls GmbH PX-400 · V2\.1/, "the raw text of the registry");
});

test("the day's list has the lead with its weightiest pair, and counts the rest", async () => {
  const { body } = await steward.send("GET", "/api/share/intel/leads");
  assert.equal(body.items[0].id, first);
  assert.equal(body.items[0].top.object.id, ids["old"]);
  assert.deepEqual(body.items[0].counts, { affected: 1, look: 2, notAffected: 1, confirmed: 0, dismissed: 0 });
  const { body: summary } = await steward.send("GET", "/api/share/intel/touch-summary");
  assert.deepEqual([summary.budget, summary.openLeads, summary.waiting], [10, 1, 0]);
});

test("a CVE in the catalogue of exploited ones raises what it touches, and falls when an entry is removed", async () => {
  const entry = {
    cveID: CVE,
    vendorProject: "Example",
    product: "PX",
    vulnerabilityName: "PX",
    dateAdded: "2026-01-03",
    shortDescription: "",
    requiredAction: "Apply",
    dueDate: "2026-02-01",
    knownRansomwareCampaignUse: "Known",
    notes: "",
    cwes: [],
  };
  const catalogue = (version: string, vulnerabilities: unknown[]) => ({
    title: "KEV",
    catalogVersion: version,
    dateReleased: "2026-01-03T00:00:00Z",
    count: vulnerabilities.length,
    vulnerabilities,
  });
  const rankOf = async () => (await steward.send("GET", `/api/share/intel/leads/${first}`)).body;
  const plain = await rankOf();
  assert.deepEqual((await take(catalogue("2026.01.03", [entry]))).changes, { added: 1, changed: 0, removed: 0 });
  const raised = await rankOf();
  assert.deepEqual([raised.isKev, raised.isRansomware, raised.rank - plain.rank], [true, true, 100]);
  assert.deepEqual((await take(catalogue("2026.01.04", []))).changes, { added: 0, changed: 0, removed: 1 });
  assert.equal((await rankOf()).isKev, false);
});

test("a vulnerability touches what advisories say of its CVE, and malware that exploits it too", async () => {
  const flaw = sdo("vulnerability", 1, { name: CVE, external_references: [{ source_name: "cve", external_id: CVE }] });
  const worm = sdo("malware", 2, { name: "Worm", is_family: false });
  await bring(flaw, worm, link(3, worm.id, "exploits", flaw.id));
  assert.deepEqual(stated(await touches(flaw.id), "old", "new"), ["affected", "not-affected"]);
  assert.deepEqual(stated(await touches(worm.id), "old"), ["affected"]);
});

test("an indicator touches whose value it is; a warninglist flags it and deletes nothing", async () => {
  const one = sdo("indicator", 4, {
    pattern: "[domain-name:value = 'norrland-magnet.example']",
    pattern_type: "stix",
    valid_from: new Date().toISOString(),
    created: new Date().toISOString(),
    modified: new Date().toISOString(),
  });
  await bring(one);
  assert.deepEqual(stated(await touches(one.id), "firm"), ["affected"]);
  await take({ name: "Our friends", type: "hostname", version: 1, description: "", list: ["norrland-magnet.example"] });
  const flagged = (await touches(one.id)).get(ids["firm"]!); // as above
  assert.deepEqual([flagged?.state, flagged?.rule], ["look", "value-on-warninglist"]);
  await bring({ ...one, modified: new Date(Date.now() + 1_000).toISOString(), revoked: true });
  assert.equal((await touches(one.id)).size, 0, "a revoked object touches nothing");
});

test("an actor touches sites by sector and country together, for a person to look at", async () => {
  const actor = sdo("threat-actor", 5, { name: "Actor" });
  const sector = sdo("identity", 6, { name: "Mining", identity_class: "class", sectors: ["mining"] });
  const place = sdo("location", 7, { country: "SE" });
  await bring(actor, sector, link(8, actor.id, "targets", sector.id));
  assert.deepEqual(stated(await touches(actor.id), "mine", "plant", "port"), ["look", "none", "none"]);
  await bring(place, link(9, actor.id, "targets", place.id));
  assert.deepEqual(stated(await touches(actor.id), "mine", "plant"), ["look", "none"], "both must hold");
});

test("reports of drones, buyers and lots are STIX objects that touch sites, organisations and items", async () => {
  const report = async (body: unknown) => {
    const made = await steward.send("POST", "/api/share/intel/reports", body, {
      "idempotency-key": crypto.randomUUID(),
    });
    assert.equal(made.status, 201, made.text);
    await house.node.touching.settle();
    return String(made.body.id);
  };
  const drone = await report({
    kind: "drone-sighting",
    name: "Drone over the harbour",
    latitude: 65.6,
    longitude: 22.2,
    radius_km: 10,
  });
  assert.deepEqual(stated(await touches(drone), "plant", "mine"), ["affected", "none"]);
  const buyer = await report({ kind: "suspicious-buyer", name: "Odd order", organisation_names: ["norrland magnet"] });
  assert.deepEqual(stated(await touches(buyer), "firm"), ["affected"]);
  const lot = await report({
    kind: "counterfeit-lot",
    name: "False oxide",
    goods: [{ hs_code: "2846" }, { name: "neodymium oxide", lot_numbers: ["L7"] }],
  });
  assert.deepEqual(stated(await touches(lot), "item"), ["look"]);
  const { body } = await steward.send("GET", `/api/share/intel/objects/${drone}`);
  assert.ok(Object.keys(body.versions[0].object.extensions)[0]?.startsWith("extension-definition--"));
  const undeclared = sdo("theft-ring", 10, {
    name: "x",
    extensions: { "extension-definition--00000000-0000-4000-8000-000000000001": { extension_type: "new-sdo" } },
  });
  const refused = await steward.send("POST", `/api/share/intel/imports?source=${source}`, JSON.stringify(undeclared), {
    "content-type": "application/stix+json",
  });
  assert.match(refused.body.refused[0].message, /declared by/);
});

test("a person's verdict survives evaluation and new names, and lapses when the firmware or the advisory changes", async () => {
  const said = await steward.send(
    "POST",
    "/api/share/intel/verdicts",
    { lead: first, objects: [ids["old"]], verdict: "not-affected", reason: "Behind a data diode" },
    { "idempotency-key": crypto.randomUUID() },
  );
  assert.equal(said.status, 201, said.text);
  const { jobId } = (
    await steward.send("POST", "/api/share/intel/evaluations", undefined, { "idempotency-key": crypto.randomUUID() })
  ).body;
  assert.ok(jobId);
  await house.node.touching.evaluateAll(() => undefined);
  const held = (await touches(first)).get(ids["old"]!); // seen before
  assert.deepEqual([held?.state, held?.verdict?.holds], ["affected", true]);
  const edit = async (change: Record<string, unknown>) => {
    const read = await steward.send("GET", `/api/know/registry/assets/${ids["old"]}`);
    const { site, name, vendor, model, firmware, identifiers } = read.body;
    const answer = await steward.send(
      "PUT",
      `/api/know/registry/assets/${ids["old"]}`,
      { site, name, vendor, model, firmware, identifiers, ...change, evidence },
      { "if-match": read.headers.get("etag") ?? "" },
    );
    assert.equal(answer.status, 200, answer.text);
    await house.node.touching.settle();
    return (await touches(first)).get(ids["old"]!); // as above
  };
  assert.equal((await edit({ note: "painted" }))?.verdict?.holds, true, "a note changes nothing that is compared");
  const changed = await edit({ firmware: "V2.2" });
  assert.deepEqual([changed?.state, changed?.verdict?.holds], ["affected", false]);
  assert.equal((await edit({ firmware: "V3.1" }))?.state, "not-affected");
  await edit({ firmware: "V2.1" });
  const { outcome } = await take(advisory("1.1.0", "<V2.0"));
  assert.equal(outcome, "replaced");
  assert.equal((await touches(first)).get(ids["old"]!)?.state, "not-affected");
  assert.equal((await take(advisory("1.0.0"))).outcome, "already-there");
  assert.equal((await touches(first)).get(ids["old"]!)?.state, "not-affected", "an older version replaces nothing");
});

test("sightings count organisations; two doubters close an indicator, and a STIX sighting restarts it", async () => {
  const now = new Date().toISOString();
  const one = sdo("indicator", 20, {
    pattern: "[domain-name:value = 'norrland-magnet.example']",
    pattern_type: "stix",
    valid_from: now,
    created: now,
    modified: now,
  });
  await bring(one);
  const say = async (kind: string, organisation: string) => {
    const made = await steward.send(
      "POST",
      `/api/share/intel/objects/${one.id}/sightings`,
      { kind, organisation },
      { "idempotency-key": crypto.randomUUID() },
    );
    assert.equal(made.status, 201, made.text);
    await house.node.touching.settle();
    return (await steward.send("GET", `/api/share/intel/leads/${one.id}`)).body.closed;
  };
  assert.equal(await say("false-positive", "A"), null);
  assert.equal(await say("false-positive", "A"), null, "one organisation, however often");
  assert.equal(await say("false-positive", "B"), "doubted");
  const at2 = new Date(Date.now() + 60_000).toISOString();
  const who = [21, 22, 23].map((n) => sdo("identity", n, { name: `Witness ${n}`, identity_class: "organization" }));
  await bring(
    ...who,
    sdo("sighting", 24, { sighting_of_ref: one.id, where_sighted_refs: who.map(({ id }) => id), last_seen: at2 }),
  );
  const { body } = await steward.send("GET", `/api/share/intel/objects/${one.id}/surroundings`);
  assert.deepEqual([body.witnesses, body.doubters, body.sightings.length], [3, 2, 6]);
  assert.equal((await steward.send("GET", `/api/share/intel/leads/${one.id}`)).body.closed, null);
});

test("a merge keeps every outside id, moves nothing, and can be taken back", async () => {
  const flaw = (n: number, source: string, external: string) =>
    sdo("vulnerability", n, {
      name: CVE,
      external_references: [
        { source_name: "cve", external_id: CVE },
        { source_name: source, external_id: external },
      ],
    });
  const [kept, merged] = [flaw(30, "vendor", "V-1"), flaw(31, "centre", "C-9")];
  await bring(kept, merged);
  const around = async (id: string) => (await steward.send("GET", `/api/share/intel/objects/${id}/surroundings`)).body;
  assert.ok((await around(kept.id)).duplicates.some(({ id }: { id: string }) => id === merged.id));
  const draft = { keptId: kept.id, mergedId: merged.id, reason: "One flaw" };
  const made = await steward.send("POST", "/api/share/intel/merges", draft, { "idempotency-key": crypto.randomUUID() });
  assert.equal(made.status, 201, made.text);
  await house.node.touching.settle();
  const outside = (await around(kept.id)).externalIds.map(({ externalId }: { externalId: string }) => externalId);
  assert.deepEqual([...new Set(outside)].sort(), ["C-9", CVE, "V-1"]);
  assert.equal((await touches(merged.id)).size, 0);
  const chain = await steward.send(
    "POST",
    "/api/share/intel/merges",
    { ...draft, keptId: merged.id, mergedId: kept.id },
    { "idempotency-key": crypto.randomUUID() },
  );
  assert.deepEqual([chain.status, chain.body.code], [409, "intel/merge-not-possible"]);
  const undo = () =>
    steward.send("POST", `/api/share/intel/merges/${made.body.id}/undo`, undefined, {
      "idempotency-key": crypto.randomUUID(),
    });
  assert.equal((await undo()).status, 201);
  assert.equal((await undo()).body.code, "intel/merge-undone-already");
  await house.node.touching.settle();
  assert.ok((await touches(merged.id)).size > 0);
  assert.deepEqual(
    (await around(kept.id)).externalIds.map(({ externalId }: { externalId: string }) => externalId).sort(),
    [CVE, "V-1"],
  );
});

test("neighbours come over relationships and references, the rarest first, each way named", async () => {
  const group = sdo("intrusion-set", 40, { name: "Group" });
  const [rare, common] = [sdo("tool", 41, { name: "Rare" }), sdo("tool", 42, { name: "Common" })];
  const others = [43, 44, 45].map((n) => sdo("intrusion-set", n, { name: `Group ${n}` }));
  await bring(
    group,
    rare,
    common,
    ...others,
    link(46, group.id, "uses", rare.id),
    link(47, group.id, "uses", common.id),
    ...others.map(({ id }, n) => link(48 + n, id, "uses", common.id)),
  );
  const { body } = await steward.send("GET", `/api/share/intel/objects/${group.id}/surroundings`);
  assert.deepEqual(
    body.neighbours.map(({ label, what, isOutward }: Record<string, unknown>) => [label, what, isOutward]),
    [
      ["Rare", "uses", true],
      ["Common", "uses", true],
    ],
  );
  const back = await steward.send("GET", `/api/share/intel/objects/${rare.id}/surroundings`);
  assert.deepEqual([back.body.neighbours[0].label, back.body.neighbours[0].isOutward], ["Group", false]);
});

test("what the index finds is what judging every pair finds", async () => {
  const { db } = house.node.touching;
  const { rows: seqs } = await sql<{ seq: number }>`select seq from intel_surface order by seq`.execute(db);
  const surfaces = await readSurfaces(
    db,
    seqs.map(({ seq }) => seq),
  );
  const leads = await readLeads(db, await leadSeqs(db, 0, 1_000));
  const plain = leads.flatMap(({ seq, lead, closed }) =>
    closed === null
      ? surfaces.flatMap((each) => {
          const found = judge(lead, each.surface);
          return found ? [`${seq} ${each.seq} ${found.state} ${found.rule}`] : [];
        })
      : [],
  );
  const { rows } = await sql<{
    text: string;
  }>`select lead_seq || ' ' || surface_seq || ' ' || state || ' ' || rule as text from intel_touch`.execute(db);
  assert.ok(plain.length >= 8);
  assert.deepEqual(rows.map(({ text }) => text).sort(), plain.sort());
});

test("a document that is none of the three kinds is refused by name, and one that is torn too", async () => {
  for (const [document, words] of [
    ["{}", /no CSAF 2.0 advisory/],
    ["{", /JSON/],
    [JSON.stringify({ document: { csaf_version: "1.0" } }), /csaf_version/],
    [JSON.stringify({ name: "x", type: "magic", list: [] }), /type among/],
  ] as const) {
    const { status, body } = await steward.send("POST", `/api/share/intel/documents?source=${source}`, document, {
      "content-type": "application/octet-stream",
    });
    assert.deepEqual([status, body.code], [422, "intel/not-a-document"]);
    assert.match(body.detail, words);
  }
});
