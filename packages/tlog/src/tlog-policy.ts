/**
 * Trust policies, C2SP tlog-policy: which logs are known, which witnesses, and which quorum of them makes a checkpoint
 * believable. Invariant: parsePolicy(formatPolicy(p)) equals p. A policy is a file of octets: names are opaque, so they
 * are kept as one character per octet. Refuses a second quorum, names before their definition, a name in two groups,
 * one key under two names, and key types that do not fit the role.
 */
import { unwrap } from "@holdfast/kernel";
import { fromUtf8, utf8 } from "./bytes.ts";
import { openCheckpoint, type OpenedCheckpoint } from "./opened-checkpoint.ts";
import { attempt, refuse, shown, type TlogResult } from "./refusal.ts";
import { nobleVerifier, type Verifier } from "./verifier.ts";
import { formatVkey, type NoteKey, parseVkey, SIGNATURE_TYPE, type SignatureType } from "./vkey.ts";
import { hex } from "./bytes.ts";

export interface PolicyLog {
  readonly key: NoteKey;
  readonly url?: string;
}

export interface PolicyWitness {
  /** One character per octet of the file, not decoded. */
  readonly name: string;
  readonly key: NoteKey;
  readonly url?: string;
}

export interface PolicyGroup {
  readonly name: string;
  /** How many members it takes. */
  readonly threshold: number;
  readonly members: readonly string[];
}

export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly groups: readonly PolicyGroup[];
  /** A witness, a group, or `none`. */
  readonly quorum: string;
}

/** A checkpoint that satisfies a policy, and who stands behind it. */
export interface PolicyVerdict extends OpenedCheckpoint {
  readonly log: PolicyLog;
  readonly witnessed: readonly { readonly witness: PolicyWitness; readonly timestamp: bigint }[];
}

/** Bounds the work on a hostile policy; the specification asks for at least 32 of each. */
export const MAX_POLICY_LINES = 4_096;
export const MAX_POLICY_BYTES = 4_000_000; // 1,000 ML-DSA-44 keys fit

const LOG_TYPES: readonly SignatureType[] = [SIGNATURE_TYPE.ed25519, SIGNATURE_TYPE.mlDsa44];
const WITNESS_TYPES: readonly SignatureType[] = [SIGNATURE_TYPE.cosignatureV1, SIGNATURE_TYPE.mlDsa44];

export function parsePolicy(bytes: Uint8Array): TlogResult<Policy> {
  return attempt(() => {
    if (bytes.length > MAX_POLICY_BYTES)
      refuse("tlog/policy", `a policy of \`${bytes.length}\` bytes exceeds \`${MAX_POLICY_BYTES}\``);
    const lines = octetLines(bytes);
    if (lines.length > MAX_POLICY_LINES)
      refuse("tlog/policy", `\`${lines.length}\` lines exceed \`${MAX_POLICY_LINES}\``);
    const draft = new PolicyDraft();
    for (const [i, line] of lines.entries()) {
      const words = line.split(/[ \t]+/).filter((word) => word !== "");
      const [keyword] = words;
      if (keyword === undefined || keyword.startsWith("#")) continue;
      draft.add(words, `line ${i + 1}`);
    }
    return draft.finish();
  });
}

/** A policy file that says the same; comments and spacing of the file it came from are gone. */
export function formatPolicy({ logs, witnesses, groups, quorum }: Policy): Uint8Array {
  const url = (place: { readonly url?: string }) => (place.url === undefined ? "" : ` ${place.url}`);
  const lines = [
    ...logs.map((log) => `log ${octets(formatVkey(log.key))}${url(log)}`),
    ...witnesses.map((witness) => `witness ${witness.name} ${octets(formatVkey(witness.key))}${url(witness)}`),
    ...groups.map(({ name, threshold, members }) => `group ${name} ${threshold} ${members.join(" ")}`),
    `quorum ${quorum}`,
  ];
  return Uint8Array.from(lines.map((line) => `${line}\n`).join(""), (octet) => octet.charCodeAt(0));
}

/**
 * The checkpoint in `note` when a log of `policy` signed it and enough witnesses cosigned it. A cosignature counts when
 * it verifies and carries a time. Problems: `tlog/unsigned`, `tlog/signature`, `tlog/quorum`, and those of parsing.
 */
export function evaluatePolicy(
  policy: Policy,
  note: Uint8Array,
  verifier: Verifier = nobleVerifier,
): TlogResult<PolicyVerdict> {
  return attempt(() => {
    const verdict = unwrap(weighCheckpoint(policy, note, verifier));
    if (verdict.quorumMet) return verdict;
    const names = verdict.witnessed.map(({ witness }) => witness.name);
    const who = names.length === 0 ? "no witness" : names.map((name) => shown(name)).join(", ");
    return refuse("tlog/quorum", `quorum ${shown(policy.quorum)} is not met: cosigned by ${who}`, { cosigned: names });
  });
}

/** The same without the last word: whether the quorum is met stands in the answer. */
export function weighCheckpoint(
  policy: Policy,
  note: Uint8Array,
  verifier: Verifier = nobleVerifier,
): TlogResult<PolicyVerdict & { readonly quorumMet: boolean }> {
  return attempt(() => {
    const logKeys = policy.logs.map(({ key }) => key);
    const witnessKeys = policy.witnesses.map(({ key }) => key);
    const opened = unwrap(openCheckpoint(note, logKeys, witnessKeys, verifier));
    const log = policy.logs.find(
      ({ key }) => key.name === opened.checkpoint.origin && opened.verified.some((one) => one.key === key),
    );
    if (log === undefined) refuse("tlog/unsigned", "no log of the policy signed this checkpoint");
    const witnessed = policy.witnesses.flatMap((witness) => {
      const times = opened.verified.flatMap(({ key, timestamp = 0n }) => (key === witness.key ? [timestamp] : []));
      const timestamp = times.reduce((latest, time) => (time > latest ? time : latest), 0n);
      return timestamp > 0n ? [{ witness, timestamp }] : [];
    });
    const quorumMet = isQuorum(policy, new Set(witnessed.map(({ witness }) => witness.name)));
    return { ...opened, log, witnessed, quorumMet };
  });
}

/** Whether the witnesses called `cosigned` are a quorum of `policy`. */
export function isQuorum(policy: Policy, cosigned: ReadonlySet<string>): boolean {
  if (policy.quorum === "none") return true;
  const reached = new Set(policy.witnesses.map(({ name }) => name).filter((name) => cosigned.has(name)));
  // members are defined before their group, so one pass in order settles every group
  for (const { name, threshold, members } of policy.groups) {
    if (members.filter((member) => reached.has(member)).length >= threshold) reached.add(name);
  }
  return reached.has(policy.quorum);
}

/** Collects the lines of a policy and checks each against those before it. */
class PolicyDraft {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #groups: PolicyGroup[] = [];
  readonly #names = new Set<string>();
  readonly #members = new Set<string>();
  #quorum: string | undefined;

  add([keyword = "", ...rest]: readonly string[], where: string): void {
    switch (keyword) {
      case "log":
        return this.#addLog(rest, where);
      case "witness":
        return this.#addWitness(rest, where);
      case "group":
        return this.#addGroup(rest, where);
      case "quorum":
        return this.#setQuorum(rest, where);
      default:
        refuse("tlog/policy", `${where}: ${shown(keyword)} is not log, witness, group or quorum`);
    }
  }

  finish(): Policy {
    if (this.#quorum === undefined) refuse("tlog/policy", "a policy has exactly one quorum line, and there is none");
    return { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum: this.#quorum };
  }

  #addLog([vkey, url, ...rest]: readonly string[], where: string): void {
    if (vkey === undefined || rest.length > 0) refuse("tlog/policy", `${where}: it is \`log VKEY [URL]\``);
    const key = keyFor(LOG_TYPES, vkey, where);
    refuseDuplicate([...this.#logs, ...this.#witnesses], key, where);
    this.#logs.push({ key, ...(url === undefined ? {} : { url }) });
  }

  #addWitness([name, vkey, url, ...rest]: readonly string[], where: string): void {
    if (name === undefined || vkey === undefined || rest.length > 0)
      refuse("tlog/policy", `${where}: it is \`witness NAME VKEY [URL]\``);
    const key = keyFor(WITNESS_TYPES, vkey, where);
    refuseDuplicate([...this.#witnesses, ...this.#logs], key, where);
    this.#define(name, where);
    this.#witnesses.push({ name, key, ...(url === undefined ? {} : { url }) });
  }

  #addGroup([name, count, ...members]: readonly string[], where: string): void {
    if (name === undefined || count === undefined || members.length === 0)
      refuse("tlog/policy", `${where}: it is \`group NAME all|any|K MEMBER...\``);
    const threshold = count === "all" ? members.length : count === "any" ? 1 : decimal(count);
    if (!(threshold >= 1 && threshold <= members.length))
      refuse("tlog/policy", `${where}: ${shown(count)} is not all, any, or 1 to \`${members.length}\``);
    for (const member of members) {
      if (!this.#names.has(member)) refuse("tlog/policy", `${where}: member ${shown(member)} is not defined above`);
      if (this.#members.has(member)) refuse("tlog/policy", `${where}: ${shown(member)} is a member already`);
      this.#members.add(member);
    }
    this.#define(name, where);
    this.#groups.push({ name, threshold, members });
  }

  #setQuorum([name, ...rest]: readonly string[], where: string): void {
    if (name === undefined || rest.length > 0) refuse("tlog/policy", `${where}: it is \`quorum NAME\``);
    if (this.#quorum !== undefined) refuse("tlog/policy", `${where}: a policy has exactly one quorum line`);
    if (name !== "none" && !this.#names.has(name))
      refuse("tlog/policy", `${where}: quorum ${shown(name)} is not defined above`);
    this.#quorum = name;
  }

  #define(name: string, where: string): void {
    if (name === "none") refuse("tlog/policy", `${where}: the name \`none\` is reserved`);
    if (this.#names.has(name)) refuse("tlog/policy", `${where}: ${shown(name)} is defined already`);
    this.#names.add(name);
  }
}

/** The key in a policy's word, when its type fits the role. */
function keyFor(types: readonly SignatureType[], word: string, where: string): NoteKey {
  const text = fromUtf8(
    Uint8Array.from(word, (octet) => octet.charCodeAt(0)),
    "tlog/policy",
  );
  const key = parseVkey(text);
  if (!key.ok) refuse("tlog/policy", `${where}: ${key.problem.message}`);
  if (!types.includes(key.value.type))
    refuse("tlog/policy", `${where}: a key of type \`${key.value.type}\` does not sign in this role`);
  return key.value;
}

/** One key is one voice, whatever names it carries: a log that cosigns its own tree is no witness of it. */
function refuseDuplicate(known: readonly { readonly key: NoteKey }[], key: NoteKey, where: string): void {
  if (known.some((one) => hex(one.key.publicKey) === hex(key.publicKey)))
    refuse("tlog/policy", `${where}: the key of ${shown(key.name)} is listed already`);
}

/** The lines as text with one character per octet, so that no octet can change its meaning. */
function octetLines(bytes: Uint8Array): string[] {
  let text = "";
  for (const byte of bytes) {
    if ((byte < 0x20 && byte !== 0x09 && byte !== 0x0a) || byte === 0x7f)
      refuse("tlog/policy", `octet \`0x${byte.toString(16).padStart(2, "0")}\` is not allowed`);
    text += String.fromCharCode(byte);
  }
  const lines = text.split("\n");
  if (lines.pop() !== "") refuse("tlog/policy", "the last line of a policy ends in a newline");
  return lines;
}

function octets(text: string): string {
  return Array.from(utf8(text), (byte) => String.fromCharCode(byte)).join("");
}

function decimal(text: string): number {
  return /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : Number.NaN;
}
