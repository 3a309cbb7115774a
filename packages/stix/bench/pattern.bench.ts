/**
 * `npm run bench -- pattern`: 10,000 indicators against a stream of observations, one core. Target: 20,000
 * observations/s. The floor, measured in the same run, is one bare hash look-up for each value of the stream, which no
 * matcher can do without. A sample of the verdicts is checked against the plain evaluator.
 */
import { unwrap } from "@holdfast/kernel";
import { evaluatePattern, type Observation, parsePattern, type Pattern, PatternIndex } from "../src/index.ts";

export interface PatternFigures {
  readonly indicators: number;
  readonly observations: number;
  readonly compilePatternsPerSecond: number;
  readonly observationsPerSecond: number;
  readonly floorObservationsPerSecond: number;
  /** Time of the match over time of the floor. */
  readonly ratioToFloor: number;
  readonly matchedPatterns: number;
  readonly checkedAgainstPlain: number;
}

const TARGET = { indicators: 10_000, observations: 40_000 };
const TINY = { indicators: 200, observations: 300 };

export function bench({ tiny }: { tiny: boolean }): Promise<PatternFigures> {
  const size = tiny ? TINY : TARGET;
  const next = random(20_240_601);
  const texts = Array.from({ length: size.indicators }, (_, i) => patternText(i, next));
  const made = Array.from({ length: size.observations }, (_, i) => observation(i, next));
  const stream = asParsed(made);
  const untouched = asParsed(made); // the floor must not find strings that the match has already hashed

  const compileStart = performance.now();
  const patterns = texts.map((text) => unwrap(parsePattern(text)));
  const index = new PatternIndex(patterns);
  const compileSeconds = (performance.now() - compileStart) / 1000;

  index.matchAll(stream.slice(0, stream.length >> 3)); // warms up
  const matchStart = performance.now();
  const verdicts = index.matchAll(stream);
  const matchSeconds = (performance.now() - matchStart) / 1000;
  const floorSeconds = floor(texts, untouched);

  const checked = check(patterns, stream.slice(0, tiny ? 60 : 200), tiny ? 20 : 100);
  return Promise.resolve({
    indicators: size.indicators,
    observations: size.observations,
    compilePatternsPerSecond: Math.round(size.indicators / compileSeconds),
    observationsPerSecond: Math.round(size.observations / matchSeconds),
    floorObservationsPerSecond: Math.round(size.observations / floorSeconds),
    ratioToFloor: Number((matchSeconds / floorSeconds).toFixed(1)),
    matchedPatterns: verdicts.filter(({ matched }) => matched === true).length,
    checkedAgainstPlain: checked,
  });
}

/** Indicators as feeds have them: mostly one value, some lists, nets, wildcards, expressions and sequences. */
function patternText(i: number, next: () => number): string {
  const kind = next() % 100;
  if (kind < 35) return `[ipv4-addr:value = '${address(next)}']`;
  if (kind < 55) return `[domain-name:value = '${domain(next)}']`;
  if (kind < 70) return `[url:value = 'http://${domain(next)}/${next() % 1000}']`;
  if (kind < 88) return `[file:hashes.'SHA-256' = '${hash(next)}' OR file:hashes.MD5 = '${hash(next).slice(0, 32)}']`;
  if (kind < 91)
    return `[network-traffic:dst_ref.value = '${address(next)}' AND network-traffic:dst_port = ${next() % 1000}]`;
  if (kind < 93) return `[ipv4-addr:value ISSUBSET '${address(next)}/24']`;
  if (kind < 95) return `[url:value LIKE '%/gate${i}.php%']`;
  if (kind < 97) return `[url:value MATCHES '^https?://[^/]+/panel${i}/[a-z]+\\\\.php$']`;
  if (kind < 98) return `[file:name IN ('${i}.exe', '${i}.dll') AND file:size > ${next() % 100_000}]`;
  return `([ipv4-addr:value = '${address(next)}'] FOLLOWEDBY [domain-name:value = '${domain(next)}']) WITHIN 300 SECONDS`;
}

/** A flow with both ends, a name and its address, a visit or a file: one observation of a sensor. */
function observation(i: number, next: () => number): Observation {
  const at = 1_700_000_000_000_000 + i * 1_000_000;
  const kind = next() % 4;
  const objects: [string, { type: string; [name: string]: unknown }][] = [];
  if (kind < 2)
    objects.push(
      ["0", { type: "ipv4-addr", value: address(next) }],
      ["1", { type: "ipv4-addr", value: address(next) }],
      [
        "2",
        {
          type: "network-traffic",
          src_ref: "0",
          dst_ref: "1",
          src_port: 40_000,
          dst_port: next() % 1000,
          protocols: ["tcp"],
        },
      ],
    );
  else if (kind === 2)
    objects.push(
      ["0", { type: "domain-name", value: domain(next), resolves_to_refs: ["1"] }],
      ["1", { type: "ipv4-addr", value: address(next) }],
      ["2", { type: "url", value: `http://${domain(next)}/panel${next() % 10_000}/login.php` }],
    );
  else
    objects.push([
      "0",
      {
        type: "file",
        name: `${next() % 100_000}.exe`,
        size: next() % 1_000_000,
        hashes: { "SHA-256": hash(next), MD5: hash(next).slice(0, 32) },
      },
    ]);
  return { id: `observed-data--${i}`, firstMicros: at, lastMicros: at, instances: 1, objects: new Map(objects) };
}

/** The stream with values as a JSON parser leaves them. */
function asParsed(stream: readonly Observation[]): Observation[] {
  return stream.map((observation) => ({
    ...observation,
    objects: new Map(JSON.parse(JSON.stringify([...observation.objects]))),
  }));
}

/** The least that any matcher does: each string of the stream looked up once in a hash set of the patterns' strings. */
function floor(texts: readonly string[], stream: readonly Observation[]): number {
  const known = new Set(texts.flatMap((text) => text.match(/'[^']*'/g) ?? []).map((text) => text.slice(1, -1)));
  let found = 0;
  const start = performance.now();
  for (const { objects } of stream) {
    for (const object of objects.values()) {
      for (const value of Object.values(object)) if (typeof value === "string" && known.has(value)) found += 1;
    }
  }
  const seconds = (performance.now() - start) / 1000;
  if (found < 0) throw new Error("unreachable: counts don't shrink"); // keeps the loop from being optimised away
  return Math.max(seconds, 1e-6);
}

/** Compares index and plain evaluator. @throws Error when a verdict differs */
function check(patterns: readonly Pattern[], stream: readonly Observation[], count: number): number {
  const sample = patterns.filter((_, i) => i % Math.ceil(patterns.length / count) === 0);
  const verdicts = new PatternIndex(sample).matchAll(stream);
  for (const [i, pattern] of sample.entries()) {
    const plain = evaluatePattern(pattern, stream);
    if (JSON.stringify(plain) !== JSON.stringify(verdicts[i]))
      throw new Error(`the index differs from the plain evaluator on ${pattern.text}`);
  }
  return sample.length;
}

/** Few enough values that some indicators match, many enough that most do not. */
function address(next: () => number): string {
  return `203.${next() % 200}.${next() % 200}.${next() % 250}`;
}

function domain(next: () => number): string {
  return `host${next() % 50_000}.example`;
}

function hash(next: () => number): string {
  return Array.from({ length: 8 }, () => next().toString(16).padStart(8, "0")).join("");
}

/** xorshift32: the same stream on every machine. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % 4_294_967_291;
  };
}
