/**
 * What `verify` and `ledger` read: files whole and up to a limit, policies, and keys in the forms that people have them
 * (a tlog-policy, a COSE key or key set, a PEM public key). Refuses a private key wherever a public one is asked for.
 */
import { createPublicKey, type KeyObject } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { Problem, unwrap } from "@holdfast/kernel";
import { type CoseKey, parseCoseKey, parseCoseKeySet, parsePolicy, type Policy, type PublicKey } from "@holdfast/tlog";
import { EXIT } from "./exit.ts";
import { Failure } from "./failure.ts";

/** No proof, statement, policy or key that these commands take is larger; a device or a disk image is. */
export const EVIDENCE_BYTES_MAX = 16_000_000;

/** Who is trusted to keep a log: a policy with its witnesses, or only the keys that sign receipts. */
export type Trust =
  | { readonly kind: "policy"; readonly policy: Policy }
  | { readonly kind: "keys"; readonly keys: readonly CoseKey[] };

/** @throws Failure 66 when it can't be read, 65 when it is larger than the limit */
export function readEvidence(path: string, sizeBytesMax: number = EVIDENCE_BYTES_MAX): Uint8Array {
  try {
    const file = openSync(path, "r");
    try {
      const chunks: Buffer[] = [];
      let size = 0;
      for (;;) {
        const chunk = Buffer.alloc(1 << 16);
        const length = readSync(file, chunk);
        if (length === 0) return new Uint8Array(Buffer.concat(chunks));
        size += length;
        if (size > sizeBytesMax) throw new Failure(EXIT.badData, `\`${path}\` is larger than ${sizeBytesMax} bytes`);
        chunks.push(chunk.subarray(0, length));
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new Failure(EXIT.noInput, `\`${path}\` can't be read (${code})`, error);
  }
}

/** @throws Problem when the file is neither a policy nor keys */
export function readTrust(path: string): Trust {
  const bytes = readEvidence(path);
  const keys = keysOf(bytes);
  return keys === undefined ? { kind: "policy", policy: unwrap(parsePolicy(bytes)) } : { kind: "keys", keys };
}

/** @throws Problem when the file holds no public key */
export function readKeys(path: string): readonly CoseKey[] {
  const keys = keysOf(readEvidence(path));
  if (keys === undefined || keys.length === 0)
    throw new Problem("tlog/key", `\`${path}\` is no COSE key, COSE key set or PEM public key`);
  return keys;
}

/** The keys in `bytes`, or undefined when it is text of another kind. CBOR arrays and maps begin with 0x80 to 0xbf. */
function keysOf(bytes: Uint8Array): readonly CoseKey[] | undefined {
  const first = bytes[0] ?? 0;
  if (first >= 0x80 && first <= 0x9f) return unwrap(parseCoseKeySet(bytes));
  if (first >= 0xa0 && first <= 0xbf) return [unwrap(parseCoseKey(bytes))];
  const text = new TextDecoder().decode(bytes.subarray(0, 20_000));
  return text.trimStart().startsWith("-----BEGIN") ? [{ publicKey: pemKey(text) }] : undefined;
}

function pemKey(text: string): PublicKey {
  if (text.includes("PRIVATE KEY")) throw new Problem("tlog/key", "a private key: give the public one");
  let key: KeyObject;
  try {
    key = createPublicKey(text);
  } catch (error) {
    throw new Problem("tlog/key", "a PEM file without a readable public key", { cause: error });
  }
  const der = new Uint8Array(key.export({ format: "der", type: "spki" }));
  // the key itself is the tail of a SubjectPublicKeyInfo, RFC 5280 4.1.2.7; its length is the algorithm's
  switch (key.asymmetricKeyType) {
    case "ed25519":
      return { kind: "ed25519", bytes: der.subarray(-32) };
    case "ed448":
      return { kind: "ed448", bytes: der.subarray(-57) };
    case "ml-dsa-44":
      return { kind: "ml-dsa-44", bytes: der.subarray(-1_312) };
    case "ec": {
      const curve = CURVES.find(({ name }) => name === key.asymmetricKeyDetails?.namedCurve);
      if (curve !== undefined) return { kind: "ecdsa", curve: curve.curve, bytes: der.subarray(-curve.bytes) };
      break;
    }
    default:
  }
  throw new Problem(
    "tlog/unsupported",
    `a public key of type \`${key.asymmetricKeyType ?? "unknown"}\` is not supported`,
  );
}

const CURVES = [
  { name: "prime256v1", curve: "P-256", bytes: 65 },
  { name: "secp384r1", curve: "P-384", bytes: 97 },
  { name: "secp521r1", curve: "P-521", bytes: 133 },
] as const;
