import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { skipUnless, vectors } from "../../../test/shared.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-epcis-"));
after(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const holdfast = (...words: string[]) => {
  const main = resolve(import.meta.dirname, "main.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: "utf8" });
  return { status, stdout, stderr };
};

const EVENT = {
  type: "ObjectEvent",
  eventTime: "2024-05-01T10:00:00+02:00",
  eventTimeZoneOffset: "+02:00",
  epcList: ["urn:epc:id:sgtin:4012345.011111.9876"],
  action: "OBSERVE",
  bizStep: "shipping",
  readPoint: { id: "https://id.gs1.org/414/4012345000054" },
  "ex:mass": 12.5,
};
const document = (...events: object[]) =>
  JSON.stringify({
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { ex: "https://ex.org/" }],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2024-05-01T10:00:00Z",
    epcisBody: { eventList: events },
  });
const good = file("good.json", document(EVENT, { ...EVENT, bizStep: "receiving" }));
const bad = file("bad.json", document({ ...EVENT, action: "SEE" }));

test("validate prints one line a file, ends with 1 when one is invalid and with 66 when one cannot be read", () => {
  assert.deepEqual(holdfast("epcis", "validate", good), { status: 0, stdout: `valid\t${good}\n`, stderr: "" });
  const torn = file("torn.xml", "<EPCISDocument");
  const several = holdfast("epcis", "validate", bad, good, torn);
  assert.equal(several.status, 1);
  assert.equal(several.stdout, `invalid\t${bad}\nvalid\t${good}\ninvalid\t${torn}\n`);
  const missing = holdfast("epcis", "validate", join(folder, "none.json"), bad, good);
  assert.equal(missing.status, 66);
  assert.equal(missing.stdout, `invalid\t${bad}\nvalid\t${good}\n`);
  assert.match(missing.stderr, /cannot read .*none\.json.: ENOENT/);
  assert.equal(holdfast("epcis", "validate", folder).status, 66);
});

test("validate --explain names path, rule and reason below the line", () => {
  const { stdout } = holdfast("epcis", "validate", "--explain", bad);
  assert.equal(
    stdout,
    `invalid\t${bad}\n  error at /epcisBody/eventList/0/action: \`SEE\` is not one of ADD, OBSERVE, DELETE (schema/action)\n`,
  );
});

test("hash prints the hash of every event in document order, and the same for the other binding and form of ids", () => {
  const { status, stdout } = holdfast("epcis", "hash", good);
  assert.equal(status, 0);
  assert.match(stdout, /^(?:ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0\n){2}$/);
  const xml = file("good.xml", holdfast("epcis", "convert", good, "--to", "xml").stdout);
  assert.equal(holdfast("epcis", "hash", xml).stdout, stdout);
  assert.equal(holdfast("epcis", "validate", xml).stdout, `valid\t${xml}\n`);
  const links = file("links.json", holdfast("epcis", "convert", good, "--to", "json", "--ids", "digital-link").stdout);
  assert.match(readFileSync(links, "utf8"), /01\/04012345111118\/21\/9876/);
  assert.equal(holdfast("epcis", "hash", links).stdout, stdout);
  assert.equal(holdfast("epcis", "hash", file("not.json", "[]")).status, 65);
  assert.equal(holdfast("epcis", "hash", join(folder, "none.json")).status, 66);
});

test("convert to XML and back gives the same document", () => {
  const xml = file("there.xml", holdfast("epcis", "convert", good, "--to", "xml").stdout);
  const back = holdfast("epcis", "convert", xml, "--to", "json");
  assert.deepEqual(JSON.parse(back.stdout), JSON.parse(readFileSync(good, "utf8")));
  const bare = file(
    "bare.json",
    JSON.stringify({
      "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
      ...EVENT,
      "ex:mass": undefined,
    }),
  );
  assert.match(holdfast("epcis", "convert", bare, "--to", "xml").stdout, /<ObjectEvent>/);
  assert.equal(JSON.parse(holdfast("epcis", "convert", bare, "--to", "json").stdout).type, "ObjectEvent");
});

test("convert --ids urn learns prefix lengths from the document and a table, and names what stays untranslated", () => {
  // the document's own URN shows that the company prefix is 4012345
  const { status, stdout } = holdfast("epcis", "convert", good, "--ids", "urn");
  assert.equal(status, 0);
  assert.match(stdout, /urn:epc:id:sgln:4012345\.00005\.0/);
  const unknown = file("unknown.json", document({ ...EVENT, epcList: ["https://id.gs1.org/00/006141411234567890"] }));
  const kept = holdfast("epcis", "convert", unknown, "--ids", "urn");
  assert.equal(kept.status, 1);
  assert.match(kept.stderr, /not translatable.*006141411234567890/);
  const table = file("table.csv", "0614141,7\n4012345,7\n");
  const translated = holdfast("epcis", "convert", unknown, "--ids", "urn", "--prefix-table", table);
  assert.equal(translated.status, 0, translated.stderr);
  assert.match(translated.stdout, /urn:epc:id:sscc:0614141\.0123456789/);
});

test("id prints the other form and says when there is none", () => {
  const urn = "urn:epc:class:lgtin:4012345.012345.998877";
  const link = "https://id.gs1.org/01/04012345123456/10/998877";
  assert.deepEqual(holdfast("id", urn), { status: 0, stdout: `${link}\n`, stderr: "" });
  assert.deepEqual(holdfast("id", link, "--prefix-length", "7"), { status: 0, stdout: `${urn}\n`, stderr: "" });
  const unknown = holdfast("id", link);
  assert.deepEqual([unknown.status, unknown.stdout], [1, ""]);
  assert.match(unknown.stderr, /not translatable/);
  assert.equal(holdfast("id", "urn:epc:id:sgtin:4012345.1.1").status, 65);
  assert.equal(holdfast("id", "urn:uuid:8d3f").status, 1);
  assert.equal(holdfast("id", link, "--prefix-length", "5").status, 64);
  assert.equal(holdfast("id", link, "--prefix-table", join(folder, "none")).status, 66);
});

const published = vectors("epcis/epcis-event-hash-generator/tests/examples");

test("hash prints the published hashes of a document that keeps fields out of them", {
  skip: skipUnless("shared", published),
}, () => {
  const path = join(published!, "epcisXmlDocHavingEventWithIgnoreFields"); // skipped without the folder
  const expected = readFileSync(`${path}.hashes`, "utf8").trim().split(/\s+/);
  assert.deepEqual(holdfast("epcis", "hash", `${path}.xml`).stdout.trim().split("\n"), expected);
});
