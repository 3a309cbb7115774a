import { strict as assert } from "node:assert";
import { test } from "node:test";
import { type Candidate, comparePair, findSuspectPairs } from "./suspect.ts";

const candidate = (id: string, name: string, more: Partial<Candidate> = {}): Candidate => ({
  id,
  names: [name],
  country: undefined,
  address: undefined,
  identifiers: [],
  ...more,
});

test("suspects one LEI, one GLN, one identifier, one address and near names, each with its reason", () => {
  const rules = (a: Candidate, b: Candidate) => comparePair(a, b)?.reasons.map(({ rule }) => rule);
  assert.deepEqual(
    rules(candidate("1", "A", { identifiers: ["lei:X"] }), candidate("2", "B", { identifiers: ["lei:X"] })),
    ["same-lei"],
  );
  assert.deepEqual(
    rules(candidate("1", "A", { identifiers: ["gln:X"] }), candidate("2", "B", { identifiers: ["gln:X"] })),
    ["same-gln"],
  );
  assert.deepEqual(
    rules(candidate("1", "A", { identifiers: ["vat:X"] }), candidate("2", "B", { identifiers: ["vat:X"] })),
    ["same-identifier"],
  );
  const at = { address: "Hafenstraße 12, 20457 Hamburg", country: "DE" };
  assert.deepEqual(
    rules(candidate("1", "Alpha", at), candidate("2", "Omega", { ...at, address: "HAFENSTRASSE 12 20457 HAMBURG" })),
    ["same-address"],
  );
  assert.deepEqual(rules(candidate("1", "Nordic Magnets AB"), candidate("2", "Nordic Magnet")), ["near-name"]);
  assert.equal(rules(candidate("1", "Alpha"), candidate("2", "Omega")), undefined);
});

test("asks more of names in different countries", () => {
  const pair = (country: string) =>
    comparePair(
      candidate("1", "Banco Santander S.A.", { country: "ES" }),
      candidate("2", "Banco Santander Chile S.A.", { country }),
    );
  assert.ok(pair("ES"));
  assert.equal(pair("CL"), undefined);
});

test("finds what comparing every pair finds, among 2,000 names with 100 slips of the pen", () => {
  const words = [
    "ore",
    "metal",
    "alpha",
    "nord",
    "cobalt",
    "delta",
    "prime",
    "ridge",
    "stone",
    "vale",
    "gallium",
    "harbor",
  ];
  const name = (i: number) =>
    `${words[i % 12]} ${words[(i * 7 + 3) % 12]} ${String.fromCharCode(97 + (i % 26), 97 + ((i * 5) % 26), 97 + ((i * 11) % 26), 97 + (Math.floor(i / 26) % 26))}el`;
  const names = Array.from({ length: 1_900 }, (_, i) => candidate(`a${i}`, `${name(i)} GmbH`));
  const slips = Array.from({ length: 100 }, (_, i) => candidate(`b${i}`, `${name(i * 19).replace("e", "ee")} Ltd`));
  const all = [...names, ...slips];
  const fast = new Set(findSuspectPairs(all).map(({ first, second }) => `${first} ${second}`));
  const wanted = slips.map((_, i) => `a${i * 19} b${i}`);
  const missed = wanted.filter((pair) => !fast.has(pair));
  assert.ok(missed.length <= 5, missed.join(", "));
});

test("a word that hundreds share makes no candidates by itself, and equal identifiers always do", () => {
  const many = Array.from({ length: 500 }, (_, i) =>
    candidate(`c${i}`, `Mining ${i.toString(36)}${(i * 31).toString(36)}`),
  );
  assert.equal(findSuspectPairs(many).filter(({ scorePpm }) => scorePpm > 900_000).length, 0);
  const twins = Array.from({ length: 100 }, (_, i) => candidate(`d${i}`, `Name ${i}`, { identifiers: ["lei:SAME"] }));
  assert.ok(findSuspectPairs(twins).length >= 99);
});
