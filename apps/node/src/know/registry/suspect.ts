/**
 * Duplicate suspects: pairs of organisations, sites or items that may be one thing, each with its reasons. Candidates come
 * from equal keys and from rare beginnings of words, so that 100,000 names are not compared pair by pair.
 */
import type { registry } from "@holdfast/api";
import { foldedWords, likenessOfWords, nameWords } from "./name-likeness.ts";

export const SUSPICIOUS_LIKENESS = 0.75; // chosen on nomenklatura's company pairs: recall 77 %, precision 85 %
export const BLOCK_SIZE_MAX = 60; // a word beginning that more names share tells nothing
const BLOCK_LETTERS = 4; // "tungsten" and "tungstn" fall into one block

/** What is compared. Identifiers are keys such as "lei:…", "gln:…", "vat:…". */
export interface Candidate {
  readonly id: string;
  readonly names: readonly string[];
  readonly country: string | undefined;
  readonly address: string | undefined;
  readonly identifiers: readonly string[];
}

export interface SuspectPair {
  /** The smaller id comes first, so that a pair has one form. */
  readonly first: string;
  readonly second: string;
  readonly reasons: registry.Suspect["reasons"];
  readonly scorePpm: number;
}

type Reason = registry.Suspect["reasons"][number];

/** The keys under which a candidate meets others: equal identifiers, equal address, rare word beginnings. */
function blockingKeys(candidate: Candidate): string[] {
  const keys = new Set(candidate.identifiers.map((identifier) => `i ${identifier}`));
  const address = addressKey(candidate);
  if (address) keys.add(`a ${address}`);
  for (const block of wordBlocks(candidate)) keys.add(`w ${block}`);
  for (const name of candidate.names)
    keys.add(
      `n ${nameWords(name)
        .join("")
        .slice(0, 2 * BLOCK_LETTERS)}`,
    );
  return [...keys];
}

/** The beginnings of words by which one candidate meets others whose names are near. */
export function wordBlocks(candidate: Candidate): string[] {
  const words = candidate.names.flatMap(nameWords);
  return [...new Set(words.map((word) => word.slice(0, BLOCK_LETTERS)))];
}

/** Every suspicious pair among `candidates`, strongest first. For a few thousand; many are for `suspectPairs`. */
export function findSuspectPairs(candidates: readonly Candidate[]): SuspectPair[] {
  return [...suspectPairs(candidates)]
    .flat()
    .sort((a, b) => b.scorePpm - a.scorePpm || (a.first + a.second < b.first + b.second ? -1 : 1));
}

/**
 * As `findSuspectPairs`, block by block and in no order, so that the caller can pause between blocks. Cost: the sum of the
 * squares of the block sizes, each at most BLOCK_SIZE_MAX.
 */
export function* suspectPairs(candidates: readonly Candidate[]): Generator<SuspectPair[]> {
  const blocks = new Map<string, number[]>();
  for (const [i, candidate] of candidates.entries()) {
    for (const key of blockingKeys(candidate)) {
      const block = blocks.get(key);
      if (block) block.push(i);
      else blocks.set(key, [i]);
    }
  }
  const compared = new Set<number>();
  for (const [key, block] of blocks) {
    if (block.length < 2 || (block.length > BLOCK_SIZE_MAX && !key.startsWith("i "))) continue;
    const pairs: SuspectPair[] = [];
    for (const [at, i] of block.entries()) {
      for (const j of block.slice(at + 1, at + 1 + BLOCK_SIZE_MAX)) {
        const pair = i * candidates.length + j;
        if (compared.has(pair)) continue;
        compared.add(pair);
        const found = comparePair(candidates[i]!, candidates[j]!); // the blocks hold indexes of `candidates`
        if (found) pairs.push(found);
      }
    }
    yield pairs;
  }
}

/** The pair with its reasons, or undefined when nothing is suspicious about it. */
export function comparePair(a: Candidate, b: Candidate): SuspectPair | undefined {
  const reasons: Reason[] = [];
  for (const identifier of a.identifiers) {
    if (!b.identifiers.includes(identifier)) continue;
    const [scheme, value = ""] = identifier.split(/:(.*)/s);
    const rule = scheme === "lei" ? "same-lei" : scheme === "gln" ? "same-gln" : "same-identifier";
    reasons.push({
      rule,
      value: rule === "same-identifier" ? identifier : value,
      scorePpm: rule === "same-identifier" ? 900_000 : 1_000_000,
    });
  }
  const address = addressKey(a);
  if (address && address === addressKey(b))
    reasons.push({ rule: "same-address", value: a.address ?? "", scorePpm: 800_000 });
  const near = nearest(a.names, b.names);
  // a name alone says little when the countries differ: "Banco Santander" is many companies
  const likeness =
    a.country !== undefined && b.country !== undefined && a.country !== b.country ? near.likeness * 0.8 : near.likeness;
  if (likeness >= SUSPICIOUS_LIKENESS)
    reasons.push({
      rule: "near-name",
      value: `${near.first} | ${near.second}`,
      scorePpm: Math.round(likeness * 950_000),
    });
  if (reasons.length === 0) return undefined;
  reasons.sort((x, y) => y.scorePpm - x.scorePpm);
  const [first, second] = a.id < b.id ? [a.id, b.id] : [b.id, a.id];
  return { first, second, reasons, scorePpm: reasons[0]?.scorePpm ?? 0 };
}

function nearest(
  first: readonly string[],
  second: readonly string[],
): { first: string; second: string; likeness: number } {
  let best = { first: "", second: "", likeness: 0 };
  const others = second.map((name) => ({ name, words: nameWords(name) }));
  for (const name of first) {
    const words = nameWords(name);
    for (const other of others) {
      const likeness = likenessOfWords(words, other.words);
      if (likeness > best.likeness) best = { first: name, second: other.name, likeness };
    }
  }
  return best;
}

/** Country and folded words of an address in order; undefined when it is too short to mean a place. */
export function addressKey({ address, country }: Pick<Candidate, "address" | "country">): string | undefined {
  const words = foldedWords(address ?? "");
  return words.length >= 3 ? `${country ?? ""} ${words.join(" ")}` : undefined;
}
