/**
 * Receipts, RFC 9942, for the verifiable data structure RFC9162_SHA256 (vds 1): a COSE_Sign1 whose detached payload is a
 * Merkle root that the verifier computes itself from the proof. The `entry` is application-defined and here the 32-byte
 * statement digest, hashed as a leaf with the 0x00 prefix. Invariant: vds and alg are read from the protected header
 * only. Refuses an attached root, other data structures as unsupported, and empty paths, which the CDDL cannot encode.
 */
import { unwrap } from "@holdfast/kernel";
import { type CborMap, type CborValue, decodeCbor, encodeCbor, isList, isMap } from "./cbor.ts";
import { COSE_LABEL, type CoseSign1, formatSign1, parseSign1, sign1, verifySign1 } from "./cose.ts";
import { MAX_SIZE } from "./decimal.ts";
import { HASH_BYTES, leafHash } from "./merkle.ts";
import { attempt, refuse, shown, type TlogResult } from "./refusal.ts";
import { consistencyRoot, inclusionRoot } from "./subtree.ts";
import { nobleVerifier, type PublicKey, type Signer, type Verifier } from "./verifier.ts";

export interface InclusionProof {
  readonly size: bigint;
  readonly index: bigint;
  readonly path: readonly Uint8Array[];
}

export interface ConsistencyProof {
  readonly oldSize: bigint;
  readonly newSize: bigint;
  readonly path: readonly Uint8Array[];
}

export interface Receipt {
  readonly message: CoseSign1;
  readonly kid?: Uint8Array;
  /** From the protected CWT claims, where they are. */
  readonly issuer?: string;
  readonly subject?: string;
  readonly inclusion: readonly InclusionProof[];
  readonly consistency: readonly ConsistencyProof[];
}

export interface ReceiptInput {
  /** COSE signature algorithm that fits the signer's key. */
  readonly algorithm: bigint;
  readonly kid: Uint8Array;
  readonly issuer: string;
  readonly subject: string;
  /** The Merkle root that the proof leads to. */
  readonly root: Uint8Array;
}

const RFC9162_SHA256 = 1n;
const INCLUSION = -1n;
const CONSISTENCY = -2n;
const MAX_PATH = 64; // no tree of these sizes has a longer one
const MAX_PROOFS = 64; // bounds the verifications of one receipt

/** Problems: `tlog/cbor`, `tlog/cose`, `tlog/receipt`, and `tlog/unsupported` for another data structure. */
export function parseReceipt(bytes: Uint8Array): TlogResult<Receipt> {
  return attempt(() => receiptOf(unwrap(parseSign1(bytes))));
}

export function formatReceipt(receipt: Receipt): Uint8Array {
  return formatSign1(receipt.message);
}

/** A receipt of inclusion. @throws TlogProblem `tlog/receipt` for a tree of one leaf, whose empty path has no encoding */
export async function signInclusionReceipt(
  input: ReceiptInput,
  proof: InclusionProof,
  signer: Signer,
): Promise<Receipt> {
  const { size, index, path } = proof;
  return signProof(input, INCLUSION, [size, index, path], signer);
}

/** A receipt of consistency; `input.root` is that of the newer tree. @throws TlogProblem `tlog/receipt` for equal sizes */
export async function signConsistencyReceipt(
  input: ReceiptInput,
  proof: ConsistencyProof,
  signer: Signer,
): Promise<Receipt> {
  const { oldSize, newSize, path } = proof;
  return signProof(input, CONSISTENCY, [oldSize, newSize, path], signer);
}

/**
 * Whether every inclusion proof of `receipt` leads from `entry` to a root that `key` signed; false without one.
 * Problems: `tlog/unsupported` for the algorithm.
 */
export function verifyInclusionReceipt(
  receipt: Receipt,
  entry: Uint8Array,
  key: PublicKey,
  verifier: Verifier = nobleVerifier,
): TlogResult<boolean> {
  const leaf = leafHash(entry);
  return attempt(() =>
    allSigned(
      receipt,
      receipt.inclusion.map(({ index, size, path }) => inclusionRoot(index, size, leaf, path)),
      key,
      verifier,
    ),
  );
}

/**
 * Whether every consistency proof of `receipt` leads from the trusted `old` tree to a root that `key` signed; false
 * without one, and for another old size.
 */
export function verifyConsistencyReceipt(
  receipt: Receipt,
  old: { readonly size: bigint; readonly root: Uint8Array },
  key: PublicKey,
  verifier: Verifier = nobleVerifier,
): TlogResult<boolean> {
  const roots = receipt.consistency.map(({ oldSize, newSize, path }) =>
    oldSize === old.size ? consistencyRoot(oldSize, old.root, newSize, path) : undefined,
  );
  return attempt(() => allSigned(receipt, roots, key, verifier));
}

/** Whether there is a root, and the signature covers each; a receipt has one signature, so all roots must be one. */
function allSigned(
  { message }: Receipt,
  roots: readonly (Uint8Array | undefined)[],
  key: PublicKey,
  verifier: Verifier,
): boolean {
  return (
    roots.length > 0 &&
    roots.every((root) => root !== undefined && unwrap(verifySign1(message, { key, detached: root }, verifier)))
  );
}

async function signProof(
  input: ReceiptInput,
  type: bigint,
  proof: readonly CborValue[],
  signer: Signer,
): Promise<Receipt> {
  const claims = new Map<CborValue, CborValue>([
    [1n, input.issuer],
    [2n, input.subject],
  ]);
  const header = new Map<CborValue, CborValue>([
    [COSE_LABEL.alg, input.algorithm],
    [COSE_LABEL.kid, input.kid],
    [COSE_LABEL.cwtClaims, claims],
    [COSE_LABEL.vds, RFC9162_SHA256],
  ]);
  const vdp = new Map<CborValue, CborValue>([[type, [encodeCbor(proof)]]]);
  const unprotected = new Map<CborValue, CborValue>([[COSE_LABEL.vdp, vdp]]);
  const payload = input.root;
  return receiptOf(await sign1({ protected: header, unprotected, payload, detached: true }, signer));
}

function receiptOf(message: CoseSign1): Receipt {
  const header = message.protected;
  const vds = header.get(COSE_LABEL.vds);
  if (typeof vds !== "bigint") refuse("tlog/receipt", "the protected header names no verifiable data structure");
  if (vds !== RFC9162_SHA256) refuse("tlog/unsupported", `verifiable data structure \`${vds}\` is not supported`);
  if (message.payload !== undefined) refuse("tlog/receipt", "a receipt's payload is detached");
  const vdp = message.unprotected.get(COSE_LABEL.vdp);
  if (!isMap(vdp)) refuse("tlog/receipt", "the unprotected header holds no proofs");
  const inclusion = proofsOf(vdp, INCLUSION).map(({ numbers: [size, index], path }) => ({ size, index, path }));
  const consistency = proofsOf(vdp, CONSISTENCY).map(({ numbers: [oldSize, newSize], path }) => ({
    oldSize,
    newSize,
    path,
  }));
  if (inclusion.length + consistency.length === 0) refuse("tlog/receipt", "a receipt holds at least one proof");
  const kid = header.get(COSE_LABEL.kid);
  if (kid !== undefined && !(kid instanceof Uint8Array)) refuse("tlog/receipt", "kid is a byte string");
  return { message, ...(kid === undefined ? {} : { kid }), ...namesOf(header), inclusion, consistency };
}

function proofsOf(vdp: CborMap, type: bigint): { numbers: [bigint, bigint]; path: Uint8Array[] }[] {
  const proofs = vdp.get(type);
  if (proofs === undefined) return [];
  if (!isList(proofs) || proofs.length === 0 || proofs.length > MAX_PROOFS)
    refuse("tlog/receipt", `proofs of type \`${type}\` are an array of 1 to ${MAX_PROOFS}`);
  return proofs.map((bytes) => {
    const parts = bytes instanceof Uint8Array ? decodeCbor(bytes) : undefined;
    if (!isList(parts) || parts.length !== 3) refuse("tlog/receipt", "a proof is a byte string of an array of 3");
    return { numbers: [sizeOf(parts[0]), sizeOf(parts[1])], path: pathOf(parts[2]) };
  });
}

function sizeOf(value: CborValue): bigint {
  if (typeof value !== "bigint" || value < 0n || value > MAX_SIZE)
    refuse("tlog/receipt", `${shown(String(value))} is not a size or an index`);
  return value;
}

function pathOf(value: CborValue): Uint8Array[] {
  if (!isList(value) || value.length === 0 || value.length > MAX_PATH)
    refuse("tlog/receipt", `a path is an array of 1 to ${MAX_PATH} hashes`);
  return value.map((hash) => {
    if (!(hash instanceof Uint8Array) || hash.length !== HASH_BYTES) refuse("tlog/receipt", "a hash has 32 bytes");
    return hash;
  });
}

function namesOf(header: CborMap): { issuer?: string; subject?: string } {
  const claims = header.get(COSE_LABEL.cwtClaims);
  const [issuer, subject] = isMap(claims) ? [claims.get(1n), claims.get(2n)] : [];
  return { ...(typeof issuer === "string" ? { issuer } : {}), ...(typeof subject === "string" ? { subject } : {}) };
}
