import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { contains, parseNet } from "../src/address.ts";

test("reads the addresses that the platform's generator writes, and the forms of RFC 4291 2.2 alike", () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      const value = text.split(".").reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
      assert.deepEqual(parseNet(text), { bits: 32, first: value, length: 32 });
    }),
  );
  fc.assert(fc.property(fc.ipV6(), (text) => assert.equal(parseNet(text)?.bits, 128)));
  const forms = ["2001:db8:0:0:0:0:c000:201", "2001:DB8::c000:201", "2001:db8::192.0.2.1"];
  for (const form of forms) assert.deepEqual(parseNet(form), parseNet("2001:0db8::c000:0201"), form);
});

test("refuses leading zeros, wrong counts and lengths beyond the family", () => {
  const wrong = [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.04",
    "1.2.3.256",
    "1..3.4",
    ".1.2.3.4",
    "1.2.3.4.",
    "1.2.3.4/33",
    "1.2.3.4/",
    "1.2.3.4/01",
    "::/129",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "::12345",
    "::1%eth0",
    "1.2.3.4::",
    "1:2:3:4:5:6:7::8",
  ];
  for (const text of wrong) assert.equal(parseNet(text), undefined, text);
});

test("a net contains exactly the addresses that share its prefix", () => {
  const length = fc.integer({ min: 0, max: 32 });
  fc.assert(
    fc.property(fc.ipV4(), length, fc.ipV4(), length, (a, m, b, n) => {
      const [outer, inner] = [parseNet(`${a}/${m}`), parseNet(`${b}/${n}`)];
      assert.ok(outer && inner);
      const size = (net: { length: number }) => 1n << BigInt(32 - net.length);
      const isInside = inner.first >= outer.first && inner.first + size(inner) <= outer.first + size(outer);
      assert.equal(contains(outer, inner), isInside);
    }),
  );
});
