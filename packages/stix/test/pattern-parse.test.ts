import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { parsePattern } from "../src/index.ts";

const folder = vectors("stix/cti-pattern-validator");

test("reads every example pattern of the specification", { skip: skipUnless("shared", folder) }, () => {
  const lines = readFileSync(join(folder ?? "", "pattern-spec-examples-v21.txt"), "utf8")
    .split("\n")
    .filter(Boolean);
  assert.equal(lines.length, 23);
  for (const line of lines) assert.ok(parsePattern(line).ok, line);
});

const VALID = [
  "[a:b=1]",
  "[a:b = 1 AND a:c = 2 OR d:e = 3]",
  "[(a:b = 1 OR c:d = 1) AND a:e = 2]",
  "[a:'b-c'.d[0].'e.f'[*] != true]",
  "[x-a-b:c_d NOT == -5]",
  "[a:b <> .5 OR a:b >= -0.25 OR a:b < +7]",
  "[a:b IN ()]",
  "[a:b NOT IN ('x', 'y')]",
  "[a:b IN (1, 2.5)]",
  "[a:b = b'AAEC' AND a:b = h'' AND a:b > h'FFd8']",
  "[a:b = b'AA\nEC']",
  "[a:b = t'2016-02-29T23:59:60.123456789Z']",
  "[a:b = 'it\\'s a \\\\ backslash']",
  "[a:b = '']",
  "[NOT EXISTS a:b AND EXISTS a:c[0]]",
  "[a:b LIKE '%_' OR a:b MATCHES '^a+$' OR a:b ISSUBSET '::/0' OR a:b NOT ISSUPERSET '1.2.3.4']",
  "/* c */ [a:b=1] // d\n OR\u2003[a:b=2]",
  "([a:b=1] AND [a:b=2] REPEATS 5 TIMES) WITHIN 5.5 SECONDS",
  "[a:b=1] START t'2016-06-01T00:00:00Z' STOP t'2016-07-01T00:00:00Z' REPEATS 2 TIMES WITHIN 1 SECONDS",
  "([a:b=1] WITHIN 5 SECONDS) WITHIN 6 SECONDS",
  "[a:b=1] FOLLOWEDBY ([a:b=2] OR [a:b=3])",
  "[a:b MATCHES'x'AND a:c=1]",
];

const INVALID: readonly (readonly [pattern: string, code: string])[] = [
  ["", "syntax"],
  ["a:b=1", "syntax"],
  ["[a:b=1", "syntax"],
  ["[a:b=1]]", "syntax"],
  ["[a:b=1] [a:b=2]", "syntax"],
  ["[a:b=1] and [a:b=2]", "syntax"],
  ["[a=1]", "syntax"],
  ["[a:b]", "syntax"],
  ["[a:b = ]", "syntax"],
  ["[a:b = c]", "syntax"],
  ['[a:b = "c"]', "syntax"],
  ["[a:b = 01]", "syntax"],
  ["[a:b = 1e5]", "syntax"],
  ["[a:b = 5.]", "syntax"],
  ["[a:b = 9007199254740992]", "syntax"],
  ["[a:b = 'c]", "syntax"],
  ["[a:b = 'c\\d']", "syntax"],
  ["[a:b = h'f']", "syntax"],
  ["[a:b = h'fg']", "syntax"],
  ["[a:b = b'AAE']", "syntax"],
  ["[a:b = b'']", "syntax"],
  ["[a:b-c = 1]", "syntax"],
  ["[a:b[x] = 1]", "syntax"],
  ["[NOT a:b = 1]", "syntax"],
  ["[a:b NOT EXISTS]", "syntax"],
  ["[a:b LIKE 5]", "syntax"],
  ["[a:b IN 'x']", "syntax"],
  ["[a:b IN ('x',)]", "syntax"],
  ["[START:b = 1]", "syntax"],
  ["[a:LAST = 1]", "syntax"],
  ["[a:b=1] WITHIN 5 MINUTES", "syntax"],
  ["[a:b=1] REPEATS 1.5 TIMES", "syntax"],
  ["[a:b=1] START '2016-06-01T00:00:00Z' STOP '2016-07-01T00:00:00Z'", "syntax"],
  ["/* [a:b=1]", "syntax"],
  ["[a:b=1] % 2", "syntax"],
  ["[a:b > true]", "rule"],
  ["[a:b IN ('x', 1)]", "rule"],
  ["[a:b = 1 AND c:d = 1]", "rule"],
  ["[(a:b = 1 OR c:d = 1) AND e:f = 1]", "rule"],
  ["[a:b = t'2016-02-30T00:00:00Z']", "rule"],
  ["[a:b = t'2016-02-01']", "rule"],
  ["[a:b ISSUBSET '300.0.0.0/8']", "rule"],
  ["[a:b=1] REPEATS 0 TIMES", "rule"],
  ["[a:b=1] WITHIN 0 SECONDS", "rule"],
  ["[a:b=1] WITHIN 5 SECONDS REPEATS 2 TIMES WITHIN 5 SECONDS", "rule"],
  ["[a:b MATCHES '(']", "regex"],
  ["[a:b MATCHES '(?R)']", "regex"],
];

test("reads what the grammar allows", () => {
  for (const pattern of VALID) assert.deepEqual(parsePattern(pattern).ok, true, pattern);
});

test("refuses what the grammar or a rule forbids, and says where (STIX 2.1 9)", () => {
  for (const [pattern, code] of INVALID) {
    const parsed = parsePattern(pattern);
    assert.equal(parsed.ok ? "valid" : parsed.problem.code, `stix/pattern-${code}`, pattern);
    if (!parsed.ok) assert.match(parsed.problem.message, /at character \d+/, pattern);
  }
});

test("reads the qualifiers of STIX 2.0 when asked, and says so", () => {
  const parsed = parsePattern("[a:b=1] START '2016-06-01T00:00:00Z' STOP '2016-07-01T00:00:00Z'", { legacy: true });
  assert.equal(parsed.ok && parsed.value.legacy, true);
  const current = parsePattern("[a:b=1]", { legacy: true });
  assert.equal(current.ok && current.value.legacy, false);
});

test("binds AND before OR before FOLLOWEDBY, and a qualifier to the nearest unit (STIX 2.1 9.5.3)", () => {
  const shapeOf = (pattern: string): unknown => {
    const parsed = parsePattern(pattern);
    assert.ok(parsed.ok, pattern);
    return JSON.parse(JSON.stringify(parsed.value.root, (key, value) => (key === "comparison" ? undefined : value)));
  };
  const block = { kind: "block" };
  assert.deepEqual(shapeOf("[a:b=1] FOLLOWEDBY [a:b=1] OR [a:b=1] AND [a:b=1]"), {
    kind: "followedby",
    operands: [block, { kind: "or", operands: [block, { kind: "and", operands: [block, block] }] }],
  });
  assert.deepEqual(shapeOf("[a:b=1] FOLLOWEDBY [a:b=1] REPEATS 5 TIMES"), {
    kind: "followedby",
    operands: [block, { kind: "repeats", operand: block, times: 5 }],
  });
});

test("takes a hundred thousand comparisons and no more, in bounded time", () => {
  const withTerms = (count: number): string => `[${Array.from({ length: count }, (_, i) => `a:b=${i}`).join(" OR ")}]`;
  assert.ok(parsePattern(withTerms(100_000)).ok);
  const refused = parsePattern(withTerms(100_001));
  assert.equal(refused.ok ? "" : refused.problem.code, "stix/pattern-too-large");
  const list = parsePattern(`[a:b IN (${"1,".repeat(100_000)}1)]`);
  assert.equal(list.ok ? "" : list.problem.code, "stix/pattern-too-large");
});

test("takes parentheses a hundred deep and no deeper", () => {
  const nested = (depth: number): string => `[${"(".repeat(depth)}a:b=1${")".repeat(depth)}]`;
  assert.ok(parsePattern(nested(100)).ok);
  const refused = parsePattern(nested(101));
  assert.equal(refused.ok ? "" : refused.problem.code, "stix/pattern-too-large");
});

test("never fails in any other way, whatever the text", () => {
  const word = fc.constantFrom(
    ..."[ ] ( ) : . , = != AND OR NOT IN LIKE EXISTS a b-c 'x' 5 h'00' START t'x' * \\ /* //".split(" "),
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(word, fc.string()), { maxLength: 30 }),
      (words) => void parsePattern(words.join(" ")),
    ),
  );
});
