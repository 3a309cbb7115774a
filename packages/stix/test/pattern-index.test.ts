import { strict as assert } from "node:assert";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import fc from "fast-check";
import { evaluatePattern, parsePattern, PatternIndex, readObservations } from "../src/index.ts";
import { observed } from "./sample.ts";

const text = fc.constantFrom(
  "a",
  "b",
  "ab",
  "bab",
  "B",
  "1.2.3.4",
  "1.2.3.0/30",
  "10.0.0.1",
  "2001:db8::1",
  "é",
  "e\u0301",
  "",
);
const number = fc.constantFrom(-1, 0, 1, 2.5, 80);
const value = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.array(fc.oneof(text, number), { minLength: 1, maxLength: 3 }),
  fc.constant(null),
);
const object = fc.oneof(
  fc.record(
    {
      type: fc.constantFrom("x-a", "x-b"),
      v: value,
      w: value,
      to_ref: fc.constantFrom("0", "1", "2", "9"),
      d: fc.record({ k: value }),
    },
    { requiredKeys: ["type"] },
  ),
  fc.record(
    {
      type: fc.constant("x-a"),
      r_hex: fc.constantFrom("00", "6162", "zz"),
      r_bin: fc.constantFrom("YWI=", "AA==", "?"),
    },
    { requiredKeys: ["type"] },
  ),
);
const observation = fc.record({
  objects: fc.array(object, { minLength: 1, maxLength: 3 }),
  first: fc.integer({ min: 0, max: 8 }),
  length: fc.constantFrom(0, 0, 2, 5),
  count: fc.constantFrom(1, 1, 1, 2),
});

const path = fc
  .constantFrom("v", "w", "v[*]", "v[0]", "d.k", "to_ref.v", "to_ref.v[*]", "to_ref", "r_hex", "r_bin")
  .chain((steps) => fc.constantFrom(`x-a:${steps}`, `x-b:${steps}`));
const quoted = text.map((word) => `'${word}'`);
const literal = fc.oneof(quoted, number.map(String), fc.constantFrom("h'00'", "b'YWI='", "t'2024-01-01T00:00:00Z'"));
const operation = fc.oneof(
  fc.tuple(fc.constantFrom("=", "!=", "<", "<=", ">", ">="), literal).map((words) => words.join(" ")),
  fc.constantFrom("= true", "!= false"),
  fc.array(quoted, { maxLength: 3 }).map((words) => `IN (${words.join(", ")})`),
  fc.array(number, { maxLength: 3 }).map((words) => `IN (${words.join(", ")})`),
  fc.constantFrom(
    "LIKE '%b%'",
    "LIKE '_'",
    "LIKE 'a%b'",
    "LIKE '%é'",
    "MATCHES 'a.?b'",
    "MATCHES '(?i)^b'",
    "MATCHES '^$'",
    "MATCHES '(a|b)\\\\1?'",
  ),
  fc.constantFrom("ISSUBSET '1.2.3.0/24'", "ISSUBSET '::/0'", "ISSUPERSET '1.2.3.1'", "ISSUPERSET '1.2.3.0/30'"),
);
const single = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(path, fc.constantFrom("", "", " NOT"), operation).map(([p, not, o]) => `${p}${not} ${o}`),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("", "NOT "), path).map(([not, p]) => `${not}EXISTS ${p}`) },
);
const { comparison } = fc.letrec<{ comparison: string }>((tie) => ({
  comparison: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    single,
    fc
      .tuple(tie("comparison"), fc.constantFrom("AND", "OR"), tie("comparison"))
      .map(([a, joint, b]) => `(${a}) ${joint} (${b})`),
  ),
}));
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    comparison.map((inside) => `[${inside}]`),
    fc
      .tuple(tie("expression"), fc.constantFrom("AND", "OR", "FOLLOWEDBY"), tie("expression"))
      .map(([a, joint, b]) => `(${a}) ${joint} (${b})`),
    fc
      .tuple(
        tie("expression"),
        fc.constantFrom(
          "WITHIN 2 SECONDS",
          "WITHIN 4.5 SECONDS",
          "REPEATS 2 TIMES",
          "START t'2024-01-01T00:00:02Z' STOP t'2024-01-01T00:00:06Z'",
        ),
      )
      .map(([a, qualifier]) => `(${a}) ${qualifier}`),
  ),
}));

test("many patterns at once get the verdicts of the plain evaluator", () => {
  let decided = 0;
  let matches = 0;
  fc.assert(
    fc.property(
      fc.array(expression, { minLength: 1, maxLength: 8 }),
      fc.array(observation, { minLength: 1, maxLength: 5 }),
      (texts, seen) => {
        const patterns = texts
          .map((pattern) => parsePattern(pattern))
          .flatMap((parsed) => (parsed.ok ? [parsed.value] : []));
        const observations = unwrap(
          readObservations(
            seen.map(({ objects, first, length, count }, i) =>
              observed(i, objects, { first, last: first + length, count }),
            ),
          ),
        );
        const verdicts = new PatternIndex(patterns).matchAll(observations);
        for (const [i, pattern] of patterns.entries()) {
          const plain = evaluatePattern(pattern, observations);
          if (plain.matched === undefined) continue; // too many to list; the index may still decide it
          decided += 1;
          matches += plain.matched ? 1 : 0;
          assert.deepEqual(verdicts[i], plain, pattern.text);
        }
      },
    ),
    { numRuns: 3_000 },
  );
  assert.ok(decided > 3_000 && matches > 500, `decided ${decided}, matched ${matches}: the cases no longer bite`);
});

test("one observation fires the patterns of single blocks at once", () => {
  const patterns = ["[x-a:v = 1]", "[x-a:v = 2]", "[x-a:v = 1] OR [x-b:v = 1]", "[x-a:v = 1] AND [x-a:v = 1]"].map(
    (pattern) => unwrap(parsePattern(pattern)),
  );
  const [seen] = unwrap(readObservations([observed(1, [{ type: "x-a", v: 1 }])]));
  assert.ok(seen);
  assert.deepEqual(new PatternIndex(patterns).matchOne(seen), [0, 2]);
});

test("ten thousand patterns that differ in one value cost about as much as one", () => {
  const patterns = Array.from({ length: 10_000 }, (_, i) => unwrap(parsePattern(`[x-a:v = 'value ${i}']`)));
  const index = new PatternIndex(patterns);
  const [seen] = unwrap(readObservations([observed(1, [{ type: "x-a", v: "value 7777" }])]));
  assert.ok(seen);
  assert.deepEqual(index.matchOne(seen), [7_777]);
});
