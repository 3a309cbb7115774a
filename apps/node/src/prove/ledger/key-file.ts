/**
 * The file signer: private keys as PKCS #8 in a folder that only the node's user can enter. Refuses a key file that
 * group or others may read. Another back end (PKCS #11, a KMS) is another `KeyStore`.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { Problem } from "@holdfast/kernel";
import { formatVkey, type NoteKey, noteKey, SIGNATURE_TYPE, type Signer } from "@holdfast/tlog";
import { publicKeyOf, signerOf } from "./native-crypto.ts";

export type KeyRole = "checkpoint" | "statement" | "witness";
export type KeyAlgorithm = "ed25519" | "ml-dsa-44";

/** A private key that this process can use; the private part stays behind the signer. */
export interface HeldKey {
  readonly role: KeyRole;
  readonly key: NoteKey;
  readonly vkey: string;
  readonly signer: Signer;
}

export interface KeyStore {
  /** The keys of `role` called `name` that this process holds. */
  held(role: KeyRole, name: string): readonly HeldKey[];
  /** Makes a key and keeps it before it returns. */
  create(role: KeyRole, name: string, algorithm: KeyAlgorithm): HeldKey;
}

/** @throws Problem `ledger/key-exposed` for a key file or folder that others may read */
export function openKeyFolder(folder: string): KeyStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  refuseLoose(folder);
  return {
    held: (role, name) =>
      readdirSync(folder)
        .filter((file) => file.startsWith(`${role}-`) && file.endsWith(".pem"))
        .toSorted()
        .map((file) => heldKey(role, name, readKey(join(folder, file))))
        .filter(({ key }) => readdirSync(folder).includes(`${role}-${key.keyId}.pem`)), // a key ID binds the name
    create: (role, name, algorithm) => {
      // the overloads of generateKeyPairSync want literal types
      const { privateKey } =
        algorithm === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ml-dsa-44");
      const made = heldKey(role, name, privateKey);
      writeKey(folder, `${role}-${made.key.keyId}.pem`, String(privateKey.export({ format: "pem", type: "pkcs8" })));
      return made;
    },
  };
}

function heldKey(role: KeyRole, name: string, privateKey: KeyObject): HeldKey {
  const { kind, bytes } = publicKeyOf(privateKey);
  const ed25519Type = role === "witness" ? SIGNATURE_TYPE.cosignatureV1 : SIGNATURE_TYPE.ed25519;
  const key = noteKey(name, kind === "ed25519" ? ed25519Type : SIGNATURE_TYPE.mlDsa44, bytes);
  return { role, key, vkey: formatVkey(key), signer: signerOf(privateKey) };
}

function readKey(path: string): KeyObject {
  refuseLoose(path);
  return createPrivateKey(readFileSync(path));
}

function refuseLoose(path: string): void {
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  throw new Problem(
    "ledger/key-exposed",
    `\`${path}\` has mode \`${mode.toString(8)}\`, so others may read it: make a new key, or chmod it if nobody did`,
    { detail: { path, mode } },
  );
}

/** Temporary file, fsync, rename, fsync of the folder: a key exists whole or not at all. */
function writeKey(folder: string, name: string, pem: string): void {
  const temporary = join(folder, `.${name}.new`);
  const file = openSync(temporary, "w", 0o600);
  writeSync(file, pem);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, join(folder, name));
  const directory = openSync(folder, "r");
  fsyncSync(directory);
  closeSync(directory);
}
