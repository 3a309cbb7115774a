import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../../../test/shared.ts";
import { nameLikeness, nameWords } from "./name-likeness.ts";
import { SUSPICIOUS_LIKENESS } from "./suspect.ts";

test("leaves out the legal form, accents, case, script and punctuation", () => {
  for (const [first, second] of [
    ["Deutsche Bank AG", "DEUTSCHE BANK Aktiengesellschaft"],
    ["ООО Газпром", "Gazprom OOO"],
    ["A.B.C. Company", "ABC Co."],
    ["Goldman Sachs & Co. L.L.C.", "Goldman Sachs and Co LLC"],
    ["FABERLIC EUROPE", "Faberlic Europe Sp. z o.o."],
    ["Škoda Løvås s.r.o.", "Skoda Lovas"],
    ["Good Will Company", "Goodwill Company"],
    ["The Walt Disney Company", "Walt Disney"],
  ] as const)
    assert.equal(nameLikeness(first, second), 1, `${first} | ${second}`);
});

test("keeps a name that is nothing but a legal form", () => {
  assert.deepEqual(nameWords("SAS"), ["sas"]);
});

test("tells apart what differs in a number only", () => {
  assert.ok(nameLikeness("Plant 1 North", "Plant 2 North") < SUSPICIOUS_LIKENESS);
  assert.ok(nameLikeness("Magnet Fund V", "Magnet Fund VI") < SUSPICIOUS_LIKENESS);
});

test("is symmetric, between 0 and 1, and 1 for a name with itself", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }), (first, second) => {
      const likeness = nameLikeness(first, second);
      assert.ok(likeness >= 0 && likeness <= 1);
      assert.ok(Math.abs(likeness - nameLikeness(second, first)) < 1e-12);
      assert.equal(nameLikeness(first, first), 1);
    }),
  );
});

test("takes 200 characters of hostile name in less than 50 ms", () => {
  const names = ["a.".repeat(100), "gmbh ".repeat(40), "\u0301".repeat(200), "ф".repeat(200)];
  const startedAt = performance.now();
  for (const first of names) for (const second of names) nameLikeness(first, second);
  assert.ok(performance.now() - startedAt < 50 * names.length);
});

const folder = vectors("names/nomenklatura");

test("finds at least 75 % of the true company pairs of nomenklatura's bench at a precision of at least 80 %", {
  skip: skipUnless("shared", folder),
}, (t) => {
  const lines = readFileSync(join(folder!, "name_bench_cases.open.csv"), "utf8").split(/\r?\n/).slice(1); // skipped without a folder
  const rows = lines.map((line) =>
    [...line.matchAll(/(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/g)].map((m) => m[1]?.replaceAll('""', '"') ?? m[2] ?? ""),
  );
  let [found, missed, wrong] = [0, 0, 0];
  for (const [, , schema = "", first = "", second = "", isMatch] of rows) {
    if (!["Company", "Organization", "LegalEntity"].includes(schema)) continue;
    const suspected = nameLikeness(first, second) >= SUSPICIOUS_LIKENESS;
    if (isMatch !== "true") wrong += suspected ? 1 : 0;
    else if (suspected) found += 1;
    else missed += 1;
  }
  t.diagnostic(`recall ${found}/${found + missed}, precision ${found}/${found + wrong}`);
  assert.ok(found / (found + missed) >= 0.75 && found / (found + wrong) >= 0.8, `${found} ${missed} ${wrong}`);
});
