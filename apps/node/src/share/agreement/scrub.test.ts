/** Detectors find what they name and leave the rest; what was scrubbed has no hits. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { agreement as contract } from "@holdfast/api";
import { redact, type StixObject } from "@holdfast/stix";
import fc from "fast-check";
import { type Detector, findHits, scrubText } from "./detect.ts";
import { scanObject, scrubSteps } from "./scrub.ts";

const ALL = { detectors: [...contract.DETECTORS], denyWords: ["Project Nordlicht"] };

const FOUND: readonly [Detector | "deny-list", string][] = [
  ["person", "seen near Dr. Anna Lindqvist"],
  ["person", "Contact: Jörg Müller"],
  ["person", "badge 44-1207"],
  ["mail-address", "write to jane.doe@example.org"],
  ["mail-address", "jane[at]example[.]org"],
  ["mail-address", "jane%40example.org"],
  ["mail-address", "ja\u200Bne@exam\u200Bple.org"],
  ["mail-address", "ｊａｎｅ＠example．org"],
  ["phone-number", "call +49 (170) 123-4567"],
  ["phone-number", "tel. 0170 1234567"],
  ["internal-address", "from 10.20.30.40 to outside"],
  ["internal-address", "192[.]168[.]1[.]7"],
  ["internal-address", "172.31.255.1."],
  ["internal-address", "010.0.0.1"],
  ["internal-address", "::ffff:10.1.2.3"],
  ["internal-address", "fd12:3456:789a::1"],
  ["internal-address", "fe80::1"],
  ["internal-host", "historian.plant2.local"],
  ["internal-host", "\\\\fileserver\\projects"],
  ["internal-host", "on EWS-0042"],
  ["serial-number", "S/N: AB-12345"],
  ["serial-number", "serial number 99812"],
  ["serial-number", "urn:epc:id:sgtin:4012345.011111.9876"],
  ["order-number", "PO 4500012345"],
  ["order-number", "customer no. C-10023"],
  ["order-number", "Kundennummer: 88123"],
  ["position", "at 59.32931, 18.06861"],
  ["position", "59°19'45\" N"],
  ["deny-list", "part of PROJECT nordlicht"],
];

for (const [kind, text] of FOUND)
  test(`${kind} is found in ${JSON.stringify(text)}, and gone after scrubbing`, () => {
    assert.ok(
      findHits(text, ALL).some((hit) => hit.kind === kind),
      JSON.stringify(findHits(text, ALL)),
    );
    assert.deepEqual(findHits(scrubText(text, ALL), ALL), []);
  });

const HARMLESS = [
  "198.51.100.3 and 2001:db8::1 were seen",
  "https://evil.example.com/login",
  "172.32.0.1",
  "firmware 4.2.1 of a serial port",
  "a purchase order was forged",
  "CVE-2026-12345",
  "the DC-DC converter failed",
  "SHA-256 44d88612fea8a8f36de82e1278abb02f",
  "within 3.5 km of the harbour",
];
for (const text of HARMLESS)
  test(`nothing is found in ${JSON.stringify(text)}`, () => assert.deepEqual(findHits(text, ALL), []));

test("what was scrubbed has no hits, whatever is put together", () => {
  const part = fc.oneof(fc.constantFrom(...FOUND.map(([, text]) => text)), fc.string({ maxLength: 12 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom("", " ", ".", "@"), (parts, between) => {
      assert.deepEqual(findHits(scrubText(parts.join(between), ALL), ALL), []);
    }),
    { numRuns: 1_000 },
  );
});

test("a long text of what a detector likes is scanned in bounded time", () => {
  for (const piece of ["a@", "1.", "10.10.", "a.", "+1 ", "order ", "Dr A", "\\\\a", "1.1234 "]) {
    const begun = performance.now();
    findHits(piece.repeat(Math.ceil(60_000 / piece.length)), ALL);
    assert.ok(performance.now() - begun < 3_000, `${piece}: ${Math.round(performance.now() - begun)} ms`);
  }
});

const FRAME = { spec_version: "2.1", created: "2026-01-01T00:00:00.000Z", modified: "2026-01-01T00:00:00.000Z" };
const CONTEXT = {
  newUuid: () => "00000000-0000-4000-8000-00000000000a",
  now: "2026-02-01T00:00:00.000Z",
  by: "identity--00000000-0000-4000-8000-00000000000b",
  link: false,
};

function object(type: string, more: Record<string, unknown>): StixObject {
  return { type, id: `${type}--00000000-0000-4000-8000-000000000001`, ...FRAME, ...more };
}

test("an object is scrubbed in texts, nested members, people's fields and positions, with a reason each", () => {
  const location = object("location", {
    name: "Gate by historian.plant2.local",
    country: "SE",
    latitude: 59.32931,
    longitude: 18.06861,
    precision: 10,
    external_references: [{ source_name: "log", description: "S/N: AB-12345, ask jane@example.org" }],
  });
  const steps = scrubSteps(location, ALL);
  assert.ok(steps.ok);
  const copy = redact(location, steps.value, CONTEXT);
  assert.ok(copy.ok);
  assert.deepEqual(scanObject(copy.value.object, ALL), []);
  assert.ok(!JSON.stringify(copy.value.object).includes("59.3"));
  assert.deepEqual(copy.value.fields.map(({ selector }) => selector).toSorted(), [
    "external_references.[0].description",
    "latitude",
    "longitude",
    "name",
    "precision",
  ]);
});

test("a pattern, a person and content that nobody can scan are not sent at all", () => {
  const pattern = object("indicator", {
    pattern: "[ipv4-addr:value = '10.1.2.3']",
    pattern_type: "stix",
    valid_from: FRAME.created,
  });
  assert.equal(scrubSteps(pattern, ALL).ok, false);
  assert.equal(scrubSteps(object("identity", { name: "Jo", identity_class: "individual" }), ALL).ok, false);
  const artifact: StixObject = { type: "artifact", id: "artifact--x", payload_bin: "aGVsbG8=" };
  assert.deepEqual(
    scanObject(artifact, ALL).map(({ selector }) => selector),
    ["payload_bin"],
  );
});
