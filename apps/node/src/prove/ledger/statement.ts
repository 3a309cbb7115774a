/**
 * What this node puts into its log: a hash envelope (RFC 9995) as an RFC 9943 signed statement. The log gets the SHA-256
 * of the statement, the statement holds the SHA-256 of a document, and the document holds kind, subject, payload and 16
 * random bytes. So nobody can guess a payload from the log, and erasing the document leaves the proof whole.
 */
import { canonicalJson, type Json, type Random } from "@holdfast/kernel";
import { keyThumbprint, signStatement } from "@holdfast/tlog";
import type { HeldKey } from "./key-file.ts";
import { sha256 } from "./native-crypto.ts";

/** What is said: `kind` is `slice/what-happened`, `subject` a pseudonymous id, never a name of a person. */
export interface StatementInput {
  readonly kind: string;
  readonly subject: string;
  readonly payload: Json;
}

/** A signed statement that is not in the outbox yet. */
export interface PreparedStatement {
  readonly kind: string;
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of `statement`: what the log holds, and in hex the statement's id. */
  readonly entry: Uint8Array;
  /** The canonical COSE_Sign1. */
  readonly statement: Uint8Array;
  /** The preimage of the envelope's digest; absent for statements of others. */
  readonly document?: Uint8Array;
}

/** The COSE algorithm of this node's statements and receipts: EdDSA, RFC 9053 2.2. */
export const EDDSA = -8n;
const SHA_256 = -16n;
const SALT_BYTES = 16;

/** Signs statements, all of them at once: the signer's threads work while this one encodes. */
export async function prepareStatements(
  inputs: readonly StatementInput[],
  by: { readonly key: HeldKey; readonly issuer: string; readonly at: Date; readonly random: Random },
): Promise<PreparedStatement[]> {
  const salts = by.random.bytes(SALT_BYTES * inputs.length);
  const at = by.at.toISOString();
  return Promise.all(
    inputs.map(async ({ kind, subject, payload }, i) => {
      const salt = Buffer.from(salts.subarray(i * SALT_BYTES, (i + 1) * SALT_BYTES)).toString("base64");
      const document = new TextEncoder().encode(canonicalJson({ at, kind, payload, salt, subject }));
      const { canonical, entry } = await signStatement(
        {
          algorithm: EDDSA,
          kid: kidOf(by.key),
          issuer: by.issuer,
          subject,
          payload: sha256(document),
          envelope: { algorithm: SHA_256, preimageContentType: contentTypeOf(kind) },
        },
        by.key.signer,
      );
      return { kind, subject, issuer: by.issuer, entry, statement: canonical, document };
    }),
  );
}

/** `registry/import` is `application/vnd.holdfast.registry.import+json`. */
export function contentTypeOf(kind: string): string {
  return `application/vnd.holdfast.${kind.replaceAll("/", ".")}+json`;
}

const kids = new WeakMap<HeldKey, Uint8Array>();

/** The COSE Key Thumbprint of `key`, RFC 9679. */
export function kidOf(key: HeldKey): Uint8Array {
  const kid = kids.get(key) ?? kidOfKey(key.key.publicKey);
  kids.set(key, kid);
  return kid;
}

/** The same of an Ed25519 public key. */
export function kidOfKey(publicKey: Uint8Array): Uint8Array {
  return keyThumbprint({ kind: "ed25519", bytes: publicKey });
}
