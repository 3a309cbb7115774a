import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { parseUrn } from "./epc-urn.ts";
import { KEYS, type KeyShape } from "./gs1-key.ts";
import { canonicalIdPlainly } from "./identifier.ts";
import {
  canonicalId,
  checkDigit,
  firstOf,
  formOf,
  hasCheckDigit,
  idProblem,
  NO_PREFIX_LENGTHS,
  parsePrefixTable,
  prefixLengths,
  prefixLengthsOf,
  toDigitalLink,
  toUrn,
} from "./index.ts";

test("the fast way of common URNs gives what the table of keys gives, malformed ones included", () => {
  const digits = (min: number, max: number) =>
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((all) => all.join(""));
  const urn = fc
    .record({
      scheme: fc.constantFrom("id:sgtin", "id:sscc", "id:sgln", "id:pgln", "class:lgtin", "id:lgtin", "idpat:sgtin"),
      total: fc.constantFrom(12, 13, 17, 11),
      prefix: fc.integer({ min: 5, max: 13 }),
      body: digits(17, 17),
      serial: fc.constantFrom("", ".0", ".A1", ".a.b-c_d", ".*", ".x%2Fy", ".123456789012345678901", ".é", "."),
    })
    .map(
      ({ scheme, total, prefix, body, serial }) =>
        `urn:epc:${scheme}:${body.slice(0, prefix)}.${body.slice(prefix, total)}${serial}`,
    );
  fc.assert(
    fc.property(urn, (id) => {
      assert.equal(canonicalId(id), canonicalIdPlainly(id));
      const parsed = parseUrn(id);
      assert.equal(idProblem(id), parsed && "why" in parsed ? parsed.why : undefined);
    }),
    { numRuns: 3_000 },
  );
});

const PAIRS = [
  ["urn:epc:id:sgtin:4012345.011111.9876", "https://id.gs1.org/01/04012345111118/21/9876"],
  ["urn:epc:id:sscc:4012345.0000000111", "https://id.gs1.org/00/040123450000001112"],
  ["urn:epc:id:sgln:4012345.00011.987", "https://id.gs1.org/414/4012345000115/254/987"],
  ["urn:epc:id:sgln:4012345.00011.0", "https://id.gs1.org/414/4012345000115"],
  ["urn:epc:class:lgtin:4012345.012345.998877", "https://id.gs1.org/01/04012345123456/10/998877"],
  ["urn:epc:idpat:sgtin:4012345.011111.*", "https://id.gs1.org/01/04012345111118"],
  ["urn:epc:id:pgln:4012345.00000", "https://id.gs1.org/417/4012345000009"],
  ["urn:epc:id:grai:4012345.55555.987", "https://id.gs1.org/8003/04012345555554987"],
  ["urn:epc:idpat:grai:4012345.55555.*", "https://id.gs1.org/8003/04012345555554"],
  ["urn:epc:id:giai:4000001.111", "https://id.gs1.org/8004/4000001111"],
  ["urn:epc:id:sgtin:4012345.011111.a!(b)*+,:c", "https://id.gs1.org/01/04012345111118/21/a%21%28b%29%2A%2B%2C%3Ac"],
  ["urn:epc:id:sgtin:4012345.011111.a%2Fb%25c%26d%3Fe", "https://id.gs1.org/01/04012345111118/21/a%2Fb%25c%26d%3Fe"],
  ["urn:epc:id:cpi:4012345.A%23B-1.77", "https://id.gs1.org/8010/4012345A%23B-1/8011/77"],
  ["urn:epc:id:itip:4012345.011111.01.02.987", "https://id.gs1.org/8006/040123451111180102/21/987"],
  ["urn:epc:idpat:itip:4012345.011111.01.02.*", "https://id.gs1.org/8006/040123451111180102"],
  [
    "urn:epc:id:upui:1234567.089456.51qIgY)%3C%26Jp3*j7SDB",
    "https://id.gs1.org/01/01234567894560/235/51qIgY%29%3C%26Jp3%2Aj7SDB",
  ],
  ["urn:epc:id:pgln:123456789012.", "https://id.gs1.org/417/1234567890128"],
] as const;

test("translates the known pairs both ways (EPC TDS 6.3, Digital Link 4.4)", () => {
  for (const [urn, link] of PAIRS) {
    assert.equal(toDigitalLink(urn), link, urn);
    assert.equal(toUrn(link, prefixLengthsOf([urn])), urn, link);
    assert.deepEqual([formOf(urn), formOf(link)], ["urn", "digital-link"]);
  }
});

const SAFE_82 = `!"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz`;

/** A valid URN of `shape`, with its parts escaped as the URN asks. */
function urnOf(shape: KeyShape): fc.Arbitrary<string> {
  const characters = (alphabet: string, min: number, max: number) =>
    fc.string({ unit: fc.constantFrom(...alphabet), minLength: min, maxLength: max });
  const escaped = (text: string) =>
    text.replace(/["%&/<>?#]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
  const digits = (length: number) => characters("0123456789", length, length);
  return fc.integer({ min: 6, max: 12 }).chain((length) => {
    const reference =
      shape.arrangement !== "plain"
        ? digits(shape.bodyLength - length)
        : characters(shape.scheme === "cpi" ? "#-/0123456789ABCXYZ" : SAFE_82, 1, 30 - length);
    const serials = shape.serials.map(({ characters: allowed, lengthMin, lengthMax }) =>
      characters(allowed.test("a") ? SAFE_82 : "0123456789", lengthMin, lengthMax),
    );
    return fc.tuple(digits(length), reference, fc.boolean(), ...serials).map(([prefix, ref, isClass, ...parts]) => {
      const texts = parts.map(escaped);
      const start = `${prefix}.${escaped(ref)}`;
      if (isClass && shape.hasPattern && shape.scheme !== "upui")
        return `urn:epc:idpat:${shape.scheme}:${[start, ...texts.slice(0, -1), "*"].join(".")}`;
      return `urn:epc:${shape.scheme === "lgtin" ? "class" : "id"}:${shape.scheme}:${[start, ...texts].join(".")}`;
    });
  });
}

for (const shape of KEYS.values())
  test(`${shape.scheme}: URN to Digital Link and back is the identity, and both have one canonical form`, () => {
    fc.assert(
      fc.property(urnOf(shape), (urn) => {
        const link = toDigitalLink(urn);
        assert.equal(toUrn(link, prefixLengthsOf([urn])), urn);
        assert.equal(canonicalId(urn), link);
        assert.equal(canonicalId(link), link);
        const elsewhere = link.replace("https://id.gs1.org", "http://example.com:8080/some/path");
        assert.equal(canonicalId(`${elsewhere}?linkType=all#x`), link);
        assert.equal(idProblem(urn), undefined);
        assert.equal(idProblem(link), undefined);
      }),
      { numRuns: 200 },
    );
  });

test("recognises older and richer Digital Links and keeps the finest key (Digital Link 4.10)", () => {
  const item = "https://id.gs1.org/01/04012345111118/21/9876";
  for (const link of [
    "https://example.com/gtin/4012345111118/ser/9876",
    "https://id.gs1.org/01/04012345111118/10/ABC/21/9876",
    "https://id.gs1.org/01/04012345111118/22/2A/10/ABC/21/9876?3103=000195",
    "http://id.gs1.de/01/04012345111118/21/9876/",
  ])
    assert.equal(canonicalId(link), item);
  assert.equal(canonicalId("https://x.org/01/96385074"), "https://id.gs1.org/01/00000096385074");
  assert.equal(canonicalId("https://x.org/01/614141073467/10/L"), "https://id.gs1.org/01/00614141073467/10/L");
  assert.equal(
    canonicalId("https://id.gs1.org/8006/040123451111180102/10/L"),
    "https://id.gs1.org/8006/040123451111180102/10/L",
  );
});

test("leaves alone what is no GS1 key", () => {
  for (const id of [
    "urn:uuid:1",
    "https://example.com/po/12345678",
    "did:web:x",
    "https://id.gs1.org/01/xyz",
    "urn:epc:id:gid:1.2.3",
    "https://id.gs1.org/01/04012345111118/99/x",
    "",
    "x",
    "https://x.org/21/5",
  ]) {
    assert.equal(canonicalId(id), id);
    assert.equal(formOf(id), undefined);
  }
});

test("never guesses a company prefix", () => {
  const link = "https://id.gs1.org/01/04012345111118/21/9876";
  const code = (work: () => unknown) => {
    try {
      work();
      return undefined;
    } catch (problem) {
      return problem instanceof Problem ? problem.code : undefined;
    }
  };
  assert.equal(
    code(() => toUrn(link, NO_PREFIX_LENGTHS)),
    "epcis/unknown-prefix-length",
  );
  assert.equal(
    code(() => toUrn(link, prefixLengths([["4012346", 7]]))),
    "epcis/unknown-prefix-length",
  );
  assert.equal(
    code(() => toUrn(link, prefixLengths([["401", 0]]))),
    "epcis/unknown-prefix-length",
  );
  assert.equal(
    code(() => toUrn("https://id.gs1.org/01/04012345111119", prefixLengths([["401", 7]]))),
    "epcis/bad-id",
  );
  assert.equal(
    code(() => toUrn("urn:uuid:1", NO_PREFIX_LENGTHS)),
    "epcis/no-other-form",
  );
  assert.equal(
    code(() => toUrn("https://id.gs1.org/8006/040123451111180102/10/L", prefixLengths([["4", 7]]))),
    "epcis/no-other-form",
  );
  assert.equal(
    code(() => toDigitalLink("urn:epc:id:sscc:4012345.1")),
    "epcis/bad-id",
  );
  assert.equal(
    code(() => prefixLengths([["4", 5]])),
    "epcis/bad-prefix-table",
  );
  assert.equal(
    code(() => parsePrefixTable("{}")),
    "epcis/bad-prefix-table",
  );
  const list =
    '{"GCPPrefixFormatList":{"entry":[{"prefix":"40123","gcpLength":7},{"prefix":"4012345","gcpLength":9}]}}';
  assert.equal(toUrn(link, parsePrefixTable(list)), "urn:epc:id:sgtin:401234511.0111.9876");
  assert.equal(
    toUrn(link, firstOf(parsePrefixTable("# mine\n4012345,7\n"), parsePrefixTable(list))),
    "urn:epc:id:sgtin:4012345.011111.9876",
  );
});

test("says what is wrong with an identifier that looks like a GS1 key", () => {
  for (const [id, why] of [
    ["urn:epc:id:sgtin:40123.01111111.1", /not 6 to 12 digits/],
    ["urn:epc:id:sgtin:4012345.01111.1", /12 digits, a sgtin has 13/],
    [`urn:epc:id:sgtin:4012345.011111.${"1".repeat(21)}`, /1 to 20/],
    ["urn:epc:id:sgtin:4012345.011111", /has 3 parts/],
    ["urn:epc:id:sgtin:4012345.011111.é", /no serial/],
    ["urn:epc:id:sgcn:4012345.55555.12a", /no serial/],
    ["urn:epc:idpat:sgtin:4012345.011111.9", /ends with/],
    ["https://id.gs1.org/00/040123450000001113", /should be `2`/],
  ] as const)
    assert.match(idProblem(id) ?? "", why, id);
});

test("computes GS1 check digits (General Specifications 7.9)", () => {
  assert.equal(checkDigit("629104150021"), "3");
  assert.equal(checkDigit("37610425002123456"), "9");
  fc.assert(fc.property(fc.stringMatching(/^[0-9]{1,17}$/), (body) => hasCheckDigit(body + checkDigit(body))));
});
