/**
 * What the credential commands read: credentials, DID documents, status lists, times and private keys. Nothing is asked of
 * the network: a DID document or a status list that was not given is not checked.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import {
  type ClaimKey,
  type ClaimSigner,
  claimsIn,
  type DidResolver,
  instantMs,
  type JsonObject,
  keyOfJwk,
  parseJsonObject,
  type StatusAnswer,
} from "@holdfast/credential";
import { Problem } from "@holdfast/kernel";
import { readEvidence } from "./evidence-input.ts";
import { EXIT } from "./exit.ts";
import { Failure } from "./failure.ts";

/** What stands in for the network. */
export interface Offline {
  readonly resolveDid: DidResolver;
  readonly fetchStatus: (url: string) => Promise<StatusAnswer>;
}

/** @throws Failure, Problem when a file is not what it was given as */
export function readOffline(options: {
  readonly did?: readonly string[];
  readonly status?: readonly string[];
}): Offline {
  const documents = new Map((options.did ?? []).map((path) => idAndText(path, readDocument(path))));
  const lists = new Map((options.status ?? []).map((path) => idAndText(path, readText(path))));
  return {
    resolveDid: async (did) => {
      const document = documents.get(did);
      if (document === undefined)
        return { state: "not-checked", reason: `its DID document was not given: fetch it and name it with --did` };
      return { state: "found", document };
    },
    fetchStatus: async (url) => {
      const text = lists.get(url);
      return text === undefined
        ? { state: "not-checked", reason: `the list \`${url}\` was not given: fetch it and name it with --status` }
        : { state: "found", text };
    },
  };
}

function idAndText<Content extends string | JsonObject>(path: string, content: Content): [string, Content] {
  const { id } = typeof content === "string" ? claimsIn(content) : content;
  if (typeof id !== "string") throw new Problem("credential/did", `\`${path}\` has no \`id\``);
  return [id, content];
}

function readDocument(path: string): JsonObject {
  return parseJsonObject(readText(path));
}

/** A file as text, without white space around it. @throws Failure */
export function readText(path: string): string {
  return Buffer.from(readEvidence(path)).toString("utf8").trim();
}

/** The instant that a caller named, or now. @throws Failure */
export function instantOf(text: string | undefined): Date {
  if (text === undefined) return new Date();
  const at = instantMs(text);
  if (at === undefined)
    throw new Failure(EXIT.usage, `\`${text}\` is not a time with its zone, such as 2026-01-31T12:00:00Z`);
  return new Date(at);
}

/** A private key in PEM (PKCS #8), Ed25519 or P-256. @throws Problem `credential/key` */
export function readSigningKey(path: string): { readonly key: ClaimKey; readonly signer: ClaimSigner } {
  let secret: KeyObject;
  try {
    secret = createPrivateKey(readText(path));
  } catch (cause) {
    throw new Problem("credential/key", `\`${path}\` is no private key in PEM`, { cause });
  }
  const { kty, crv, x, y } = createPublicKey(secret).export({ format: "jwk" });
  const key = keyOfJwk(JSON.parse(JSON.stringify({ kty, crv, x, y })));
  const signer: ClaimSigner =
    key.kind === "ed25519"
      ? { algorithm: "EdDSA", sign: async (message) => new Uint8Array(sign(null, message, secret)) }
      : {
          algorithm: "ES256",
          sign: async (message) => new Uint8Array(sign("sha256", message, { key: secret, dsaEncoding: "ieee-p1363" })),
        };
  return { key, signer };
}
