/**
 * May this object leave to this recipient? Pure: the same question and the same agreements give the same verdict, so a
 * logged decision can be decided again. Rules are asked in one order and the first that fails denies. An agreement applies
 * when it is in force and covers recipient, kind and purpose; every one that applies must allow. Invariants: a marking more
 * never allows more; TLP:RED and TLP:AMBER+STRICT leave to nobody; what is missing, unknown or fails denies.
 */
import type { agreement as contract } from "@holdfast/api";
import { combineIep, compareTlp, handlingOf, type Iep, isInForce, strictestTlp, type TlpLevel } from "@holdfast/stix";

/** A copy of the object that is used: the handling belongs to the copy, not to the value. */
export interface CopyHandling {
  readonly source: string;
  readonly sourceKind: "local" | "file" | "taxii" | "partner";
  readonly tlp: TlpLevel;
  /** How often it may still be handed on; null where no agreement brought it. */
  readonly onwardDepth: number | null;
}

export interface Item {
  readonly id: string;
  readonly type: string;
  readonly version: string;
  /** Digest of the content. */
  readonly sha256: string;
  /** Ids of every marking of the object and its parts. */
  readonly markings: readonly string[];
  /** Information exchange policies among its markings; "unreadable" where one does not parse. */
  readonly policies: readonly (Iep | "unreadable")[];
  readonly copies: readonly CopyHandling[];
  readonly revoked: boolean;
  readonly validUntil: string | null;
  readonly hasCreator: boolean;
  /** Detectors that found something in it, and "deny-list". */
  readonly hits: readonly string[];
}

export interface Question {
  readonly item: Item;
  /** Ids of the parties that the asker stands for. */
  readonly recipients: readonly string[];
  readonly channel: (typeof contract.CHANNELS)[number];
  readonly encrypted: boolean;
  /** Null: as each agreement's standing purpose says. */
  readonly purpose: (typeof contract.PURPOSES)[number] | null;
  readonly now: string;
  /** True when the node's clock can't be trusted. */
  readonly clockDoubt: boolean;
  /** True when the recipient holds an earlier version, which a revocation must reach. */
  readonly held: boolean;
  /** Objects disclosed to the recipient within a day, by agreement. */
  readonly disclosedToday: Readonly<Record<string, number>>;
}

export type Terms = Pick<contract.Agreement, "id" | "version" | "state" | "signatures"> & contract.AgreementDraft;

/** Each rule and the clause of an agreement that it stands on. */
export const CLAUSES = {
  clock: "0 the clock",
  recipient: "1 parties",
  copies: "2 handling of every copy",
  "tlp-red": "2 handling of every copy",
  "tlp-strict": "2 handling of every copy",
  expired: "3 validity",
  agreement: "1 parties",
  signed: "4 signatures",
  term: "5 term",
  "legal-basis": "6 legal basis",
  kind: "7 kinds",
  purpose: "8 purposes",
  marking: "9 markings",
  "tlp-ceiling": "10 ceiling",
  iep: "11 information exchange policy",
  action: "11 information exchange policy",
  attribution: "11 information exchange policy",
  encryption: "11 information exchange policy",
  onward: "12 onward sharing",
  redaction: "13 redaction",
  volume: "14 volume",
  covered: "1 parties",
} as const;
export type Rule = keyof typeof CLAUSES;

type Trace = contract.Verdict["trace"];
type Finding = { readonly rule: Rule; readonly passed: boolean; readonly detail: string };

/** The verdict; whatever goes wrong on the way denies. */
export function evaluate(question: Question, agreements: readonly Terms[]): contract.Verdict {
  const trace: Trace[number][] = [];
  try {
    return decide(question, agreements, trace);
  } catch (error) {
    return denied(
      "copies",
      `the evaluation failed: ${error instanceof Error ? error.message : "unknown"}`,
      null,
      trace,
    );
  }
}

function decide(question: Question, agreements: readonly Terms[], trace: Trace[number][]): contract.Verdict {
  const first = firstFailure(general(question), null, trace);
  if (first) return denied(first.rule, first.detail, null, trace);
  const applying: Terms[] = [];
  let nearest: { finding: Finding; terms: Terms } | undefined;
  for (const terms of [...agreements].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    if (!partyOf(terms, question)) continue;
    const failure = firstFailure(applicability(question, terms), terms, trace);
    if (failure) nearest ??= { finding: failure, terms };
    else applying.push(terms);
  }
  if (applying.length === 0)
    return nearest
      ? denied(nearest.finding.rule, nearest.finding.detail, nearest.terms, trace)
      : denied("agreement", `no agreement has \`${question.recipients[0] ?? ""}\` as a party`, null, trace);
  for (const terms of applying) {
    const failure = firstFailure(conditions(question, terms), terms, trace);
    if (failure) return denied(failure.rule, failure.detail, terms, trace);
  }
  const terms = applying[0]!; // not empty
  return {
    allowed: true,
    rule: "covered",
    clause: `${CLAUSES.kind}, ${CLAUSES.purpose}, ${CLAUSES["tlp-ceiling"]}`,
    detail: `“${terms.title}” covers it`,
    agreement: terms.id,
    agreementVersion: terms.version,
    trace,
  };
}

/** What holds whatever was agreed. */
function* general({ item, recipients, now, clockDoubt, held }: Question): Iterable<Finding> {
  yield { rule: "clock", passed: !clockDoubt && !Number.isNaN(Date.parse(now)), detail: "the time is known" };
  yield {
    rule: "recipient",
    passed: recipients.length === 1,
    detail: recipients.length === 0 ? "the recipient is no party of any agreement" : "one recipient is meant",
  };
  yield { rule: "copies", passed: item.copies.length > 0, detail: "the handling of its copies is known" };
  const level = effectiveTlp(item);
  yield {
    rule: "tlp-red",
    passed: level !== undefined && level !== "red",
    detail: "TLP:RED is for named persons only",
  };
  yield {
    rule: "tlp-strict",
    passed: level !== "amber+strict",
    detail: "TLP:AMBER+STRICT stays in the organisation that has it",
  };
  const isOver = item.validUntil !== null && !(Date.parse(item.validUntil) > Date.parse(now));
  yield { rule: "expired", passed: !isOver || held, detail: `valid until ${item.validUntil ?? "further notice"}` };
  yield {
    rule: "expired",
    passed: !item.revoked || held,
    detail: item.revoked ? "revoked: only holders of an earlier version hear of it" : "not revoked",
  };
}

/** Whether an agreement speaks about this at all. None of it looks at markings. */
function* applicability(question: Question, terms: Terms): Iterable<Finding> {
  const now = Date.parse(question.now);
  const signers = new Set(terms.signatures.filter((each) => each.version === terms.version).map((each) => each.party));
  const missing = ["self", question.recipients[0] ?? ""].find((name) => !signers.has(name));
  yield {
    rule: "signed",
    passed: terms.state === "signed" && missing === undefined,
    detail: terms.state === "ended" ? "the agreement has ended" : `signature of \`${missing ?? "everybody"}\``,
  };
  yield { rule: "term", passed: isWithin(now, terms.startsAt, terms.endsAt), detail: `from ${terms.startsAt}` };
  const { legalBasis } = terms;
  yield {
    rule: "legal-basis",
    passed: isWithin(now, legalBasis.from, legalBasis.until),
    detail: `in force from ${legalBasis.from} until ${legalBasis.until ?? "further notice"}`,
  };
  yield { rule: "kind", passed: terms.kinds.includes(question.item.type), detail: `kind \`${question.item.type}\`` };
  const purpose = purposeOf(question, terms);
  yield {
    rule: "purpose",
    passed: purpose !== null && terms.purposes.includes(purpose),
    detail: purpose === null ? "no purpose is stated, and none is standing" : `purpose \`${purpose}\``,
  };
}

/** What an agreement that applies demands. */
function* conditions(question: Question, terms: Terms): Iterable<Finding> {
  const { item, channel, encrypted, disclosedToday } = question;
  const party = partyOf(terms, question);
  yield { rule: "recipient", passed: party !== undefined && !party.hasLeft, detail: "the party has not left" };
  const unknown = handlingOf(item.markings).others.find((id) => !terms.markings.includes(id));
  yield { rule: "marking", passed: unknown === undefined, detail: `marking \`${unknown ?? "known"}\`` };
  const policy = iepOf(item, terms, question.now);
  yield { rule: "iep", passed: policy !== undefined, detail: "its policies can be read and obeyed together" };
  if (policy === undefined) return;
  const level = strictestTlp([effectiveTlp(item) ?? "red", policy.tlp]) ?? "red";
  yield {
    rule: "tlp-ceiling",
    passed: compareTlp(level, terms.tlpMax) <= 0,
    detail: `TLP:${level.toUpperCase()} under TLP:${terms.tlpMax.toUpperCase()}`,
  };
  const purpose = purposeOf(question, terms);
  yield {
    rule: "action",
    passed: purpose !== null && permits(policy, purpose),
    detail: `\`${policy.permittedActions}\` for purpose \`${purpose ?? ""}\``,
  };
  yield {
    rule: "attribution",
    passed: policy.attribution === "may" || (policy.attribution === "must") === item.hasCreator,
    detail: `attribution \`${policy.attribution}\``,
  };
  yield {
    rule: "encryption",
    passed: policy.encryptInTransit === "may" || encrypted,
    detail: `channel \`${channel}\``,
  };
  const stuck = item.copies.find((copy) =>
    copy.onwardDepth === null ? copy.sourceKind === "partner" : copy.onwardDepth < 1,
  );
  yield { rule: "onward", passed: stuck === undefined, detail: "every copy may be handed on" };
  const found = item.hits.filter((hit) => hit === "deny-list" || terms.redaction.some((detector) => detector === hit));
  yield {
    rule: "redaction",
    passed: found.length === 0,
    detail: found.length === 0 ? "nothing to scrub" : `it holds ${found.join(", ")}: share a scrubbed copy`,
  };
  const count = disclosedToday[terms.id] ?? 0;
  yield {
    rule: "volume",
    passed: count < terms.objectsPerDayMax,
    detail: `${count} of ${terms.objectsPerDayMax} objects a day`,
  };
}

/** The strictest of the copies' handling and the markings inside; undefined where nothing is known. */
export function effectiveTlp({ copies, markings }: Item): TlpLevel | undefined {
  if (copies.length === 0) return undefined;
  const { tlp } = handlingOf(markings);
  return strictestTlp([...copies.map((copy) => copy.tlp), ...(tlp ? [tlp] : [])]);
}

/** The terms of the agreement and of every policy on the object together; undefined when they can't be obeyed. */
function iepOf(item: Item, terms: Terms, now: string) {
  const own: Iep = {
    id: terms.id,
    name: terms.title,
    startDate: undefined,
    endDate: undefined,
    tlp: "clear",
    ...terms.iep,
  };
  const policies: Iep[] = [own];
  for (const policy of item.policies) {
    if (policy === "unreadable" || !isInForce(policy, now)) return undefined;
    policies.push(policy);
  }
  const combined = combineIep(policies);
  return combined.ok ? combined.value : undefined;
}

const ACTION_ORDER = [
  "none",
  "contact-for-instruction",
  "internally-visible-actions",
  "externally-visible-indirect-actions",
  "externally-visible-direct-actions",
] as const;

/** What each purpose does with a thing, by the actions of IEP 2.0. */
const NEEDS: Readonly<Record<(typeof contract.PURPOSES)[number], (typeof ACTION_ORDER)[number]>> = {
  awareness: "none",
  statistics: "none",
  detect: "internally-visible-actions",
  block: "externally-visible-indirect-actions",
  respond: "externally-visible-direct-actions",
  notify: "none",
};

function permits(
  policy: Pick<Iep, "permittedActions" | "affectedPartyNotifications">,
  purpose: keyof typeof NEEDS,
): boolean {
  if (purpose === "notify" && policy.affectedPartyNotifications !== "may") return false;
  return ACTION_ORDER.indexOf(policy.permittedActions) >= ACTION_ORDER.indexOf(NEEDS[purpose]);
}

function purposeOf({ purpose }: Question, terms: Terms) {
  return purpose ?? terms.standingPurpose;
}

function partyOf(terms: Terms, { recipients }: Question): contract.Party | undefined {
  return terms.parties.find((party) => party.id === recipients[0]);
}

function isWithin(now: number, from: string, until: string | null): boolean {
  return now >= Date.parse(from) && (until === null || now < Date.parse(until));
}

function firstFailure(findings: Iterable<Finding>, terms: Terms | null, trace: Trace[number][]): Finding | undefined {
  for (const finding of findings) {
    trace.push({ agreement: terms?.id ?? null, ...finding });
    if (!finding.passed) return finding;
  }
  return undefined;
}

function denied(rule: Rule, detail: string, terms: Terms | null, trace: Trace): contract.Verdict {
  return {
    allowed: false,
    rule,
    clause: CLAUSES[rule],
    detail,
    agreement: terms?.id ?? null,
    agreementVersion: terms?.version ?? null,
    trace,
  };
}
