/**
 * Signed statements, RFC 9943, and hash envelopes, RFC 9995: a COSE_Sign1 whose protected header says who (iss) says
 * something about what (sub). Its entry in the log is the SHA-256 of its canonical bytes: the unprotected header emptied,
 * every other part as received. Invariant: receipts added later change neither the canonical bytes nor the entry.
 * Refuses a statement without iss, sub or a key reference, and envelope labels where RFC 9995 forbids them.
 */
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { unwrap } from "@holdfast/kernel";
import { equalBytes } from "./bytes.ts";
import { type CborMap, type CborValue, isList, isMap } from "./cbor.ts";
import { COSE_LABEL, type CoseSign1, formatSign1, parseSign1, sign1, sign1FromTag } from "./cose.ts";
import { attempt, refuse, type TlogResult } from "./refusal.ts";
import type { Signer } from "./verifier.ts";

export interface Statement {
  readonly message: CoseSign1;
  readonly issuer: string;
  readonly subject: string;
  /** Present when the header names its key by kid. */
  readonly kid?: Uint8Array;
  readonly contentType?: string | bigint;
  /** Present when the payload is a digest, RFC 9995. */
  readonly envelope?: HashEnvelope;
  /** Receipts in the unprotected header, each a tagged COSE_Sign1, RFC 9942. */
  readonly receipts: readonly Uint8Array[];
  /** `d2 84 || protected || a0 || payload || signature`. */
  readonly canonical: Uint8Array;
  /** SHA-256(canonical): what the log holds. */
  readonly entry: Uint8Array;
}

export interface HashEnvelope {
  /** COSE hash algorithm: -16 SHA-256, -43 SHA-384, -44 SHA-512. */
  readonly algorithm: bigint;
  readonly preimageContentType?: string | bigint;
  readonly location?: string;
}

export interface StatementInput {
  /** COSE signature algorithm that fits the signer's key. */
  readonly algorithm: bigint;
  readonly kid: Uint8Array;
  readonly issuer: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly contentType?: string;
  readonly envelope?: HashEnvelope;
  /** Further protected parameters, such as a salt. */
  readonly parameters?: CborMap;
}

const ISS = 1n;
const SUB = 2n;
const MAX_NAME_CHARACTERS = 8_192; // RFC 9943: a StringOrURI of 1 to 8192 characters
const MAX_RECEIPTS = 64; // bounds the verifications of one transparent statement

const HASHES: ReadonlyMap<bigint, { readonly bytes: number; readonly hash: (data: Uint8Array) => Uint8Array }> =
  new Map([
    [-16n, { bytes: 32, hash: sha256 }],
    [-43n, { bytes: 48, hash: sha384 }],
    [-44n, { bytes: 64, hash: sha512 }],
  ]);

/** A signed or transparent statement. Problems: `tlog/cbor`, `tlog/cose`, `tlog/statement`. Its signature is not checked. */
export function parseStatement(bytes: Uint8Array): TlogResult<Statement> {
  return attempt(() => statementOf(unwrap(parseSign1(bytes))));
}

/** A signed statement, with its unprotected header empty as registration requires. */
export async function signStatement(input: StatementInput, signer: Signer): Promise<Statement> {
  const { envelope } = input;
  const header = new Map<CborValue, CborValue>(input.parameters ?? []);
  header.set(COSE_LABEL.alg, input.algorithm);
  header.set(COSE_LABEL.kid, input.kid);
  header.set(
    COSE_LABEL.cwtClaims,
    new Map<CborValue, CborValue>([
      [ISS, input.issuer],
      [SUB, input.subject],
    ]),
  );
  if (input.contentType !== undefined) header.set(COSE_LABEL.contentType, input.contentType);
  if (envelope !== undefined) {
    header.set(COSE_LABEL.payloadHashAlg, envelope.algorithm);
    if (envelope.preimageContentType !== undefined)
      header.set(COSE_LABEL.preimageContentType, envelope.preimageContentType);
    if (envelope.location !== undefined) header.set(COSE_LABEL.payloadLocation, envelope.location);
  }
  return statementOf(await sign1({ protected: header, payload: input.payload }, signer));
}

/** The transparent statement: the same statement with `receipts` in its unprotected header. */
export function attachReceipts(statement: Statement, receipts: readonly Uint8Array[]): Uint8Array {
  const unprotected = new Map<CborValue, CborValue>([[COSE_LABEL.receipts, receipts]]);
  return formatSign1({ ...statement.message, unprotected });
}

/**
 * Whether `document` is what the statement is about: its payload, or the preimage of its digest.
 * Problems: `tlog/unsupported` for a hash algorithm other than SHA-2.
 */
export function covers({ message, envelope }: Statement, document: Uint8Array): TlogResult<boolean> {
  return attempt(() => {
    const { payload } = message;
    if (payload === undefined) return false;
    if (envelope === undefined) return equalBytes(payload, document);
    const hash = HASHES.get(envelope.algorithm);
    if (hash === undefined) refuse("tlog/unsupported", `hash algorithm \`${envelope.algorithm}\` is not supported`);
    return equalBytes(payload, hash.hash(document));
  });
}

function statementOf(message: CoseSign1): Statement {
  const header = message.protected;
  const { issuer, subject } = namesOf(header);
  const kid = header.get(COSE_LABEL.kid);
  if (kid !== undefined && !(kid instanceof Uint8Array)) refuse("tlog/statement", "kid is a byte string");
  if (kid === undefined && !header.has(COSE_LABEL.x5t) && !header.has(COSE_LABEL.x5chain))
    refuse("tlog/statement", "neither kid, x5t nor x5chain is protected");
  const contentType = contentTypeOf(header.get(COSE_LABEL.contentType), "content type");
  const envelope = envelopeOf(message);
  const canonical = formatSign1({ ...message, unprotected: new Map() });
  return {
    message,
    issuer,
    subject,
    ...(kid === undefined ? {} : { kid }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(envelope === undefined ? {} : { envelope }),
    receipts: receiptsOf(message.unprotected.get(COSE_LABEL.receipts)),
    canonical,
    entry: sha256(canonical),
  };
}

function namesOf(header: CborMap): { issuer: string; subject: string } {
  const claims = header.get(COSE_LABEL.cwtClaims);
  if (!isMap(claims)) refuse("tlog/statement", "the protected header has no CWT claims");
  const [issuer, subject] = [claims.get(ISS), claims.get(SUB)];
  if (typeof issuer !== "string" || typeof subject !== "string")
    refuse("tlog/statement", "the CWT claims iss and sub are both text");
  if (issuer.length < 1 || issuer.length > MAX_NAME_CHARACTERS)
    refuse("tlog/statement", `iss of \`${issuer.length}\` characters is not 1 to ${MAX_NAME_CHARACTERS}`);
  return { issuer, subject };
}

/** RFC 9995 section 4: 258, 259 and 260 are protected, and label 3 is nowhere in a hash envelope. */
function envelopeOf({ protected: header, unprotected, payload }: CoseSign1): HashEnvelope | undefined {
  const labels = [COSE_LABEL.payloadHashAlg, COSE_LABEL.preimageContentType, COSE_LABEL.payloadLocation];
  for (const label of labels)
    if (unprotected.has(label)) refuse("tlog/statement", `label \`${label}\` is not protected`);
  const algorithm = header.get(COSE_LABEL.payloadHashAlg);
  if (algorithm === undefined) {
    if (labels.some((label) => header.has(label))) refuse("tlog/statement", "a hash envelope has label `258`");
    return undefined;
  }
  if (typeof algorithm !== "bigint") refuse("tlog/statement", "label `258` is an integer");
  if (header.has(COSE_LABEL.contentType) || unprotected.has(COSE_LABEL.contentType))
    refuse("tlog/statement", "a hash envelope has no label `3`: label `259` is the preimage's content type");
  const expected = HASHES.get(algorithm)?.bytes;
  if (payload !== undefined && expected !== undefined && payload.length !== expected)
    refuse("tlog/statement", `a digest of \`${payload.length}\` bytes does not fit algorithm \`${algorithm}\``);
  const preimageContentType = contentTypeOf(header.get(COSE_LABEL.preimageContentType), "label `259`");
  const location = header.get(COSE_LABEL.payloadLocation);
  if (location !== undefined && typeof location !== "string") refuse("tlog/statement", "label `260` is text");
  return {
    algorithm,
    ...(preimageContentType === undefined ? {} : { preimageContentType }),
    ...(location === undefined ? {} : { location }),
  };
}

function contentTypeOf(value: CborValue, what: string): string | bigint | undefined {
  if (value === undefined || typeof value === "string") return value;
  if (typeof value === "bigint" && value >= 0n) return value;
  return refuse("tlog/statement", `${what} is text or a CoAP content format`);
}

/** RFC 9942: byte strings; an embedded tag-18 item, which some implementations write, is taken as well. */
function receiptsOf(value: CborValue): Uint8Array[] {
  if (value === undefined) return [];
  if (!isList(value) || value.length === 0 || value.length > MAX_RECEIPTS)
    refuse("tlog/statement", `label \`394\` is an array of 1 to ${MAX_RECEIPTS} receipts`);
  return value.map((receipt) => (receipt instanceof Uint8Array ? receipt : formatSign1(sign1FromTag(receipt))));
}
