import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(join(tmpdir(), "holdfast-trace-"));
after(() => rmSync(folder, { recursive: true }));

const holdfast = (...words: string[]) => {
  const main = resolve(import.meta.dirname, "main.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "trace", ...words], { encoding: "utf8" });
  return { status, stdout, stderr };
};
const at = (hour: number) => ({ eventTime: `2024-05-01T0${hour}:00:00Z`, eventTimeZoneOffset: "+00:00" });
const lot = (name: string) => `urn:epc:class:lgtin:4012345.012345.${name}`;
const kilograms = (name: string, quantity: number) => ({ epcClass: lot(name), quantity, uom: "KGM" });
const file = (name: string, events: object[]) => {
  const path = join(folder, name);
  const document = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2024-05-01T10:00:00Z",
    epcisBody: { eventList: events },
  };
  writeFileSync(path, JSON.stringify(document));
  return path;
};
const steps = file("steps.json", [
  {
    type: "TransformationEvent",
    ...at(1),
    eventID: "urn:uuid:1",
    inputQuantityList: [kilograms("ORE", 30), kilograms("FLUX", 1.5)],
    outputQuantityList: [kilograms("OXIDE", 10), kilograms("SLAG", 20)],
  },
  {
    type: "TransformationEvent",
    ...at(3),
    eventID: "urn:uuid:2",
    inputQuantityList: [kilograms("OXIDE", 4)],
    outputEPCList: ["urn:epc:id:sgtin:4012345.011111.1"],
  },
]);
const packing = file("packing.json", [
  {
    type: "AggregationEvent",
    ...at(2),
    eventID: "urn:uuid:3",
    action: "ADD",
    parentID: "urn:epc:id:sscc:4012345.0000000111",
    childQuantityList: [{ epcClass: lot("OXIDE") }],
  },
]);

test("prints the pedigree as JSON, in the spelling of the files", () => {
  const { status, stdout, stderr } = holdfast(
    "--file",
    packing,
    steps,
    "--id",
    "https://id.gs1.org/01/04012345111118/21/1",
    "--direction",
    "back",
    "--json",
  );
  assert.equal(status, 0, stderr);
  const pedigree = JSON.parse(stdout);
  assert.equal(pedigree.root, "urn:epc:id:sgtin:4012345.011111.1");
  assert.deepEqual(
    pedigree.things.map(({ id, relations }: { id: string; relations: string[] }) => [id, relations.join()]),
    [
      ["urn:epc:id:sscc:4012345.0000000111", "container"],
      ["urn:epc:id:sgtin:4012345.011111.1", "root"],
      [lot("FLUX"), "origin"],
      [lot("ORE"), "origin"],
      [lot("OXIDE"), "origin"],
    ],
  );
  const input = pedigree.edges.find(({ from }: { from: string }) => from === lot("ORE"));
  assert.deepEqual(input, {
    kind: "input",
    from: lot("ORE"),
    to: "urn:uuid:1",
    amounts: [{ unit: "g", value: "30000" }],
    hasUnknownAmount: false,
    since: "2024-05-01T01:00:00.000Z",
    until: "2024-05-01T01:00:00.000Z",
    events: ["urn:uuid:1"],
  });
});

test("prints the way forward as text, and looks from a moment where asked", () => {
  const forward = holdfast("--file", steps, packing, "--id", lot("ORE"), "--direction", "forward");
  assert.equal(forward.status, 0, forward.stderr);
  assert.match(forward.stdout, /^products of urn:epc:class:lgtin:4012345\.012345\.ORE\n/);
  assert.match(forward.stdout, /product +instance +urn:epc:id:sgtin:4012345\.011111\.1\n/);
  assert.match(forward.stdout, /contained-in, an unknown amount/);
  const early = holdfast("--file", steps, packing, "--id", lot("OXIDE"), "--at", "2024-05-01T00:30:00Z", "--json");
  assert.deepEqual(JSON.parse(early.stdout).edges, []);
});

test("says what is wrong: unknown identifier 1, usage 64, invalid event 65, missing file 66", () => {
  assert.equal(holdfast("--file", steps, "--id", "urn:x:nothing").status, 1);
  assert.equal(holdfast("--file", steps, "--id", lot("ORE"), "--at", "yesterday").status, 64);
  const invalid = holdfast("--file", file("bad.json", [{ type: "TransformationEvent", ...at(1) }]), "--id", lot("ORE"));
  assert.equal(invalid.status, 65);
  assert.match(invalid.stderr, /\/epcisBody\/eventList\/0: the event needs inputs and outputs/);
  assert.equal(holdfast("--file", join(folder, "none"), "--id", "urn:x:1").status, 66);
});
