/**
 * Verifies a dossier offline and says, line by line, what is proven, what is not, and what was not looked at. Three
 * layers: the seal (every part is as its issuer sealed it), the ledger (statements in a log that witnesses cosigned, and
 * what they cover), and the credentials of third parties. Whose keys these are is proven only by what the reader brings.
 */
import { type Json, Problem, unwrap } from "@holdfast/kernel";
import {
  covers,
  decodeBase64,
  leafHash,
  nodeHash,
  parsePolicy,
  parseStatement,
  parseTlogProof,
  type Policy,
  type Statement,
  verifyInclusion,
  verifySign1,
  weighCheckpoint,
} from "@holdfast/tlog";
import { sha256 } from "@noble/hashes/sha2.js";
import { contentOf, type Dossier, type DossierPart, openDossier } from "./dossier.ts";
import { type DidResolver, resolveKey } from "./did-document.ts";
import { encodeHex } from "./encoding.ts";
import { fromUtf8, isList, isObject, type JsonObject, parseJsonObject, utf8 } from "./json.ts";
import { sameKey } from "./jwk.ts";
import { attempt, CredentialProblem, shown } from "./refusal.ts";
import { type StatusAnswer, verifyCredential } from "./verify.ts";

export interface DossierClaim {
  readonly status: "proven" | "not proven" | "not checked";
  readonly claim: string;
}

export interface DossierPorts {
  /** When credentials are to be valid; absent: when the dossier was made. */
  readonly at?: Date;
  /** The log and the witnesses that the reader trusts; absent: the dossier's own, and that is said. */
  readonly policy?: Policy;
  /** What the reader knows of DIDs; the dossier's own copies stand in, and that is said. */
  readonly resolveDid: DidResolver;
  readonly fetchStatus: (url: string) => Promise<StatusAnswer>;
}

export interface DossierVerification {
  readonly dossier: Dossier;
  readonly claims: readonly DossierClaim[];
}

const proven = (claim: string): DossierClaim => ({ status: "proven", claim });
const notProven = (claim: string): DossierClaim => ({ status: "not proven", claim });
const notChecked = (claim: string): DossierClaim => ({ status: "not checked", claim });

/** @throws CredentialProblem when the file is no dossier, or not the one that was sealed: a changed byte ends here */
export async function verifyDossier(bytes: Uint8Array, ports: DossierPorts): Promise<DossierVerification> {
  const dossier = openDossier(bytes);
  const at = ports.at ?? new Date(dossier.seal.madeAt);
  const ledger = ledgerOf(dossier, ports);
  const claims = [
    ...(await sealClaims(dossier, ports)),
    ...ledger.claims,
    ...eventClaims(dossier, ledger),
    ...(await credentialClaims(dossier, { ...ports, at }, ledger)),
    ...otherClaims(dossier),
    ...withheldClaims(dossier),
  ];
  return { dossier, claims };
}

/** The parts of `kind` that show anything. */
function shownParts({ parts }: Dossier, kind: string): JsonObject[] {
  return parts.filter((part) => part.kind === kind && !("digest" in part)).map(contentOf);
}

async function sealClaims({ seal, parts }: Dossier, ports: DossierPorts): Promise<DossierClaim[]> {
  const { issuer, issuerName, madeAt, subject, kid, key } = seal;
  const claims = [
    proven(`every part is as it was sealed: ${parts.length} parts about ${shown(subject)}, said to be of ${madeAt}`),
  ];
  const whose = `the key ${shown(kid)} that sealed it is one of ${shown(issuer)}`;
  try {
    const resolved = await resolveKey(kid, ports.resolveDid);
    if (resolved.state !== "found") claims.push(notChecked(`that ${whose}: ${resolved.reason}`));
    else claims.push((sameKey(resolved.key, key) ? proven : notProven)(whose));
  } catch (error) {
    if (!(error instanceof CredentialProblem)) throw error;
    claims.push(notProven(`${whose}: ${error.message}`));
  }
  claims.push(notChecked(`that ${shown(issuer)} is ${shown(issuerName)}: a name in a seal is a claim`));
  return claims;
}

/** Statements that are proven to be in the log, by their id, with the document that each is about where it is shown. */
interface Ledger {
  readonly claims: readonly DossierClaim[];
  readonly proven: ReadonlyMap<string, { readonly document: JsonObject | undefined }>;
  readonly known: ReadonlySet<string>;
}

function ledgerOf(dossier: Dossier, { policy: given }: DossierPorts): Ledger {
  const statements = shownParts(dossier, "statement");
  const claims: DossierClaim[] = [];
  const found = new Map<string, { document: JsonObject | undefined }>();
  const known = new Set<string>();
  if (statements.length === 0)
    return { claims: [notChecked("any ledger: the dossier shows no statement")], proven: found, known };
  const policy = given ?? ownPolicy(dossier);
  if (policy === undefined)
    return {
      claims: [notChecked("the ledger's proofs: neither you nor the dossier names a policy")],
      proven: found,
      known,
    };
  if (given === undefined)
    claims.push(
      notChecked("that the log and its witnesses are those you trust: the policy is the dossier's own, give --policy"),
    );
  const quorums = new Set<string>();
  for (const [i, content] of statements.entries()) {
    const outcome = readStatement(content, dossier, policy);
    if (outcome instanceof Problem) {
      claims.push(notProven(`statement part ${i + 1} is in the log: ${outcome.message}`));
      continue;
    }
    const { id, document, lines, quorum } = outcome;
    known.add(id);
    claims.push(...lines);
    quorums.add(quorum);
    if (lines.every(({ status }) => status !== "not proven")) found.set(id, { document });
  }
  if (policy.quorum === "none")
    claims.push(notChecked("that everyone sees the same log: the policy asks for no witness"));
  else if (quorums.has("missed"))
    claims.push(notProven(`quorum ${shown(policy.quorum)} of the policy is met for every checkpoint`));
  else if (quorums.has("met"))
    claims.push(proven(`quorum ${shown(policy.quorum)} of the policy is met for every checkpoint`));
  return { claims, proven: found, known };
}

function ownPolicy(dossier: Dossier): Policy | undefined {
  const [content] = shownParts(dossier, "policy");
  const text = content?.["text"];
  const parsed = typeof text === "string" ? parsePolicy(utf8(text)) : undefined;
  return parsed?.ok ? parsed.value : undefined;
}

/** What a statement part says, or the Problem that keeps it from saying anything. */
function readStatement(content: JsonObject, dossier: Dossier, policy: Policy): ReadStatement | Problem {
  try {
    return statementOf(content, dossier, policy);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

interface ReadStatement {
  readonly id: string;
  readonly document: JsonObject | undefined;
  readonly lines: readonly DossierClaim[];
  readonly quorum: "met" | "missed";
}

/** @throws Problem when a part is malformed or does not verify */
function statementOf(content: JsonObject, { seal }: Dossier, policy: Policy): ReadStatement {
  const statement = unwrap(parseStatement(decodeBase64(textOf(content, "statement"))));
  const id = encodeHex(statement.entry);
  const proof = unwrap(parseTlogProof(utf8(textOf(content, "proof"))));
  const weighed = unwrap(weighCheckpoint(policy, proof.checkpoint));
  const { origin, size, root } = weighed.checkpoint;
  const isIn = verifyInclusion({ index: proof.index, size, leafHash: leafHash(statement.entry), root }, proof.path);
  const witnesses = weighed.witnessed.map(({ witness }) => shown(witness.key.name)).join(", ");
  const lines = [
    (isIn ? proven : notProven)(
      `statement ${id.slice(0, 16)}… is entry ${proof.index} of the log ${shown(origin)}, ${size} entries${witnesses === "" ? "" : `, cosigned by ${witnesses}`}`,
    ),
    signerClaim(statement, id, seal),
  ];
  const { document } = content;
  if (typeof document !== "string")
    return { id, document: undefined, lines, quorum: weighed.quorumMet ? "met" : "missed" };
  const bytes = decodeBase64(document);
  const covered = unwrap(covers(statement, bytes));
  if (!covered) lines.push(notProven(`statement ${id.slice(0, 16)}… is about the document beside it`));
  const read = covered ? attempt(() => parseJsonObject(fromUtf8(bytes))) : undefined;
  return { id, document: read?.ok ? read.value : undefined, lines, quorum: weighed.quorumMet ? "met" : "missed" };
}

function signerClaim(statement: Statement, id: string, seal: Dossier["seal"]): DossierClaim {
  const verified = verifySign1(statement.message, { key: seal.key });
  return verified.ok && verified.value
    ? proven(`statement ${id.slice(0, 16)}… is signed with the key that sealed the dossier`)
    : notChecked(`who signed statement ${id.slice(0, 16)}…: it is not the key that sealed the dossier`);
}

/** Each event: in the log by its batch, or only said by the issuer. */
function eventClaims(dossier: Dossier, ledger: Ledger): DossierClaim[] {
  return shownParts(dossier, "event").map((content) => {
    const what = eventName(content);
    const { body, inLedger } = content;
    if (typeof body !== "string" || !isObject(inLedger))
      return notChecked(
        `that the ledger has ${what}: ${typeof body === "string" ? "it names no statement" : "it is shown in part"}, so only the seal vouches for it`,
      );
    const root = batchRoot(body, inLedger["path"]);
    const id = inLedger["statement"];
    return inStatement(ledger, id, what, (payload) => root !== undefined && payload["root"] === root);
  });
}

/** A claim that the statement `id` covers `what`, when its payload passes `covers`. */
function inStatement(
  ledger: Ledger,
  id: Json | undefined,
  what: string,
  isCovered: (payload: JsonObject) => boolean,
): DossierClaim {
  if (typeof id !== "string") return notChecked(`that the ledger has ${what}: it names no statement`);
  const statement = ledger.proven.get(id);
  if (!statement)
    return ledger.known.has(id)
      ? notProven(`the ledger has ${what}: its statement is not proven`)
      : notChecked(`that the ledger has ${what}: statement ${shown(id.slice(0, 16))}… is not shown`);
  const payload = statement.document?.["payload"];
  if (!isObject(payload)) return notChecked(`that the ledger has ${what}: the statement's document is not shown`);
  const when = typeof statement.document?.["at"] === "string" ? `, recorded at ${shown(statement.document["at"])}` : "";
  return (isCovered(payload) ? proven : notProven)(`the ledger has ${what}, by statement ${id.slice(0, 16)}…${when}`);
}

function eventName(content: JsonObject): string {
  const event =
    typeof content["body"] === "string" ? attempt(() => parseJsonObject(String(content["body"]))) : undefined;
  const member = (name: string): string => {
    const value = event?.ok ? event.value[name] : content[`body/${name}`];
    return typeof value === "string" ? value : "";
  };
  const [type, time, id] = [member("type"), member("eventTime"), member("eventID")];
  const named = [type === "" ? "an event" : type, time === "" ? "" : `of ${time}`, id].filter((word) => word !== "");
  return shown(named.join(" "));
}

/** Root over the path from an event's body, RFC 9162 2.1.3.2, in hex; undefined when the path has not the form of one. */
function batchRoot(body: string, path: Json | undefined): string | undefined {
  if (!isList(path) || path.length > 64) return undefined;
  let node = leafHash(utf8(body));
  for (const step of path) {
    if (!isObject(step) || typeof step["hash"] !== "string" || !/^[0-9a-f]{64}$/.test(step["hash"])) return undefined;
    const sibling = Uint8Array.from(step["hash"].match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    node = step["side"] === "left" ? nodeHash(sibling, node) : nodeHash(node, sibling);
  }
  return encodeHex(node);
}

async function credentialClaims(
  dossier: Dossier,
  ports: DossierPorts & { readonly at: Date },
  ledger: Ledger,
): Promise<DossierClaim[]> {
  const claims: DossierClaim[] = [];
  const borrowed = new Set<string>();
  const resolveDid: DidResolver = async (did) => {
    const own = await ports.resolveDid(did);
    if (own.state !== "not-checked") return own;
    const copy = shownParts(dossier, "did-document").find((content) => content["did"] === did)?.["document"];
    if (!isObject(copy)) return own;
    borrowed.add(did);
    return { state: "found", document: copy };
  };
  const fetchStatus = async (url: string): Promise<StatusAnswer> => {
    const own = await ports.fetchStatus(url);
    const copy = shownParts(dossier, "status-list").find((content) => content["url"] === url)?.["text"];
    return own.state === "not-checked" && typeof copy === "string" ? { state: "found", text: copy } : own;
  };
  for (const content of shownParts(dossier, "credential")) {
    const { document, inLedger } = content;
    if (typeof document !== "string") continue;
    const said = await credentialClaim(document, { ...ports, resolveDid, fetchStatus });
    claims.push(said);
    if (isObject(inLedger)) {
      const digest = encodeHex(sha256(utf8(document)));
      claims.push(
        inStatement(ledger, inLedger["statement"], "that credential", (payload) => payload["sha256"] === digest),
      );
    }
  }
  for (const did of borrowed)
    claims.push(notChecked(`that the keys of ${shown(did)} are its own: they are the dossier's copy, give --did`));
  return claims;
}

async function credentialClaim(document: string, ports: DossierPorts & { readonly at: Date }): Promise<DossierClaim> {
  try {
    const { verdict, checks, credential, issuer } = await verifyCredential(document, ports);
    const { name } = credential;
    const what = `${shown(typeof name === "string" ? name : "a credential")} by ${shown(issuer)} is valid at ${ports.at.toISOString()}`;
    if (verdict === "valid") return proven(what);
    const state = verdict === "invalid" ? "failed" : "not-checked";
    const why = checks
      .filter((check) => check.state === state)
      .map(({ reason }) => reason)
      .join("; ");
    return verdict === "invalid" ? notProven(`${what}: ${why}`) : notChecked(`that ${what}: ${why}`);
  } catch (error) {
    if (!(error instanceof CredentialProblem)) throw error;
    return notProven(`a credential is one: ${error.message}`);
  }
}

/** What only the issuer's word stands for. */
const SAID: Readonly<Record<string, string>> = {
  finding: "findings are all there are, and right: they are what the issuer found",
  pedigree: "the pedigree is complete: it is what the issuer drew from the events it has",
};

function otherClaims({ parts }: Dossier): DossierClaim[] {
  return [...gapClaims(parts), ...saidClaims(parts)];
}

/** What the issuer could not take in, in its own words: a gap must not look like nothing. */
function gapClaims(parts: readonly DossierPart[]): DossierClaim[] {
  const gaps = parts.filter((part) => part.kind === "gap" && !("digest" in part)).map(contentOf);
  return gaps.map(({ what, why }) => notChecked(`${shown(String(what))}: left out, ${shown(String(why))}`));
}

function saidClaims(parts: readonly DossierPart[]): DossierClaim[] {
  return Object.entries(SAID).flatMap(([kind, what]) => {
    const count = parts.filter((part) => part.kind === kind).length;
    return count === 0 ? [] : [notChecked(`that the ${count} ${kind} part(s) say everything: ${what}`)];
  });
}

function withheldClaims({ parts }: Dossier): DossierClaim[] {
  const whole = countByKind(parts.filter((part) => "digest" in part));
  const claims = whole.map(([kind, count]) => notChecked(`${count} ${kind} part(s): withheld`));
  const partly = countByKind(parts.filter((part) => "withheld" in part && part.withheld.length > 0));
  return [...claims, ...partly.map(([kind, count]) => notChecked(`${count} ${kind} part(s): some members withheld`))];
}

function countByKind(parts: readonly DossierPart[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { kind } of parts) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function textOf(content: JsonObject, name: string): string {
  const value = content[name];
  if (typeof value === "string") return value;
  throw new CredentialProblem("credential/dossier", `\`${name}\` is not shown`);
}
