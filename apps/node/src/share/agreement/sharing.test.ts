/** Sharing at a real node: nothing leaves without an agreement, a planted TLP:RED object leaves by no route, undo and revocation hold. */
import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { TAXII_MEDIA_TYPE, tlpMarkingId } from "@holdfast/stix";
import { systemPorts } from "../../platform/ports.ts";
import { retain } from "./retention.ts";
import { send, startTestNode, type TestAnswer, type TestCaller, type TestNode } from "../../../../../test/node.ts";

const SECRET = "Quarz-7f3a91"; // in every object that is planted as TLP:RED
const uuid = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
const MOMENT = "2026-01-01T00:00:00.000Z";
const IDS = {
  open: `indicator--${uuid(1)}`,
  red: `indicator--${uuid(2)}`,
  redByCopy: `indicator--${uuid(3)}`,
  report: `report--${uuid(4)}`,
  note: `note--${uuid(5)}`,
  partRed: `report--${uuid(6)}`,
};

let house: TestNode;
let steward: TestCaller;
let outsider: string;
let outsiderId: string;
let collection: { id: string; taxiiPath: string };
let agreement: { id: string; version: number };

function indicator(id: string, more: Record<string, unknown> = {}) {
  return {
    type: "indicator",
    spec_version: "2.1",
    id,
    created: MOMENT,
    modified: MOMENT,
    name: "A gate",
    pattern: "[domain-name:value = 'gate.example.com']",
    pattern_type: "stix",
    valid_from: MOMENT,
    indicator_types: ["malicious-activity"],
    ...more,
  };
}

async function addSource(name: string, tlpDefault: string): Promise<string> {
  const made = await steward.send("POST", "/api/share/intel/sources", {
    name,
    kind: "file",
    trustPercent: 80,
    tlpDefault,
  });
  assert.equal(made.status, 201, made.text);
  return String(made.body.id);
}

async function take(source: string, objects: readonly unknown[], into?: string): Promise<TestAnswer> {
  const path = `/api/share/intel/imports?source=${source}${into ? `&collection=${into}` : ""}`;
  const answer = await steward.send("POST", path, JSON.stringify(objects), { "content-type": "application/stix+json" });
  assert.equal(answer.status, 200, answer.text);
  return answer;
}

const TERMS = () => ({
  title: "Magnet makers",
  parties: [{ id: "works", name: "Magnet Works", people: [outsiderId] }],
  purposes: ["awareness", "detect"],
  standingPurpose: "detect",
  kinds: ["indicator", "report", "note", "relationship"],
  markings: [],
  tlpMax: "amber",
  redaction: ["person", "mail-address", "internal-address", "serial-number"],
  iep: {},
  legalBasis: { text: "Membership contract", from: "2026-01-01T00:00:00Z" },
  startsAt: "2026-01-01T00:00:00Z",
  collection: collection.id,
});

function poll(path: string): Promise<TestAnswer> {
  return send(house.url, { authorization: `Bearer ${outsider}`, accept: TAXII_MEDIA_TYPE }, "GET", path);
}

before(async () => {
  house = await startTestNode();
  steward = await house.signedIn("steward", "auditor");
  // A partner's machine: the person may hold no token, so its token is written from a session with more roles and kept to TAXII.
  const partner = await house.signedIn("partner", "viewer");
  const made = await partner.send("POST", "/api/platform/tokens", {
    name: "works",
    scopes: ["intel:exchange"],
    days: 1,
  });
  assert.equal(made.status, 201, made.text);
  outsider = String(made.body.secret);
  outsiderId = String(made.body.token?.id ?? made.body.id);
  await house.node.database.pool.query("update auth_person set roles = '{partner}' where 'partner' = any(roles)");
  const added = await steward.send("POST", "/api/share/intel/collections", {
    title: "Members",
    readRoles: ["partner", "steward"],
    writeRoles: ["steward"],
  });
  assert.equal(added.status, 201, added.text);
  collection = added.body;
  const green = await addSource("Own findings", "green");
  const red = await addSource("Police", "red");
  await take(green, [indicator(IDS.open)], collection.id);
  await take(green, [indicator(IDS.red, { name: SECRET, object_marking_refs: [tlpMarkingId("red")] })]);
  await take(green, [indicator(IDS.redByCopy, { name: SECRET })], collection.id);
  await take(red, [indicator(IDS.redByCopy, { name: SECRET })]);
  const frame = { spec_version: "2.1", created: MOMENT, modified: MOMENT };
  await take(green, [
    {
      type: "report",
      id: IDS.report,
      ...frame,
      name: "Gates",
      description: "Seen by Dr. Anna Lindqvist, jane@example.org, at 10.1.2.3, S/N: AB-12345.",
      published: MOMENT,
      object_refs: [IDS.open, IDS.red, IDS.redByCopy, `malware--${uuid(9)}`],
    },
    { type: "note", id: IDS.note, ...frame, content: `See ${IDS.red}`, object_refs: [IDS.red] },
    {
      type: "report",
      id: IDS.partRed,
      ...frame,
      name: "Gates",
      description: SECRET,
      published: MOMENT,
      object_refs: [IDS.open],
      granular_markings: [{ selectors: ["description"], marking_ref: tlpMarkingId("red") }],
    },
  ]);
});

test("without an agreement a partner finds an empty collection, and no id that exists", async () => {
  const objects = await poll(`${collection.taxiiPath}objects/`);
  assert.deepEqual([objects.status, objects.body], [200, {}], objects.text);
  assert.equal((await poll(`${collection.taxiiPath}objects/${IDS.open}/`)).status, 404);
});

test("an agreement allows nothing until both sides signed; each signature is on the ledger", async () => {
  const made = await steward.send("POST", "/api/share/agreements", TERMS());
  assert.equal(made.status, 201, made.text);
  agreement = made.body;
  const sign = (party: string) =>
    steward.send(
      "POST",
      `/api/share/agreements/${agreement.id}/signatures`,
      { party, evidence: "letter of 1 January" },
      { "if-match": '"1"' },
    );
  assert.equal((await sign("self")).body.state, "draft");
  assert.deepEqual((await poll(`${collection.taxiiPath}objects/`)).body, {});
  assert.equal((await sign("stranger")).body.code, "agreement/not-a-party");
  const signed = await sign("works");
  assert.equal(signed.body.state, "signed", signed.text);
  assert.equal((await sign("works")).body.code, "agreement/already-signed");
});

test("a partner reads what the agreement covers, and the decision is kept with its clause and inputs", async () => {
  const { body, text } = await poll(`${collection.taxiiPath}objects/`);
  assert.deepEqual(
    body.objects?.map((each: { id: string }) => each.id),
    [IDS.open],
    text,
  );
  const { body: decisions } = await steward.send("GET", `/api/share/decisions?object=${IDS.redByCopy}`);
  assert.deepEqual([decisions.items[0].verdict.allowed, decisions.items[0].verdict.rule], [false, "tlp-red"]);
  const ours = await steward.send("GET", `/api/share/decisions?object=${IDS.open}`);
  assert.equal(ours.body.items[0].verdict.agreement, agreement.id);
});

test("who could see this: the simulator names the rule, and discloses nothing", async () => {
  const open = await steward.send("GET", `/api/share/simulations/${IDS.open}?purpose=detect`);
  assert.equal(open.status, 200, open.text);
  assert.equal(open.body.parties[0].verdict.allowed, true);
  const red = await steward.send("GET", `/api/share/simulations/${IDS.red}`);
  assert.deepEqual([red.body.object.tlp, red.body.parties[0].verdict.rule], ["red", "tlp-red"]);
});

test("a preview shows what was scrubbed and why, without what it refers to and may not leave", async () => {
  const wish = { objects: [IDS.report], recipient: "works", purpose: "detect" };
  const { status, body, text } = await steward.send("POST", "/api/share/previews", wish);
  assert.equal(status, 200, text);
  const report = body.objects.find((each: { original: string }) => each.original === IDS.report);
  assert.notEqual(report.id, IDS.report, "a redacted copy is a new object (STIX 2.1 3.5)");
  assert.ok(report.fields.some((each: { selector: string }) => each.selector === "description"));
  for (const gone of ["Lindqvist", "jane@", "10.1.2.3", "AB-12345", SECRET, uuid(9)])
    assert.ok(!JSON.stringify(body.objects).includes(gone), gone);
  assert.ok(body.withheld.some((each: { id: string; rule: string }) => each.id === IDS.red && each.rule === "tlp-red"));
});

test("a share can be taken back until it leaves; then it can only be revoked, and the recipient finds it revoked", async () => {
  const wish = { objects: [IDS.report], recipient: "works", purpose: "detect" };
  const first = await steward.send("POST", "/api/share/shares", { ...wish, undoSeconds: 600 });
  assert.deepEqual([first.status, first.body.state], [201, "pending"], first.text);
  const back = await steward.send("POST", `/api/share/shares/${first.body.id}/take-back`, {});
  assert.equal(back.body.state, "taken-back", back.text);
  const second = await steward.send("POST", "/api/share/shares", { ...wish, undoSeconds: 0 });
  for (let tries = 0; tries < 60; tries += 1) {
    const now = await steward.send("GET", `/api/share/shares/${second.body.id}`);
    if (now.body.state !== "pending") break;
    await new Promise((done) => setTimeout(done, 100));
  }
  const placed = await steward.send("GET", `/api/share/shares/${second.body.id}`);
  assert.equal(placed.body.state, "placed", placed.text);
  const late = await steward.send("POST", `/api/share/shares/${second.body.id}/take-back`, {});
  assert.equal(late.body.code, "agreement/too-late");
  const id = placed.body.objects.find((each: { type: string }) => each.type === "report").id;
  const read = await poll(`${collection.taxiiPath}objects/${id}/`);
  assert.equal(read.body.objects?.length, 1, read.text);
  const revoked = await steward.send("POST", `/api/share/shares/${second.body.id}/revoke`, { reason: "wrong gate" });
  assert.equal(revoked.body.state, "revoked", revoked.text);
  const after = await poll(`${collection.taxiiPath}objects/${id}/?match[version]=all`);
  assert.deepEqual(
    after.body.objects?.map((each: { revoked: boolean }) => each.revoked),
    [true],
    after.text,
  );
  const acknowledged = await steward.send("GET", `/api/share/shares/${second.body.id}`);
  assert.notEqual(acknowledged.body.acknowledgedAt, null);
});

test("what nobody may see is not shared: the refusal names the rule", async () => {
  for (const id of [IDS.red, IDS.redByCopy, IDS.note]) {
    const wish = { objects: [id], recipient: "works", purpose: "detect" };
    const { status, body } = await steward.send("POST", "/api/share/previews", wish);
    assert.deepEqual([status, body.code], [422, "agreement/nothing-leaves"], id);
  }
});

test("a planted TLP:RED object is in no answer of any outward route", async () => {
  const walked: TestAnswer[] = [];
  for (const path of ["objects/", "manifest/", "objects/?match[version]=all", `objects/?match[id]=${IDS.redByCopy}`])
    walked.push(await poll(`${collection.taxiiPath}${path}`));
  for (const id of Object.values(IDS))
    for (const tail of ["", "versions/"]) walked.push(await poll(`${collection.taxiiPath}objects/${id}/${tail}`));
  for (const objects of [...Object.values(IDS).map((id) => [id]), Object.values(IDS)])
    for (const channel of ["file", "console"]) {
      const wish = { objects, recipient: "works", purpose: "detect", channel };
      const answer = await steward.send("POST", "/api/share/exports", wish);
      // The answer to our own people names what was withheld; the bundle is what leaves.
      walked.push({ ...answer, text: JSON.stringify(answer.body?.bundle ?? {}) });
    }
  for (const { text } of walked.filter(({ status }) => status === 200)) {
    assert.ok(!text.includes(SECRET), text.slice(0, 300));
    assert.ok(!text.includes(IDS.red), text.slice(0, 300));
    assert.ok(!text.includes(IDS.redByCopy), text.slice(0, 300));
  }
  assert.ok(walked.some(({ status, text }) => status === 200 && text.includes(IDS.open)));
});

test("disclosures are statements on the ledger", async () => {
  const { body } = await steward.send("GET", "/api/prove/ledger/statements?kind=agreement/disclosed");
  assert.ok(body.items.length > 0);
});

test("what came under an agreement is deleted when its days are over, with a statement; another channel's copy stays", async () => {
  const source = await addSource("Hub", "green");
  const other = await addSource("Own second", "green");
  const [gone, kept] = [indicator(`indicator--${uuid(20)}`), indicator(`indicator--${uuid(21)}`)];
  await take(source, [gone, kept], collection.id);
  await take(other, [kept]);
  const terms = { ...TERMS(), title: "Hub", sources: [source], retentionDays: 30 };
  const made = await steward.send("POST", "/api/share/agreements", terms);
  const { node } = house;
  const parts = { database: node.database, ports: systemPorts, evidence: node.ledger };
  assert.equal(await retain(parts), 0);
  const old = "update intel_copy set received_at = now() - interval '31 days' where source_id = $1";
  await node.database.pool.query(old, [source]);
  assert.equal(await retain(parts), 0, "a draft deletes nothing");
  const said = { party: "self", evidence: "board of 1 January" };
  await steward.send("POST", `/api/share/agreements/${made.body.id}/signatures`, said, { "if-match": '"1"' });
  assert.equal(await retain(parts), 2);
  assert.equal((await steward.send("GET", `/api/share/intel/objects/${gone.id}`)).status, 404);
  assert.equal((await steward.send("GET", `/api/share/intel/objects/${kept.id}`)).status, 200);
  const { body } = await steward.send("GET", "/api/prove/ledger/statements?kind=agreement/deleted");
  assert.equal(body.items.length, 1);
});

test("a change of terms needs new signatures, the deny-list blocks at once, and an end ends it", async () => {
  const list = await steward.send("PUT", "/api/share/deny-list", { words: ["a gate"] }, { "if-match": '"1"' });
  assert.equal(list.status, 200, list.text);
  assert.deepEqual((await poll(`${collection.taxiiPath}objects/?match[id]=${IDS.open}`)).body, {});
  await steward.send("PUT", "/api/share/deny-list", { words: [] }, { "if-match": '"2"' });
  const changed = await steward.send("PUT", `/api/share/agreements/${agreement.id}`, TERMS(), { "if-match": '"1"' });
  assert.deepEqual([changed.body.version, changed.body.state], [2, "draft"], changed.text);
  assert.deepEqual((await poll(`${collection.taxiiPath}objects/`)).body, {});
  const ended = await steward.send(
    "POST",
    `/api/share/agreements/${agreement.id}/end`,
    { reason: "over" },
    { "if-match": '"2"' },
  );
  assert.equal(ended.body.state, "ended", ended.text);
});
