/** Properties of the evaluation: it fails closed, and nothing that is added to an object ever opens it. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { agreement as contract } from "@holdfast/api";
import { TLP_LEVELS, tlpMarkingId } from "@holdfast/stix";
import fc from "fast-check";
import { evaluate, type Item, type Question, type Terms } from "./evaluate.ts";

const OTHER = "marking-definition--00000000-0000-4000-8000-000000000001";
const UNKNOWN = "marking-definition--00000000-0000-4000-8000-000000000002";
const NOW = "2026-11-22T12:00:00.000Z";

function terms(more: Partial<Terms> = {}): Terms {
  return {
    id: "00000000-0000-7000-8000-000000000001",
    version: 1,
    state: "signed",
    title: "Magnet makers",
    parties: [{ id: "works", name: "Works", organisation: null, people: [], roles: [], hasLeft: false }],
    purposes: ["awareness", "detect", "block", "notify"],
    standingPurpose: "detect",
    kinds: ["indicator"],
    markings: [OTHER],
    tlpMax: "amber",
    redaction: ["person"],
    iep: {
      encryptInTransit: "may",
      permittedActions: "internally-visible-actions",
      affectedPartyNotifications: "must-not",
      attribution: "may",
      unmodifiedResale: "must-not",
    },
    retentionDays: null,
    onwardDepth: 0,
    legalBasis: { text: "contract", from: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z" },
    startsAt: "2026-01-01T00:00:00Z",
    endsAt: "2027-01-01T00:00:00Z",
    sources: [],
    collection: null,
    objectsPerDayMax: 10,
    signatures: ["self", "works"].map((party) => ({ party, version: 1, at: NOW, by: "p", evidence: "letter" })),
    ...more,
  };
}

function item(more: Partial<Item> = {}): Item {
  return {
    id: "indicator--00000000-0000-4000-8000-000000000003",
    type: "indicator",
    version: NOW,
    sha256: "00",
    markings: [],
    policies: [],
    copies: [{ source: "s", sourceKind: "local", tlp: "green", onwardDepth: null }],
    revoked: false,
    validUntil: null,
    hasCreator: true,
    hits: [],
    ...more,
  };
}

function question(more: Partial<Question> = {}): Question {
  return {
    item: item(),
    recipients: ["works"],
    channel: "share",
    encrypted: true,
    purpose: "detect",
    now: NOW,
    clockDoubt: false,
    held: false,
    disclosedToday: {},
    ...more,
  };
}

const RULES: readonly [string, Partial<Question>, Partial<Terms>][] = [
  ["clock", { clockDoubt: true }, {}],
  ["clock", { now: "soon" }, {}],
  ["recipient", { recipients: [] }, {}],
  ["recipient", { recipients: ["works", "mine"] }, {}],
  ["copies", { item: item({ copies: [] }) }, {}],
  ["tlp-red", { item: item({ markings: [tlpMarkingId("red")] }) }, {}],
  ["tlp-strict", { item: item({ markings: [tlpMarkingId("amber+strict")] }) }, {}],
  ["expired", { item: item({ validUntil: NOW }) }, {}],
  ["expired", { item: item({ revoked: true }) }, {}],
  ["agreement", {}, { parties: [] }],
  ["signed", {}, { state: "draft" }],
  ["signed", {}, { state: "ended" }],
  ["signed", {}, { signatures: [] }],
  ["signed", {}, { version: 2 }],
  ["term", {}, { endsAt: NOW }],
  ["legal-basis", {}, { legalBasis: { text: "law", from: "2026-01-01T00:00:00Z", until: NOW } }],
  ["kind", {}, { kinds: [] }],
  ["purpose", {}, { purposes: [] }],
  ["purpose", { purpose: null }, { standingPurpose: null }],
  ["marking", { item: item({ markings: [UNKNOWN] }) }, {}],
  ["iep", { item: item({ policies: ["unreadable"] }) }, {}],
  ["tlp-ceiling", { item: item({ markings: [tlpMarkingId("amber")] }) }, { tlpMax: "green" }],
  ["action", { purpose: "block" }, {}],
  ["action", { purpose: "notify" }, {}],
  ["attribution", { item: item({ hasCreator: false }) }, { iep: { ...terms().iep, attribution: "must" } }],
  ["attribution", {}, { iep: { ...terms().iep, attribution: "must-not" } }],
  ["encryption", { encrypted: false }, { iep: { ...terms().iep, encryptInTransit: "must" } }],
  ["onward", { item: item({ copies: [{ source: "s", sourceKind: "partner", tlp: "green", onwardDepth: null }] }) }, {}],
  ["onward", { item: item({ copies: [{ source: "s", sourceKind: "taxii", tlp: "green", onwardDepth: 0 }] }) }, {}],
  ["redaction", { item: item({ hits: ["person"] }) }, {}],
  ["redaction", { item: item({ hits: ["deny-list"] }) }, { redaction: [] }],
  ["volume", { disclosedToday: { [terms().id]: 10 } }, {}],
];

test("what every rule allows leaves, and names the clause", () => {
  const verdict = evaluate(question(), [terms()]);
  assert.equal(verdict.allowed, true, verdict.detail);
  assert.equal(verdict.agreement, terms().id);
  assert.ok(verdict.trace.every((step) => step.passed));
});

for (const [rule, asked, agreed] of RULES)
  test(`the rule \`${rule}\` denies ${JSON.stringify({ ...asked, ...agreed }).slice(0, 120)}`, () => {
    const verdict = evaluate(question(asked), [terms(agreed)]);
    assert.deepEqual([verdict.allowed, verdict.rule], [false, rule], verdict.detail);
    assert.equal(verdict.trace.at(-1)?.passed, rule === "agreement");
  });

test("a party that has left gets nothing", () => {
  const parties = [{ ...terms().parties[0]!, hasLeft: true }]; // there is one
  assert.deepEqual(evaluate(question(), [terms({ parties })]).rule, "recipient");
});

test("a revoked version reaches who holds an earlier one, and nobody else", () => {
  const revoked = item({ revoked: true });
  assert.equal(evaluate(question({ item: revoked, held: true }), [terms()]).allowed, true);
  assert.equal(evaluate(question({ item: revoked }), [terms()]).allowed, false);
});

test("of two agreements that apply, the stricter one decides", () => {
  const second = terms({ id: "00000000-0000-7000-8000-000000000002", tlpMax: "clear" });
  for (const order of [
    [terms(), second],
    [second, terms()],
  ])
    assert.equal(evaluate(question(), order).rule, "tlp-ceiling");
});

const markings = fc.uniqueArray(fc.constantFrom(...TLP_LEVELS.map(tlpMarkingId), OTHER, UNKNOWN));
const levels = fc.constantFrom(...TLP_LEVELS);
const anyItem = fc
  .record({
    markings,
    copies: fc.array(
      fc.record({
        source: fc.constant("s"),
        sourceKind: fc.constantFrom("local", "file", "taxii", "partner"),
        tlp: levels,
        onwardDepth: fc.constantFrom(null, 0, 1),
      }),
      { maxLength: 3 },
    ),
    revoked: fc.boolean(),
    validUntil: fc.constantFrom(null, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    hasCreator: fc.boolean(),
    hits: fc.subarray(["person", "deny-list"]),
    type: fc.constantFrom("indicator", "malware"),
  })
  .map((more) => item(more));
const anyQuestion = fc
  .record({
    item: anyItem,
    recipients: fc.subarray(["works", "mine"]),
    channel: fc.constantFrom(...contract.CHANNELS),
    encrypted: fc.boolean(),
    purpose: fc.constantFrom(null, ...contract.PURPOSES),
    clockDoubt: fc.boolean(),
    held: fc.boolean(),
  })
  .map((more) => question(more));
const anyTerms = fc
  .record({
    state: fc.constantFrom(...contract.AGREEMENT_STATES),
    kinds: fc.subarray(["indicator", "malware"]),
    markings: fc.subarray([OTHER, UNKNOWN]),
    tlpMax: fc.constantFrom("clear", "green", "amber"),
    onwardDepth: fc.nat(2),
    redaction: fc.subarray([...contract.DETECTORS]),
  })
  .map((more) => terms(more));
const anyAgreements = fc
  .array(anyTerms, { maxLength: 3 })
  .map((all) => all.map((each, n) => ({ ...each, id: `00000000-0000-7000-8000-00000000000${n}` })));

test("adding a marking never widens the audience", () => {
  fc.assert(
    fc.property(anyQuestion, anyAgreements, markings, (asked, agreements, more) => {
      const marked = { ...asked, item: { ...asked.item, markings: [...new Set([...asked.item.markings, ...more])] } };
      if (evaluate(marked, agreements).allowed) assert.ok(evaluate(asked, agreements).allowed);
    }),
    { numRuns: 2_000 },
  );
});

test("another copy never widens the audience: the strictest copy counts", () => {
  fc.assert(
    fc.property(anyQuestion, anyAgreements, levels, (asked, agreements, tlp) => {
      if (asked.item.copies.length === 0) return;
      const copies = [...asked.item.copies, { source: "t", sourceKind: "local" as const, tlp, onwardDepth: null }];
      const more = { ...asked, item: { ...asked.item, copies } };
      if (evaluate(more, agreements).allowed) assert.ok(evaluate(asked, agreements).allowed);
    }),
    { numRuns: 2_000 },
  );
});

test("TLP:RED leaves by no channel, whatever was agreed", () => {
  fc.assert(
    fc.property(anyQuestion, anyAgreements, fc.boolean(), (asked, agreements, byCopy) => {
      const { item } = asked;
      const red: Item = byCopy
        ? { ...item, copies: [...item.copies, { source: "r", sourceKind: "local", tlp: "red", onwardDepth: null }] }
        : { ...item, markings: [...item.markings, tlpMarkingId("red")] };
      assert.equal(evaluate({ ...asked, item: red }, agreements).allowed, false);
    }),
    { numRuns: 2_000 },
  );
});

test("a decision is a function of its logged inputs", () => {
  fc.assert(
    fc.property(anyQuestion, anyAgreements, (asked, agreements) => {
      const verdict = evaluate(asked, agreements);
      const logged = JSON.parse(JSON.stringify({ asked, agreements })) as { asked: Question; agreements: Terms[] }; // as a log keeps it
      assert.deepEqual(evaluate(logged.asked, logged.agreements.toReversed()).allowed, verdict.allowed);
      assert.deepEqual(evaluate(logged.asked, logged.agreements), verdict);
    }),
    { numRuns: 1_000 },
  );
});

test("an input that breaks the evaluation denies", () => {
  const broken = { ...question(), item: undefined } as unknown as Question; // what a fault would hand over
  assert.equal(evaluate(broken, [terms()]).allowed, false);
});
