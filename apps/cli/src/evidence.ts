/** From evidence to claims: tlog-proofs, and COSE statements with receipts. Pure; verify.ts reads the files and prints. */
import { createHash } from "node:crypto";
import { unwrap } from "@holdfast/kernel";
import {
  type CoseKey,
  covers,
  keyThumbprint,
  leafHash,
  parseForkProof,
  parseReceipt,
  parseStatement,
  parseTlogProof,
  type PublicKey,
  type Receipt,
  SIGNATURE_TYPE,
  type Statement,
  verifyForkProof,
  verifyInclusion,
  verifyInclusionReceipt,
  verifySign1,
  weighCheckpoint,
} from "@holdfast/tlog";
import { type Claim, instant, notChecked, notProven, proven, quoted } from "./evidence-claim.ts";
import type { Trust } from "./evidence-input.ts";

/** What the evidence is to be about, as the caller gave it. */
export interface Subject {
  /** The bytes of --entry. */
  readonly entry?: Uint8Array;
  /** The bytes of --digest. */
  readonly digest?: Uint8Array;
  /** The bytes of --document. */
  readonly document?: Uint8Array;
  /** The keys of --issuer-key. */
  readonly issuerKeys?: readonly CoseKey[];
}

/** One way to read what was given as a log's entry. */
interface Entry {
  readonly bytes: Uint8Array;
  readonly what: string;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** The claims of a `.tlog-proof`. @throws Problem when it is malformed */
export function proofClaims(file: Uint8Array, trust: Trust, subject: Subject): Claim[] {
  const proof = unwrap(parseTlogProof(file));
  if (trust.kind === "keys")
    return [notProven("a tlog-proof is judged by a tlog-policy, and --policy holds COSE keys")];
  const weighed = weighCheckpoint(trust.policy, proof.checkpoint);
  if (!weighed.ok) {
    if (weighed.problem.code !== "tlog/unsigned" && weighed.problem.code !== "tlog/signature") throw weighed.problem;
    return [notProven(`a log of the policy signed this tree: ${weighed.problem.message}`)];
  }
  const { checkpoint, log, witnessed, quorumMet } = weighed.value;
  const { origin, size, root } = checkpoint;
  const claims = [
    proven(`${quoted(origin)} signed its tree of ${size} entries, root ${hex(root)} (key ${log.key.keyId})`),
  ];
  for (const { witness, timestamp } of witnessed)
    claims.push(
      proven(`witness ${quoted(witness.key.name)} cosigned that tree, by its clock at ${instant(timestamp)}`),
    );
  claims.push(quorumClaim(trust.policy.quorum, quorumMet));
  const statement = statementIn(subject.entry ?? proof.extra);
  const entries = entriesOf(subject, proof.extra, statement);
  const found = entries.find(({ bytes }) =>
    verifyInclusion({ index: proof.index, size, leafHash: leafHash(bytes), root }, proof.path),
  );
  if (found !== undefined) claims.push(proven(`entry ${proof.index} of that tree is ${found.what}`));
  else if (entries.length === 0)
    claims.push(notProven(`what entry ${proof.index} is: name it with --entry FILE or --digest HEX`));
  else claims.push(notProven(`entry ${proof.index} of that tree is ${entries.map(({ what }) => what).join(", or ")}`));
  return [...claims, ...statementClaims(statement, subject)];
}

/** The claims of a signed or transparent statement. @throws Problem when it is malformed */
export function transparentClaims(file: Uint8Array, trust: Trust, subject: Subject): Claim[] {
  const statement = unwrap(parseStatement(file));
  const claims: Claim[] = [];
  const given = entriesOf(subject, undefined, statementIn(subject.entry));
  if (given.length > 0 && !given.some(({ bytes }) => hex(bytes) === hex(statement.entry)))
    claims.push(notProven(`the statement is the one given: its entry is ${hex(statement.entry)}`));
  if (statement.receipts.length === 0) claims.push(notProven("the statement is in a log: it carries no receipt"));
  const judged = statement.receipts.flatMap((bytes, i) =>
    receiptJudgement(bytes, [{ bytes: statement.entry, what: "this statement" }], trust, `receipt ${i + 1}`),
  );
  claims.push(...judged);
  if (statement.receipts.length > 0 && !judged.some(({ status }) => status === "proven"))
    claims.push(notProven("the statement is in a log that the policy trusts: no receipt proves it"));
  return [...claims, ...witnessClaims(trust), ...statementClaims(statement, subject)];
}

/** The claims of a receipt by itself. @throws Problem when it is malformed */
export function receiptClaims(file: Uint8Array, trust: Trust, subject: Subject): Claim[] {
  const receipt = parseReceipt(file);
  if (!receipt.ok && receipt.problem.code !== "tlog/unsupported") throw receipt.problem;
  const statement = statementIn(subject.entry);
  const entries = entriesOf(subject, undefined, statement);
  if (entries.length === 0) return [notProven("what the receipt is about: name it with --entry FILE or --digest HEX")];
  const claims = receiptJudgement(file, entries, trust, "the receipt");
  if (!claims.some(({ status }) => status === "proven"))
    claims.push(notProven("the entry is in a log that the policy trusts"));
  return [...claims, ...witnessClaims(trust), ...statementClaims(statement, subject)];
}

/** The claims of a fork proof: it is proven when the log's own key signed both stories. @throws Problem when malformed */
export function forkClaims(file: Uint8Array, trust: Trust): Claim[] {
  const proof = unwrap(parseForkProof(file));
  if (trust.kind === "keys")
    return [notProven("a fork proof is judged by a tlog-policy, and --policy holds COSE keys")];
  const fork = verifyForkProof(
    proof,
    trust.policy.logs.map(({ key }) => key),
  );
  if (!fork.ok)
    return [notProven(`a log of the policy signed two trees that cannot both be true: ${fork.problem.message}`)];
  const { origin, checkpoints, index } = fork.value;
  const [first, second] = checkpoints;
  const where = index === undefined ? "" : `, which differ at entry ${index}`;
  return [
    proven(
      `${quoted(origin)} signed two trees that cannot both be true: of ${first.size} and of ${second.size} entries${where}`,
    ),
  ];
}

function receiptJudgement(bytes: Uint8Array, entries: readonly Entry[], trust: Trust, name: string): Claim[] {
  const parsed = parseReceipt(bytes);
  if (!parsed.ok) return [notChecked(`${name}: ${parsed.problem.message}`)];
  const receipt = parsed.value;
  if (receipt.inclusion.length === 0)
    return [notChecked(`${name} proves consistency, which says nothing about one entry`)];
  const keys = receiptKeys(receipt, trust);
  if (keys.length === 0)
    return [notChecked(`${name}: the policy has no key ${receipt.kid ? hex(receipt.kid) : "for it"}`)];
  for (const key of keys) {
    for (const { bytes: entry, what } of entries) {
      const verified = verifyInclusionReceipt(receipt, entry, key);
      if (!verified.ok) return [notChecked(`${name}: ${verified.problem.message}`)];
      if (verified.value)
        return receipt.inclusion.map(({ index, size }) =>
          proven(`${name}: ${logOf(receipt)} holds ${what} as entry ${index} of ${size}`),
        );
    }
  }
  return [notProven(`${name}: a known key signed a tree that holds ${entries.map(({ what }) => what).join(", or ")}`)];
}

function logOf({ issuer }: Receipt): string {
  return issuer === undefined ? "the log" : `the log ${quoted(issuer)}`;
}

/** The trusted keys that a receipt may be signed with: those its kid names, or all when it names none. */
function receiptKeys({ kid }: Receipt, trust: Trust): PublicKey[] {
  const known: CoseKey[] =
    trust.kind === "keys"
      ? [...trust.keys]
      : trust.policy.logs.map(({ key }) => ({
          publicKey: { kind: key.type === SIGNATURE_TYPE.mlDsa44 ? "ml-dsa-44" : "ed25519", bytes: key.publicKey },
        }));
  return known.filter((key) => kid === undefined || namedBy(key, kid)).map(({ publicKey }) => publicKey);
}

function namedBy(key: CoseKey, kid: Uint8Array): boolean {
  return hex(key.kid ?? keyThumbprint(key.publicKey)) === hex(kid) || hex(keyThumbprint(key.publicKey)) === hex(kid);
}

/** A receipt carries no cosignatures, so a policy that wants witnesses is not met by one. */
function witnessClaims(trust: Trust): Claim[] {
  if (trust.kind === "keys") return [notChecked("that everyone sees the same log: keys alone name no witnesses")];
  if (trust.policy.quorum === "none") return [quorumClaim("none", true)];
  return [
    notProven(
      `quorum ${quoted(trust.policy.quorum)} cosigned the tree: a receipt carries no cosignatures, a tlog-proof does`,
    ),
  ];
}

function quorumClaim(quorum: string, met: boolean): Claim {
  if (quorum === "none") return notChecked("that everyone sees the same log: the policy asks for no witness");
  return met
    ? proven(`quorum ${quoted(quorum)} of the policy is met`)
    : notProven(`quorum ${quoted(quorum)} of the policy is met`);
}

/** Every reading of what was given as an entry; each that verifies is a claim of its own, so none can stand for another. */
function entriesOf(subject: Subject, extra: Uint8Array | undefined, statement: Statement | undefined): Entry[] {
  if (subject.digest !== undefined) return [{ bytes: subject.digest, what: `the digest ${hex(subject.digest)}` }];
  const bytes = subject.entry ?? extra;
  if (bytes === undefined) return [];
  const source = subject.entry === undefined ? "the proof's extra data" : "the file given";
  const digest = new Uint8Array(createHash("sha256").update(bytes).digest());
  const named = statement && {
    bytes: statement.entry,
    what: `the statement of ${quoted(statement.issuer)} about ${quoted(statement.subject)}, digest ${hex(statement.entry)}`,
  };
  return [
    ...(named === undefined ? [] : [named]),
    { bytes: digest, what: `the SHA-256 of ${source}, ${hex(digest)}` },
    { bytes, what: `${source}, byte for byte` },
  ];
}

function statementIn(bytes: Uint8Array | undefined): Statement | undefined {
  const parsed = bytes === undefined ? undefined : parseStatement(bytes);
  return parsed?.ok ? parsed.value : undefined;
}

/** Who signed the statement, and what document it is about. */
function statementClaims(statement: Statement | undefined, { issuerKeys, document }: Subject): Claim[] {
  if (statement === undefined)
    return [
      ...(issuerKeys === undefined ? [] : [notProven("the issuer signed it: there is no signed statement to check")]),
      ...(document === undefined ? [] : [notProven("it is about the document: there is no signed statement to check")]),
    ];
  const { issuer, subject } = statement;
  const claims: Claim[] = [];
  if (issuerKeys === undefined)
    claims.push(notChecked(`that ${quoted(issuer)} signed the statement: give --issuer-key`));
  else {
    const signed = issuerKeys.some(({ publicKey }) => {
      const verified = verifySign1(statement.message, { key: publicKey });
      return verified.ok && verified.value;
    });
    const claim = `the key given for ${quoted(issuer)} signed the statement about ${quoted(subject)}`;
    claims.push(signed ? proven(claim) : notProven(claim));
  }
  if (document !== undefined) {
    const covered = covers(statement, document);
    if (!covered.ok) claims.push(notProven(`the statement is about the document: ${covered.problem.message}`));
    else claims.push((covered.value ? proven : notProven)("the statement is about the document given"));
  }
  return claims;
}
