/**
 * COSE_Sign1 and COSE_Sign, RFC 9052 section 4: parse, verify, sign. What is signed is the Sig_structure over the
 * protected header as received. Invariant: a header parameter is read from one bucket only, and one that decides how to
 * verify from the protected one, unless the caller says otherwise. Refuses unknown algorithms and critical parameters
 * as unsupported, and the same label in both buckets as malformed.
 */
import { concat, utf8 } from "./bytes.ts";
import { type CborMap, type CborValue, decodeCbor, encodeBytes, encodeCbor, isList, isMap, Tag } from "./cbor.ts";
import { attempt, refuse, shown, type TlogResult } from "./refusal.ts";
import { nobleVerifier, type PublicKey, type SignatureScheme, type Signer, type Verifier } from "./verifier.ts";

/** Header labels of RFC 9052, 9597, 9596, 9942 and 9995 that this package reads. */
export const COSE_LABEL = {
  alg: 1n,
  crit: 2n,
  contentType: 3n,
  kid: 4n,
  cwtClaims: 15n,
  typ: 16n,
  x5chain: 33n,
  x5t: 34n,
  payloadHashAlg: 258n,
  preimageContentType: 259n,
  payloadLocation: 260n,
  receipts: 394n,
  vds: 395n,
  vdp: 396n,
} as const;

/** What a critical parameter may be without the caller's word: certificates and types are read here, and not judged. */
const UNDERSTOOD: readonly bigint[] = Object.values(COSE_LABEL).filter(
  (label) => label !== COSE_LABEL.x5chain && label !== COSE_LABEL.x5t && label !== COSE_LABEL.typ,
);

export interface CoseHeaders {
  /** As received; this is what is signed. */
  readonly protectedBytes: Uint8Array;
  readonly protected: CborMap;
  readonly unprotected: CborMap;
}

export interface CoseSign1 extends CoseHeaders {
  /** Absent when it is detached (nil). */
  readonly payload?: Uint8Array;
  readonly signature: Uint8Array;
}

export interface CoseSign extends CoseHeaders {
  readonly payload?: Uint8Array;
  readonly signatures: readonly (CoseHeaders & { readonly signature: Uint8Array })[];
}

export interface CoseCheck {
  readonly key: PublicKey;
  /** The payload of a message that carries none. */
  readonly detached?: Uint8Array;
  readonly externalAad?: Uint8Array;
  /** Critical labels that the caller processes itself. */
  readonly understands?: readonly (bigint | string)[];
  /** True to take `alg` from the unprotected header when the protected one has none. */
  readonly unprotectedAlgorithm?: boolean;
}

/** Bounds the work on a hostile message; a statement's payload is a digest or a small document. */
export const MAX_COSE_BYTES = 4_000_000;
const MAX_COSE_SIGNATURES = 64; // bounds the verifications of one COSE_Sign

const SIGN1_TAG = 18n;
const SIGN_TAG = 98n;
const EMPTY = new Uint8Array();
const EMPTY_MAP = Uint8Array.of(0xa0);
const NIL = Uint8Array.of(0xf6);

/** The algorithms this package accepts, by COSE number: RFC 9053, RFC 9864 (fully specified) and ML-DSA for COSE. */
const ALGORITHMS = new Map<bigint, (key: PublicKey) => SignatureScheme | undefined>([
  [-8n, (key) => (key.kind === "ed25519" || key.kind === "ed448" ? key.kind : undefined)],
  [-19n, (key) => (key.kind === "ed25519" ? "ed25519" : undefined)],
  [-53n, (key) => (key.kind === "ed448" ? "ed448" : undefined)],
  [-48n, (key) => (key.kind === "ml-dsa-44" ? "ml-dsa-44" : undefined)],
  [-7n, (key) => (key.kind === "ecdsa" ? "ecdsa-sha256" : undefined)],
  [-35n, (key) => (key.kind === "ecdsa" ? "ecdsa-sha384" : undefined)],
  [-36n, (key) => (key.kind === "ecdsa" ? "ecdsa-sha512" : undefined)],
  [-9n, (key) => (key.kind === "ecdsa" && key.curve === "P-256" ? "ecdsa-sha256" : undefined)],
  [-51n, (key) => (key.kind === "ecdsa" && key.curve === "P-384" ? "ecdsa-sha384" : undefined)],
  [-52n, (key) => (key.kind === "ecdsa" && key.curve === "P-521" ? "ecdsa-sha512" : undefined)],
]);

/** A COSE_Sign1; with `tag: "optional"` also without its tag 18. Problems: `tlog/cbor`, `tlog/cose`. */
export function parseSign1(
  bytes: Uint8Array,
  options: { tag: "required" | "optional" } = { tag: "required" },
): TlogResult<CoseSign1> {
  return attempt(() => {
    const value = decodeMessage(bytes);
    return sign1Of(value instanceof Tag || options.tag === "required" ? contentsOf(value, SIGN1_TAG) : value);
  });
}

/** A COSE_Sign1 that lies, tagged, inside another structure. @throws TlogProblem `tlog/cose` */
export function sign1FromTag(value: CborValue): CoseSign1 {
  return sign1Of(contentsOf(value, SIGN1_TAG));
}

/** A COSE_Sign, with or without its tag 98. Problems: `tlog/cbor`, `tlog/cose`. */
export function parseSign(bytes: Uint8Array): TlogResult<CoseSign> {
  return attempt(() => {
    const value = decodeMessage(bytes);
    const parts = value instanceof Tag ? contentsOf(value, SIGN_TAG) : value;
    if (!isList(parts) || parts.length !== 4) refuse("tlog/cose", "a COSE_Sign is an array of 4");
    const [protectedBytes, unprotected, payload, signatures] = parts;
    if (!isList(signatures) || signatures.length === 0 || signatures.length > MAX_COSE_SIGNATURES)
      refuse("tlog/cose", `a COSE_Sign has 1 to ${MAX_COSE_SIGNATURES} signatures`);
    return {
      ...headersOf(protectedBytes, unprotected),
      ...payloadOf(payload),
      signatures: signatures.map((one) => {
        if (!isList(one) || one.length !== 3) refuse("tlog/cose", "a COSE_Signature is an array of 3");
        return { ...headersOf(one[0], one[1]), signature: bytesOf(one[2], "signature") };
      }),
    };
  });
}

/** The tagged COSE_Sign1, every part as it is in `message`, lengths in their shortest form. */
export function formatSign1({ protectedBytes, unprotected, payload, signature }: CoseSign1): Uint8Array {
  return concat(
    Uint8Array.of(0xd2, 0x84), // tag 18, array of 4
    encodeBytes(protectedBytes),
    unprotected.size === 0 ? EMPTY_MAP : encodeCbor(unprotected),
    payload === undefined ? NIL : encodeBytes(payload),
    encodeBytes(signature),
  );
}

/**
 * True when the signature is the key's, false when it is not.
 * Problems: `tlog/unsupported` for the algorithm or a critical parameter, `tlog/cose` when there is no payload to check.
 */
export function verifySign1(
  message: CoseSign1,
  check: CoseCheck,
  verifier: Verifier = nobleVerifier,
): TlogResult<boolean> {
  return attempt(() => {
    const scheme = schemeOf(message, check);
    checkCritical(message, check);
    const structure = sigStructure("Signature1", [message], check, message.payload);
    return scheme !== undefined && verifier.verify(scheme, check.key, structure, message.signature);
  });
}

/** The same for one of the signatures of a COSE_Sign. */
export function verifySign(
  message: CoseSign,
  index: number,
  check: CoseCheck,
  verifier: Verifier = nobleVerifier,
): TlogResult<boolean> {
  return attempt(() => {
    const signer = message.signatures[index];
    if (signer === undefined) refuse("tlog/range", `there is no signature \`${index}\``);
    const scheme = schemeOf(signer, check);
    checkCritical(message, check);
    checkCritical(signer, check);
    const structure = sigStructure("Signature", [message, signer], check, message.payload);
    return scheme !== undefined && verifier.verify(scheme, check.key, structure, signer.signature);
  });
}

/** A COSE_Sign1 over `payload`, signed by `signer`; with `detached` the payload is signed and left out. */
export async function sign1(
  input: {
    readonly protected: CborMap;
    readonly unprotected?: CborMap;
    readonly payload: Uint8Array;
    readonly detached?: boolean;
  },
  signer: Signer,
): Promise<CoseSign1> {
  const headers: CoseHeaders = {
    protectedBytes: input.protected.size === 0 ? EMPTY : encodeCbor(input.protected),
    protected: input.protected,
    unprotected: input.unprotected ?? new Map(),
  };
  const signature = await signer.sign(sigStructure("Signature1", [headers], {}, input.payload));
  return { ...headers, ...(input.detached ? {} : { payload: input.payload }), signature };
}

/** Sig_structure, RFC 9052 4.4: an empty protected header counts as the empty byte string, however it was sent. */
function sigStructure(
  context: "Signature1" | "Signature",
  headers: readonly CoseHeaders[],
  check: Pick<CoseCheck, "detached" | "externalAad">,
  payload: Uint8Array | undefined,
): Uint8Array {
  const body = payload ?? check.detached;
  if (body === undefined) refuse("tlog/cose", "the payload is detached and was not given");
  if (payload !== undefined && check.detached !== undefined)
    refuse("tlog/cose", "a payload was given for a message that carries its own");
  const buckets = headers.map((header) => (header.protected.size === 0 ? EMPTY : header.protectedBytes));
  return concat(
    Uint8Array.of(0x83 + buckets.length, 0x60 + context.length), // an array, and the head of its first member
    utf8(context),
    ...[...buckets, check.externalAad ?? EMPTY, body].map(encodeBytes),
  );
}

/** The scheme that `alg` means for this key; undefined when the algorithm is known and does not fit the key. */
function schemeOf(headers: CoseHeaders, check: CoseCheck): SignatureScheme | undefined {
  const alg =
    headers.protected.get(COSE_LABEL.alg) ??
    (check.unprotectedAlgorithm ? headers.unprotected.get(COSE_LABEL.alg) : undefined);
  if (alg === undefined) refuse("tlog/cose", "no algorithm in the protected header");
  const scheme = typeof alg === "bigint" ? ALGORITHMS.get(alg) : undefined;
  if (scheme === undefined) refuse("tlog/unsupported", `algorithm ${shown(String(alg))} is not supported`);
  return scheme(check.key);
}

/** RFC 9052 3.1: every label in crit must be understood, and must be in the protected header. */
function checkCritical(headers: CoseHeaders, check: CoseCheck): void {
  const crit = headers.protected.get(COSE_LABEL.crit);
  if (crit === undefined) return;
  if (!isList(crit) || crit.length === 0) refuse("tlog/cose", "crit is a non-empty array of labels");
  const known: readonly CborValue[] = [...UNDERSTOOD, ...(check.understands ?? [])];
  for (const label of crit) {
    if (!known.includes(label))
      refuse("tlog/unsupported", `critical parameter ${shown(String(label))} is not supported`);
    if (!headers.protected.has(label))
      refuse("tlog/cose", `critical parameter ${shown(String(label))} is not protected`);
  }
}

function decodeMessage(bytes: Uint8Array): CborValue {
  if (bytes.length > MAX_COSE_BYTES) refuse("tlog/cose", `\`${bytes.length}\` bytes exceed \`${MAX_COSE_BYTES}\``);
  return decodeCbor(bytes);
}

function contentsOf(value: CborValue, tag: bigint): CborValue {
  if (!(value instanceof Tag)) refuse("tlog/cose", `not tagged \`${tag}\``);
  if (BigInt(value.tag.valueOf()) !== tag) refuse("tlog/cose", `tagged \`${value.tag}\`, not \`${tag}\``);
  // decodeCbor checked the contents, which the library declares as unknown
  return value.contents as CborValue;
}

function sign1Of(parts: CborValue): CoseSign1 {
  if (!isList(parts) || parts.length !== 4) refuse("tlog/cose", "a COSE_Sign1 is an array of 4");
  const [protectedBytes, unprotected, payload, signature] = parts;
  return {
    ...headersOf(protectedBytes, unprotected),
    ...payloadOf(payload),
    signature: bytesOf(signature, "signature"),
  };
}

function headersOf(protectedValue: CborValue, unprotected: CborValue): CoseHeaders {
  const protectedBytes = bytesOf(protectedValue, "protected header");
  const decoded = protectedBytes.length === 0 ? new Map() : decodeCbor(protectedBytes);
  if (!isMap(decoded) || !isMap(unprotected)) refuse("tlog/cose", "a header is a map");
  for (const label of [...decoded.keys(), ...unprotected.keys()]) {
    if (typeof label !== "bigint" && typeof label !== "string") refuse("tlog/cose", "a label is an integer or text");
  }
  for (const label of unprotected.keys()) {
    if (decoded.has(label)) refuse("tlog/cose", `label ${shown(String(label))} is in both headers`);
  }
  return { protectedBytes, protected: decoded, unprotected };
}

function payloadOf(value: CborValue): { payload?: Uint8Array } {
  return value === null ? {} : { payload: bytesOf(value, "payload") };
}

function bytesOf(value: CborValue, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) refuse("tlog/cose", `the ${what} is a byte string`);
  return value;
}
