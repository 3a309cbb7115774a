import { strict as assert } from "node:assert";
import { test } from "node:test";
import { exchange, registry } from "@holdfast/api";
import { invisibleIn, line } from "./text.ts";

const says = (text: string) => {
  const parsed = line(50).safeParse(text);
  return parsed.success ? parsed.data : parsed.error.issues[0]?.message;
};

test("takes names in any script, with the joiners and marks that the script is written with", () => {
  for (const name of ["Nordmetall", "Łódź", "鋼材", "می‌خواهم", "क्‍ष", "؀١٢", "葛\u{e0100}", "Straße & Söhne – 2"])
    assert.equal(says(` ${name} `), name);
});

test("refuses what shows nothing and makes one name look like another, and names it", () => {
  for (const [name, code] of [
    ["Acme\u202eDE", "U+202E"],
    ["\u2066Acme\u2069", "U+2066"],
    ["Ac\u200bme", "U+200B"],
    ["Ac\u00adme", "U+00AD"],
    ["Ac\u2060me", "U+2060"],
    ["\u200eAcme", "U+200E"],
    ["Acme\u3164", "U+3164"],
    ["Acme\u{e0041}", "U+E0041"],
    ["Ac\ufeffme", "U+FEFF"],
  ] as const) {
    assert.equal(says(name), `has the invisible character \`${code}\``);
    assert.equal(invisibleIn(name), `\`${code}\``);
  }
  for (const name of ["a\nb", "a\u0000b", "a\ud800b", "a\u2028b", "a\u0085b"])
    assert.equal(says(name), "has control characters");
});

test("facts are of a day between 1900 and 2099", () => {
  const ok = (text: string) => registry.observedAt.safeParse(text).success;
  assert.deepEqual(["1899-12-31", "1900-01-01", "2099-12-31", "2100-01-01", "0001-01-01", "9999-12-31"].map(ok), [
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
  assert.deepEqual(["1899-12-31T23:59:59Z", "2024-02-29T12:00:00+01:00", "2100-01-01T00:00:00Z"].map(ok), [
    false,
    true,
    false,
  ]);
  assert.equal(exchange.importOptions.shape.observedAt.safeParse("1066-10-14").success, false);
});
