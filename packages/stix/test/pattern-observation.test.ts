import { strict as assert } from "node:assert";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import { evaluatePattern, parsePattern, PatternIndex, readObservations } from "../src/index.ts";
import { idOf, observed, versioned } from "./sample.ts";

/** Observed data of one letter each: `[letters, first second, last second, number observed]`. */
type Seen = readonly [letters: string, first?: number, last?: number, count?: number];

const block = (letter: string): string => `[x-l:v = '${letter}']`;

/** The places of the observations that match; `a` to `z` in the pattern stand for blocks. */
function matched(text: string, ...seen: readonly Seen[]): number[] {
  const pattern = unwrap(parsePattern(text.replace(/\b[a-z]\b(?!')/g, block)));
  const observations = unwrap(
    readObservations(
      seen.map(([letters, first = 0, last = first, count = 1], i) =>
        observed(
          i,
          [...letters].map((v) => ({ type: "x-l", v })),
          { first, last, count },
        ),
      ),
    ),
  );
  const plain = evaluatePattern(pattern, observations);
  assert.deepEqual(new PatternIndex([pattern]).matchAll(observations)[0], plain, text);
  assert.equal(plain.matched, plain.observationIds.length > 0);
  return plain.observationIds.map((id) => observations.findIndex((observation) => observation.id === id));
}

test("AND and FOLLOWEDBY need different observations, OR takes either (STIX 2.1 9.5.2)", () => {
  assert.deepEqual(matched("a AND b", ["ab"]), []);
  assert.deepEqual(matched("a AND b", ["ab"], ["b"]), [0, 1]);
  assert.deepEqual(matched("a AND a", ["a"]), []);
  assert.deepEqual(matched("a OR b", ["b"], ["c"], ["a"]), [0, 2]);
  assert.deepEqual(matched("a FOLLOWEDBY b", ["a", 5], ["b", 4]), []);
  assert.deepEqual(matched("a FOLLOWEDBY b", ["a", 5], ["b", 5], ["b", 4], ["b", 6]), [0, 1, 3]);
  assert.deepEqual(matched("a FOLLOWEDBY b", ["ab", 5]), []);
});

test("AND binds before OR before FOLLOWEDBY (STIX 2.1 9.5.3)", () => {
  assert.deepEqual(matched("a OR b AND c", ["b"], ["c"]), [0, 1]);
  assert.deepEqual(matched("(a OR b) AND c", ["b"]), []);
  assert.deepEqual(matched("a FOLLOWEDBY b OR c", ["a", 1], ["c", 2]), [0, 1]);
  assert.deepEqual(matched("a OR (b FOLLOWEDBY c)", ["c", 1], ["b", 2]), []);
});

test("REPEATS is a AND a …, with an instance for each number observed (STIX 2.1 9.5.1)", () => {
  assert.deepEqual(matched("a REPEATS 2 TIMES", ["a"]), []);
  assert.deepEqual(matched("a REPEATS 2 TIMES", ["a"], ["b"], ["a"]), [0, 2]);
  assert.deepEqual(matched("a REPEATS 5 TIMES", ["a", 0, 9, 5]), [0]);
  assert.deepEqual(matched("a REPEATS 6 TIMES", ["a", 0, 9, 5]), []);
  assert.deepEqual(matched("a AND a", ["a", 0, 9, 2]), [0]);
  assert.deepEqual(matched("(a AND b) REPEATS 2 TIMES", ["a"], ["b"], ["ab"]), []);
  assert.deepEqual(matched("(a AND b) REPEATS 2 TIMES", ["a"], ["b"], ["ab"], ["ab"]), [0, 1, 2, 3]);
  assert.deepEqual(matched("(a OR b) REPEATS 2 TIMES", ["a"], ["b"]), [0, 1]);
});

test("qualifiers are not greedy (STIX 2.1 9.5.1)", () => {
  assert.deepEqual(matched("a FOLLOWEDBY b REPEATS 2 TIMES", ["a", 1], ["b", 2], ["b", 3]), [0, 1, 2]);
  assert.deepEqual(matched("(a FOLLOWEDBY b) REPEATS 2 TIMES", ["a", 1], ["b", 2], ["b", 3]), []);
});

test("WITHIN takes less than its seconds, strictly (STIX 2.1 9.5.1)", () => {
  assert.deepEqual(matched("(a AND b) WITHIN 10 SECONDS", ["a", 0], ["b", 10]), []);
  assert.deepEqual(matched("(a AND b) WITHIN 10.5 SECONDS", ["a", 0], ["b", 10]), [0, 1]);
  assert.deepEqual(matched("(a AND b) WITHIN 10 SECONDS", ["a", 0], ["b", 9.999]), [0, 1]);
  assert.deepEqual(matched("a WITHIN 1 SECONDS", ["a", 0, 3600]), [0]);
  assert.deepEqual(matched("a REPEATS 3 TIMES WITHIN 10 SECONDS", ["a", 0], ["a", 6], ["a", 12], ["a", 15]), [1, 2, 3]);
  assert.deepEqual(matched("(a AND b) WITHIN 10 SECONDS", ["a", 0, 5], ["b", 14]), [0, 1]);
});

test("START STOP takes observations at or after its start and before its stop (STIX 2.1 9.5.1)", () => {
  const between = (start: number, stop: number): string => {
    const at = (seconds: number): string => new Date(Date.UTC(2024, 0, 1) + seconds * 1000).toISOString();
    return `START t'${at(start)}' STOP t'${at(stop)}'`;
  };
  assert.deepEqual(matched(`a ${between(5, 10)}`, ["a", 4], ["a", 5], ["a", 9], ["a", 10]), [1, 2]);
  assert.deepEqual(matched(`a ${between(5, 10)}`, ["a", 0, 5], ["a", 10, 20], ["a", 0, 20]), [0, 2]);
  assert.deepEqual(matched(`a ${between(10, 5)}`, ["a", 0, 20]), []);
  assert.deepEqual(matched(`a ${between(5, 5)}`, ["a", 5]), []);
  assert.deepEqual(matched(`(a AND b) ${between(5, 10)}`, ["a", 6], ["b", 12]), []);
});

test("follows where windows let some instant follow", () => {
  assert.deepEqual(matched("a FOLLOWEDBY b", ["a", 5, 9], ["b", 0, 5]), [0, 1]);
  assert.deepEqual(matched("a FOLLOWEDBY b", ["a", 5, 9], ["b", 0, 4]), []);
  assert.deepEqual(matched("a FOLLOWEDBY b FOLLOWEDBY c", ["a", 1], ["c", 2], ["b", 3]), []);
});

test("reads the newest version of each object and passes over revoked ones", () => {
  const version = (modified: string, own: Record<string, unknown>) => ({
    ...observed(1, [{ type: "x-l", v: "a" }]),
    modified,
    ...own,
  });
  const newer = version("2024-06-01T00:00:00.000Z", { objects: { "0": { type: "x-l", v: "b" } } });
  const read = (...objects: unknown[]) => unwrap(readObservations(objects));
  assert.deepEqual(read(newer, version("2024-05-01T00:00:00.000Z", {}))[0]?.objects.get("0"), { type: "x-l", v: "b" });
  assert.equal(read(version("2024-07-01T00:00:00.000Z", { revoked: true }), newer).length, 0);
});

test("refuses observed data without usable times or number", () => {
  const base = observed(1, [{ type: "x-l", v: "a" }]);
  for (const own of [
    { first_observed: "yesterday" },
    { last_observed: 5 },
    { number_observed: 0 },
    { number_observed: "1" },
  ]) {
    const read = readObservations({ ...base, ...own });
    assert.equal(read.ok ? "" : read.problem.code, "stix/observation");
  }
  assert.equal(readObservations("x").ok, false);
  assert.deepEqual(unwrap(readObservations([versioned("identity")])), []);
});

test("decides large counts and windows that can't be listed, and says when it can't", () => {
  const pattern = (text: string) => unwrap(parsePattern(text.replace(/\b[a-z]\b(?!')/g, block)));
  const many = unwrap(
    readObservations(
      Array.from({ length: 2_000 }, (_, i) => observed(i, [{ type: "x-l", v: i % 2 ? "a" : "b" }], { first: i })),
    ),
  );
  const verdicts = new PatternIndex([
    pattern("a REPEATS 1000 TIMES"),
    pattern("a REPEATS 1001 TIMES"),
    pattern("(a REPEATS 50 TIMES AND b REPEATS 50 TIMES) WITHIN 100 SECONDS"),
    pattern("(a REPEATS 50 TIMES AND b REPEATS 51 TIMES) WITHIN 100 SECONDS"),
    pattern("((a FOLLOWEDBY b) WITHIN 2 SECONDS) REPEATS 1001 TIMES"),
    pattern(Array.from({ length: 40 }, (_, i) => (i % 2 ? "a" : "b")).join(" FOLLOWEDBY ")),
    pattern(Array.from({ length: 5_000 }, () => "a").join(" AND ")),
  ]).matchAll(many);
  assert.deepEqual(
    verdicts.map(({ matched: answer }) => answer),
    [true, false, true, false, false, true, false],
  );
  assert.equal(verdicts[0]?.observationIds.length, 1_000);
  assert.equal(verdicts[0]?.observationIds.at(-1), idOf("observed-data", 1_999));
});

test("decides a thousand copies of a choice, and says that it can't decide more", () => {
  const [seen] = [
    unwrap(readObservations([observed(1, [{ type: "x-l", v: "a" }], { first: 0, last: 9, count: 10_000 })])),
  ];
  const matchedTimes = (times: number) =>
    new PatternIndex([
      unwrap(parsePattern(`(${block("a")} FOLLOWEDBY ${block("a")}) REPEATS ${times} TIMES`)),
    ]).matchAll(seen)[0];
  assert.equal(matchedTimes(1_000)?.matched, true);
  const beyond = matchedTimes(1_001);
  assert.deepEqual(beyond, { matched: undefined, observationIds: [], complete: false });
});
