import { strict as assert } from "node:assert";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import fc from "fast-check";
import { MAX_BACKTRACKING_STEPS } from "../src/regex/backtracking-run.ts";
import { MAX_SUBJECT_CHARS, compileRegex } from "../src/regex/regex.ts";

const search = (source: string, subject: string, mode: "text" | "bytes" = "text") =>
  unwrap(compileRegex(source, mode)).search(subject);

const atom = fc.constantFrom(
  "a",
  "b",
  "ab",
  ".",
  "[ab]",
  "[^a]",
  "\\w",
  "\\d",
  "\\s",
  "\\b",
  "\\B",
  "^",
  "$",
  "\\.",
  "[a-c1-3]",
  "(?:)",
  "x{2}",
  "\\x62",
  "(a)",
  "(?:b|c)",
);
const { source } = fc.letrec<{ source: string }>((tie) => ({
  source: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    atom,
    fc.tuple(tie("source"), tie("source")).map(([a, b]) => a + b),
    fc.tuple(tie("source"), tie("source")).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie("source"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "{0,}", "*?", "+?"))
      .map(([a, count]) => `(?:${a})${count}`),
  ),
}));
const subject = fc.string({ unit: fc.constantFrom("a", "b", "c", "1", "x", ".", " ", "\n", "_", "A"), maxLength: 12 });

test("linear search agrees with the platform's RegExp where both have the construct", () => {
  fc.assert(
    fc.property(source, subject, fc.boolean(), (regex, text, ignoreCase) => {
      // `$` also matches before a last line feed in PCRE, which the platform writes as a look-ahead
      const theirs = new RegExp(regex.replaceAll("$", "(?=\\n?(?![\\s\\S]))"), `s${ignoreCase ? "i" : ""}`);
      assert.equal(search(ignoreCase ? `(?i)${regex}` : regex, text), theirs.test(text));
    }),
    { numRuns: 5_000 },
  );
});

test("a budgeted search agrees with the platform's RegExp on look-around and back-references", () => {
  const extra = fc.oneof(
    source.map((inside) => `(?=${inside})`),
    source.map((inside) => `(?!${inside})`),
    fc.constantFrom("(a|b)\\1", "(?<=a)b", "(?<!b)a", "(?<=ab|c)x", "(\\w)(\\w)\\2\\1"),
  );
  fc.assert(
    fc.property(extra, source, subject, (first, rest, text) => {
      const regex = `${first}${rest}`;
      const theirs = new RegExp(regex.replaceAll("$", "(?=\\n?(?![\\s\\S]))"), "s");
      const ours = search(regex, text);
      if (ours !== undefined) assert.equal(ours, theirs.test(text), regex);
    }),
    { numRuns: 3_000 },
  );
});

const CASES: readonly (readonly [source: string, subject: string, expected: boolean])[] = [
  ["^C:\\\\Windows\\\\\\w+$", "C:\\Windows\\System32", true],
  ["a.c", "a\nc", true], // DOTALL
  ["(?-s)a.c", "a\nc", false],
  ["a\\Nc", "a\nc", false],
  ["^b", "a\nb", false],
  ["(?m)^b$", "a\nb\nc", true],
  ["(?m)^$", "a\n", false],
  ["a$", "a\n", true],
  ["a\\z", "a\n", false],
  ["a\\Z", "a\n", true],
  ["\\Aa", "ba", false],
  ["(?i)straSSE", "STRAsse", true],
  ["(?i:a)b", "Ab", true],
  ["(?i:a)b", "AB", false],
  ["(?x) a b # c\n c", "abc", true],
  ["(?xi) A\\ b", "a B", true],
  ["\\Qa.b\\E+", "a.bb", true],
  ["\\Qa.b\\E", "axb", false],
  ["[\\Qa-c\\E]", "-", true],
  ["[]a]", "]", true],
  ["[^]a]", "]", false],
  ["[a-]", "-", true],
  ["[a\\-z]", "m", false],
  ["[[:digit:][:^alpha:]]", "a", false],
  ["[[:upper:]]", "Q", true],
  ["\\p{Lu}\\P{L}", "É1", true],
  ["\\p{Greek}", "α", true],
  ["\\p{^Lu}", "A", false],
  ["\\d", "٣", true], // Unicode in text
  ["^\\w+$", "été", true],
  ["\\x41\\x{1F600}\\o{103}\\103", "A\u{1f600}CC", true],
  ["\\0", "\0", true],
  ["\\cA\\e\\a\\f", "\u0001\u001b\u0007\f", true],
  ["\\u0041", "A", true],
  ["a{,3}", "a{,3}", true], // no quantifier
  ["a{2,}b", "aab", true],
  ["x*", "", true],
  ["\\h\\v\\H\\V\\R", "\t\nab\r\n", true],
  ["(?<n>a)(?P=n)\\k<n>\\k{n}\\g{1}\\g{-1}\\1", "aaaaaaa", true],
  ["(a)\\2?b", "ab", false],
  ["(?>a+)b", "aab", true],
  ["(?>a+)ab", "aab", false],
  ["a++b", "aab", true],
  ["a*+a", "aaa", false],
  ["(?#comment)a", "a", true],
  ["(?'n'a)b", "ab", true],
  ["\\bfoo\\b", "a foo!", true],
  ["\\Bfoo", "a foo", false],
  ["(?<!\\d)\\d{3}(?!\\d)", "1234 567", true],
  ["\\K\\Gx", "x", true],
  ["(?:a|ab)(?:c|bcd)$", "abcd", true],
  ["[^\\W_]", "_", false],
  ["(*UTF8)é", "é", true],
];

test("reads PCRE's constructs", () => {
  for (const [regex, text, expected] of CASES) {
    const compiled = compileRegex(regex, "text");
    if (regex === "(a)\\2?b") assert.equal(compiled.ok, false, regex);
    else assert.equal(compiled.ok ? compiled.value.search(text) : compiled.problem.message, expected, regex);
  }
});

test("reads octets one by one and without Unicode (STIX 2.1 9.6.1)", () => {
  assert.equal(search("^\\xd4\\xc3.\\xa1$", "\u00d4\u00c3\u00b2\u00a1", "bytes"), true);
  assert.equal(search("\\w", "\u00e9", "bytes"), false);
  assert.equal(search("\\w", "\u00e9", "text"), true);
  assert.equal(compileRegex("\\x{100}", "bytes").ok, false);
});

test("refuses what it can't run in bounded time, and what is no expression", () => {
  for (const regex of [
    "(",
    ")",
    "*a",
    "a**",
    "[a",
    "(?R)",
    "(?1)",
    "(?(1)a|b)",
    "(?C)",
    "(?|a|b)",
    "(*ACCEPT)",
    "\\C",
    "\\X",
    "(?<=a*)b",
    "\\p{Nope}",
    "[z-a]",
    "a{3,2}",
    "a{70000}",
    "\\9",
    "(?<n>a)(?<n>b)",
    "(?U)a",
    "\\",
    "((a{1000}){1000})",
    "(".repeat(201) + ")".repeat(201),
    "a".repeat(100_001),
  ]) {
    const compiled = compileRegex(regex, "text");
    assert.equal(compiled.ok ? "valid" : compiled.problem.code, "stix/pattern-regex", regex.slice(0, 40));
  }
});

const CATASTROPHIC = [
  "(a+)+$",
  "(a|aa)+$",
  "(a|a?)+$",
  "(.*a){20}$",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "(x+x+)+y",
  "((a*)*)*b",
  "(?:a?){500}a{500}b",
];

test("takes linear time for expressions that make others backtrack without end", () => {
  const text = `${"a".repeat(20_000)}!`;
  for (const regex of CATASTROPHIC) {
    const started = performance.now();
    search(regex, text);
    search(regex, "x".repeat(20_000));
    assert.ok(performance.now() - started < 3_000, `${regex} took ${performance.now() - started} ms`);
  }
});

test("ends undecided, not false, where look-around or references would backtrack without end", () => {
  assert.equal(search("(?=x?)(a+)+$", `${"a".repeat(40)}!`), undefined);
  assert.equal(search("^(a+)+\\1b", "a".repeat(60) + "c"), undefined);
  assert.equal(search("(?=a)a", "a".repeat(MAX_BACKTRACKING_STEPS)), true);
});

test("searches subjects up to its limit and leaves longer ones undecided", () => {
  const regex = unwrap(compileRegex("b$", "text"));
  assert.equal(regex.search(`${"a".repeat(MAX_SUBJECT_CHARS - 1)}b`), true);
  assert.equal(regex.search(`${"a".repeat(MAX_SUBJECT_CHARS)}b`), undefined);
});

test("knows a text that every match contains", () => {
  const required = (regex: string) => unwrap(compileRegex(regex, "text")).required;
  assert.equal(required("^Final Report.+\\.exe$"), "final report");
  assert.equal(required("a(bc)+d?e{2}"), "abc".slice(1));
  assert.equal(required("a|b"), "");
  assert.equal(required("(?i)K\\d"), "k");
  assert.equal(search("(?i)sk", "\u017f\u212a"), true); // folds of s and k outside ASCII
});
