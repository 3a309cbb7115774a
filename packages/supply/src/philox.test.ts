import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { highWord, philox, uniformStream, unitInterval } from "./philox.ts";

const words = (text: string) => text.split(" ").map((word) => Number.parseInt(word, 16));

test("gives the published known answers (Salmon et al. 2011)", () => {
  const cases = [
    ["0 0 0 0", "0 0", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ] as const;
  for (const [counter, key, expected] of cases) {
    const out = new Uint32Array(4);
    const [c0, c1, c2, c3] = words(counter);
    const [k0, k1] = words(key);
    philox(c0!, c1!, c2!, c3!, k0!, k1!, out);
    assert.deepEqual([...out], words(expected));
  }
});

test("multiplies high words exactly", () => {
  const word = fc.nat(0xffffffff);
  fc.assert(
    fc.property(word, word, (a, b) => assert.equal(highWord(a, b) >>> 0, Number((BigInt(a) * BigInt(b)) >> 32n))),
  );
});

test("never draws 0 or 1", () => {
  assert.ok(unitInterval(0, 0) > 0);
  assert.ok(unitInterval(0xffffffff, 0xffffffff) < 1);
  const draw = uniformStream(7);
  const mean = Array.from({ length: 10_000 }, draw).reduce((sum, each) => sum + each, 0) / 10_000;
  assert.ok(Math.abs(mean - 0.5) < 0.02);
});
