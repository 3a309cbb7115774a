import { strict as assert } from "node:assert";
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { fromHex } from "./bytes.ts";
import { admitsEd25519, verifyEd25519 } from "./ed25519.ts";
import { nobleVerifier, verifyMlDsa44 } from "./verifier.ts";

const wycheproof = vectors("tlog/wycheproof");
const cctv = vectors("tlog/cctv");

interface Group {
  readonly publicKey: { readonly pk: string } | string;
  readonly tests: readonly { tcId: number; comment: string; msg: string; sig: string; ctx?: string; result: string }[];
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

function groups(name: string): Group[] {
  return (JSON.parse(readFileSync(join(wycheproof!, name), "utf8")) as { testGroups: Group[] }).testGroups;
}

/** A native verifier that compares R byte by byte, behind the same key check: the second implementation of the rule. */
function nativeEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (!admitsEd25519(key, signature)) return false;
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
  return verify(null, message, createPublicKey({ key: der, format: "der", type: "spki" }), signature);
}

test("gives Wycheproof's verdict on every Ed25519 signature", { skip: skipUnless("shared", wycheproof) }, () => {
  let count = 0;
  for (const group of groups("ed25519_test.json")) {
    const key = bytes((group.publicKey as { pk: string }).pk);
    for (const one of group.tests) {
      const [message, signature] = [bytes(one.msg), bytes(one.sig)];
      const expected = one.result === "valid";
      assert.equal(verifyEd25519(key, message, signature), expected, `${one.tcId} ${one.comment}`);
      assert.equal(nativeEd25519(key, message, signature), expected, `native, ${one.tcId} ${one.comment}`);
      count++;
    }
  }
  assert.ok(count >= 150);
});

test("gives Wycheproof's verdict on every ML-DSA-44 signature, with and without a context", {
  skip: skipUnless("shared", wycheproof),
}, () => {
  let count = 0;
  for (const group of groups("mldsa_44_verify_test.json")) {
    const key = bytes(group.publicKey as string);
    for (const one of group.tests) {
      const context = one.ctx === undefined ? undefined : bytes(one.ctx);
      const found = verifyMlDsa44(key, bytes(one.msg), bytes(one.sig), context);
      assert.equal(found, one.result === "valid", `${one.tcId} ${one.comment}`);
      count++;
    }
  }
  assert.ok(count >= 180);
});

test("agrees with a native ML-DSA-44 verifier on every signature without a context", {
  skip: skipUnless("shared", wycheproof),
}, () => {
  for (const group of groups("mldsa_44_verify_test.json")) {
    const key = bytes(group.publicKey as string);
    if (key.length !== 1_312) continue; // a native key of another length cannot even be made
    const jwk = { kty: "AKP", alg: "ML-DSA-44", pub: Buffer.from(key).toString("base64url") };
    const native = createPublicKey({ key: jwk, format: "jwk" });
    for (const one of group.tests) {
      if (one.ctx !== undefined && one.ctx !== "") continue;
      const [message, signature] = [bytes(one.msg), bytes(one.sig)];
      assert.equal(verify(null, message, native, signature), verifyMlDsa44(key, message, signature), `${one.tcId}`);
    }
  }
});

test("follows one Ed25519 rule on every CCTV edge case, and so does a native verifier behind the same key check", {
  skip: skipUnless("shared", cctv),
}, () => {
  const all = JSON.parse(readFileSync(join(cctv!, "ed25519vectors.json"), "utf8")) as {
    number: number;
    key: string;
    sig: string;
    msg: string;
    flags: string[] | null;
  }[];
  assert.ok(all.length >= 914);
  // our rule: A and R canonical and not of small order, and the equation without the cofactor
  const refused = new Set(["low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R", "low_order_residue"]);
  let accepted = 0;
  for (const one of all) {
    const [key, signature, message] = [bytes(one.key), bytes(one.sig), new TextEncoder().encode(one.msg)];
    const expected = !(one.flags ?? []).some((flag) => refused.has(flag));
    assert.equal(verifyEd25519(key, message, signature), expected, `${one.number} ${one.flags}`);
    assert.equal(nativeEd25519(key, message, signature), expected, `native, ${one.number} ${one.flags}`);
    if (expected) accepted++;
  }
  assert.ok(accepted > 0);
});

test("answers false, and never throws, for malformed keys and signatures of every scheme", () => {
  const nothing = new Uint8Array();
  for (const length of [0, 31, 32, 57, 64, 65, 1_312, 2_420]) {
    const junk = new Uint8Array(length).fill(0xff);
    for (const kind of ["ed25519", "ed448", "ml-dsa-44"] as const)
      assert.equal(nobleVerifier.verify(kind, { kind, bytes: junk }, nothing, junk), false);
    for (const curve of ["P-256", "P-384", "P-521"] as const)
      assert.equal(nobleVerifier.verify("ecdsa-sha256", { kind: "ecdsa", curve, bytes: junk }, nothing, junk), false);
  }
});

test("refuses a key under a scheme of another kind", () => {
  const { publicKey, secretKey } = ml_dsa44.keygen(new Uint8Array(32));
  const signature = ml_dsa44.sign(new Uint8Array(3), secretKey);
  const key = { kind: "ml-dsa-44", bytes: publicKey } as const;
  assert.equal(nobleVerifier.verify("ml-dsa-44", key, new Uint8Array(3), signature), true);
  assert.equal(nobleVerifier.verify("ed25519", key, new Uint8Array(3), signature), false);
  assert.equal(verifyMlDsa44(publicKey, new Uint8Array(3), signature, new Uint8Array(255)), false);
  assert.equal(verifyMlDsa44(publicKey, new Uint8Array(3), signature, new Uint8Array(256)), false);
});

test("reads hex in lower case only", () => {
  assert.equal(fromHex("0A"), undefined);
  assert.equal(fromHex("0"), undefined);
  assert.deepEqual(fromHex("0aff"), Uint8Array.of(10, 255));
});
