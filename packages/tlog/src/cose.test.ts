import { strict as assert } from "node:assert";
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { globSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { hex, utf8 } from "./bytes.ts";
import { type CborValue, decodeCbor, encodeBytes, encodeCbor, MAX_CBOR_ARRAYS, Tag } from "./cbor.ts";
import {
  COSE_LABEL,
  type CoseCheck,
  formatSign1,
  parseSign,
  parseSign1,
  sign1,
  verifySign,
  verifySign1,
} from "./cose.ts";
import { formatCoseKey, formatCoseKeySet, keyThumbprint, parseCoseKey, parseCoseKeySet } from "./cose-key.ts";
import { leafHash, treeHead } from "./merkle.ts";
import { proveConsistency, proveInclusion, type TreeNode } from "./proof.ts";
import {
  formatReceipt,
  parseReceipt,
  signConsistencyReceipt,
  signInclusionReceipt,
  verifyConsistencyReceipt,
  verifyInclusionReceipt,
} from "./receipt.ts";
import { type TlogCode, TlogProblem, type TlogResult } from "./refusal.ts";
import { formatConciseProblem, parseConciseProblem } from "./scrapi.ts";
import { attachReceipts, covers, parseStatement, signStatement } from "./statement.ts";
import { consistencyRoot, inclusionRoot } from "./subtree.ts";
import type { PublicKey, Signer } from "./verifier.ts";

const examples = vectors("cose/cose-examples");
const draftReceipts = vectors("cose/cose-receipts");
const scitt = vectors("cose/scitt-cose-vectors");

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

function codeOf(result: TlogResult<unknown>): TlogCode | "ok" {
  return result.ok ? "ok" : result.problem.code;
}

interface Example {
  readonly title: string;
  readonly fail?: boolean;
  readonly input: {
    readonly sign0?: ExampleSigner;
    readonly sign?: { readonly signers: readonly ExampleSigner[]; readonly external?: string };
  };
  readonly output: { readonly cbor: string };
}

interface ExampleSigner {
  readonly key: Readonly<Record<string, string>>;
  readonly external?: string;
}

function exampleKey(key: Readonly<Record<string, string>>): PublicKey {
  const member = (name: string) =>
    new Uint8Array(
      key[`${name}_hex`] === undefined
        ? Buffer.from(key[name] ?? "", "base64url")
        : Buffer.from(key[`${name}_hex`]!, "hex"),
    );
  if (key["kty"] === "OKP") return { kind: key["crv"] === "Ed448" ? "ed448" : "ed25519", bytes: member("x") };
  const width = { "P-256": 32, "P-384": 48, "P-521": 66 }[key["crv"] ?? ""] ?? 0;
  const padded = (name: string) => Buffer.concat([Buffer.alloc(width - member(name).length), member(name)]);
  const curve = key["crv"] as "P-256" | "P-384" | "P-521";
  return { kind: "ecdsa", curve, bytes: new Uint8Array(Buffer.concat([Uint8Array.of(4), padded("x"), padded("y")])) };
}

/** Whether the example's message verifies: structure, algorithm and every signature. */
function verifies(example: Example): boolean {
  const message = bytes(example.output.cbor);
  const { sign0, sign: many } = example.input;
  const base = { unprotectedAlgorithm: true, understands: ["reserved"] };
  const external = (text: string | undefined) => (text === undefined ? {} : { externalAad: bytes(text) });
  if (sign0 !== undefined) {
    const parsed = parseSign1(message, { tag: "optional" });
    if (!parsed.ok) return false;
    const found = verifySign1(parsed.value, { ...base, key: exampleKey(sign0.key), ...external(sign0.external) });
    return found.ok && found.value;
  }
  const parsed = parseSign(message);
  if (!parsed.ok) return false;
  return many!.signers.every(({ key, external: own }, i) => {
    const found = verifySign(parsed.value, i, { ...base, key: exampleKey(key), ...external(own ?? many!.external) });
    return found.ok && found.value;
  });
}

/** The example files that hold a COSE_Sign or COSE_Sign1; the rest are of kinds this project has no use for. */
function signatureExamples(): { name: string; example: Example }[] {
  return globSync(join(examples!, "*/*.json"))
    .map((path) => ({
      name: `${basename(dirname(path))}/${basename(path)}`,
      example: JSON.parse(readFileSync(path, "utf8")) as Example,
    }))
    .filter(({ example }) => example.input.sign0 !== undefined || example.input.sign !== undefined);
}

test("gives the COSE working group's verdict on every COSE_Sign and COSE_Sign1 example", {
  skip: skipUnless("shared", examples),
}, () => {
  const all = signatureExamples();
  assert.ok(all.length >= 36, `${all.length}`);
  for (const { name, example } of all)
    assert.equal(verifies(example), example.fail !== true, `${name} ${example.title}`);
});

test("leaves out of scope only what is not a signature: encryption, enveloping and MAC", {
  skip: skipUnless("shared", examples),
}, () => {
  const inScope = new Set(signatureExamples().map(({ name }) => name));
  for (const path of globSync(join(examples!, "*/*.json"))) {
    const name = `${basename(dirname(path))}/${basename(path)}`;
    if (inScope.has(name)) continue;
    const { input } = JSON.parse(readFileSync(path, "utf8")) as { input: Record<string, unknown> };
    assert.ok(
      ["enveloped", "encrypted", "mac", "mac0"].some((kind) => kind in input),
      `${name}: Holdfast keeps no secrets in COSE`,
    );
    assert.equal(
      codeOf(parseSign1(bytes((JSON.parse(readFileSync(path, "utf8")) as Example).output.cbor))),
      "tlog/cose",
      name,
    );
  }
});

test("refuses a critical parameter that it does not understand (RFC 9052 3.1)", {
  skip: skipUnless("shared", examples),
}, () => {
  const { input, output } = JSON.parse(readFileSync(join(examples!, "RFC8152/Appendix_C_1_4.json"), "utf8")) as Example;
  const message = unwrap(parseSign(bytes(output.cbor)));
  const key = exampleKey(input.sign!.signers[0]!.key);
  assert.equal(codeOf(verifySign(message, 0, { key })), "tlog/unsupported");
  assert.equal(unwrap(verifySign(message, 0, { key, understands: ["reserved"] })), true);
});

test("refuses an algorithm outside the protected header unless told to take it", {
  skip: skipUnless("shared", examples),
}, () => {
  const { input, output } = JSON.parse(
    readFileSync(join(examples!, "sign1-tests/sign-pass-01.json"), "utf8"),
  ) as Example;
  const message = unwrap(parseSign1(bytes(output.cbor)));
  const key = exampleKey(input.sign0!.key);
  assert.equal(codeOf(verifySign1(message, { key })), "tlog/cose");
  assert.equal(unwrap(verifySign1(message, { key, unprotectedAlgorithm: true })), true);
});

test("reads the draft's receipts, and finds one root in both", { skip: skipUnless("shared", draftReceipts) }, () => {
  const read = (name: string) => unwrap(parseReceipt(new Uint8Array(readFileSync(join(draftReceipts!, name)))));
  const inclusion = read("inclusion-receipt.cbor").inclusion[0]!;
  const consistency = read("consistency-receipt.cbor").consistency[0]!;
  assert.deepEqual([inclusion.size, inclusion.index, inclusion.path.length], [5n, 3n, 3]);
  assert.deepEqual([consistency.oldSize, consistency.newSize, consistency.path.length], [3n, 5n, 4]);
  assert.equal(read("inclusion-receipt.cbor").issuer, "https://transparency-service.example.com");
  // the consistency path from 3 to 5 begins with leaves 2 and 3, so it says what leaf 3 is: both must meet in one root
  const [leaf2, leaf3, left] = consistency.path;
  const oldRoot = inclusionRoot(2n, 3n, leaf2!, [left!]);
  const root = inclusionRoot(3n, 5n, leaf3!, inclusion.path);
  assert.equal(hex(root!), hex(consistencyRoot(3n, oldRoot!, 5n, consistency.path)!));
  // their key is not published, so no signature can be checked; another key's must not pass
  assert.equal(codeOf(verifyInclusionReceipt(read("inclusion-receipt.cbor"), new Uint8Array(32), ed25519Key)), "ok");
  assert.equal(unwrap(verifyInclusionReceipt(read("inclusion-receipt.cbor"), new Uint8Array(32), ed25519Key)), false);
});

test("refuses a CCF receipt as unsupported, not as forged, and verifies its statement's signature", {
  skip: skipUnless("shared", scitt),
}, () => {
  const file = (name: string) => new Uint8Array(readFileSync(join(scitt!, "v1/valid-ccf-vds2", name)));
  const expected = JSON.parse(new TextDecoder().decode(file("expected.json"))) as Record<string, unknown>;
  assert.equal(codeOf(parseReceipt(file("receipt.cose"))), "tlog/unsupported");
  const key = p256Key(file("issuer-key.pub"));
  const message = unwrap(parseSign1(file("statement.cose")));
  assert.equal(unwrap(verifySign1(message, { key })), expected["statement_signature_valid"]);
  assert.equal(createHash("sha256").update(file("statement.cose")).digest("hex"), expected["leaf_entry"]);
  assert.equal(createHash("sha256").update(message.payload!).digest("hex"), expected["payload_sha256"]);
  // that issuer left out the subject, which RFC 9943 requires: its signature is good, and it is no signed statement
  assert.equal(codeOf(parseStatement(file("statement.cose"))), "tlog/statement");
  const forged = { ...message, signature: message.signature.with(5, message.signature[5]! ^ 1) };
  assert.equal(unwrap(verifySign1(forged, { key })), false);
});

/** The bundles' own findings (chain gaps, capsule digests, witness counts) and the mmr and capsule-id folders are formats of that project alone. */
test("verifies every signed statement inside the tamper-states bundles", { skip: skipUnless("shared", scitt) }, () => {
  let count = 0;
  for (const state of readdirSync(join(scitt!, "tamper-states"))) {
    const { bundle } = JSON.parse(readFileSync(join(scitt!, "tamper-states", state, "bundle.json"), "utf8")) as {
      bundle: { signed_statement?: { pubkey_pem: string; statement_b64: string } }[];
    };
    for (const { signed_statement: signed } of bundle) {
      if (signed === undefined) continue;
      const key: PublicKey = { kind: "ed25519", bytes: rawKey(createPublicKey(signed.pubkey_pem)) };
      const message = unwrap(parseSign1(new Uint8Array(Buffer.from(signed.statement_b64, "base64"))));
      assert.equal(unwrap(verifySign1(message, { key })), true, state);
      assert.equal(unwrap(verifySign1({ ...message, payload: utf8("other") }, { key })), false, state);
      count++;
    }
  }
  assert.ok(count >= 9, `${count}`);
});

const seed = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]),
  format: "der",
  type: "pkcs8",
});
const signer: Signer = { sign: async (message) => new Uint8Array(sign(null, message, privateKey)) };
const ed25519Key: PublicKey = { kind: "ed25519", bytes: rawKey(createPublicKey(privateKey)) };

function rawKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: "der", type: "spki" }).subarray(-32));
}

function p256Key(pem: Uint8Array): PublicKey {
  const der = createPublicKey(Buffer.from(pem)).export({ format: "der", type: "spki" });
  return { kind: "ecdsa", curve: "P-256", bytes: new Uint8Array(der.subarray(-65)) };
}

test("names keys by their thumbprint (RFC 9679)", () => {
  const kid = keyThumbprint(ed25519Key);
  assert.equal(hex(kid), "be5de2f4bcdc383add3fc9827d345f1a37c6a06026b38696fb3229c003b35f49");
  assert.equal(Buffer.from(kid).toString("base64url"), "vl3i9LzcODrdP8mCfTRfGjfGoGAms4aW-zIpwAOzX0k");
  // RFC 9679 section 6, its example of an EC2 key
  const x = "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d";
  const y = "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c";
  const p256: PublicKey = { kind: "ecdsa", curve: "P-256", bytes: bytes(`04${x}${y}`) };
  assert.equal(hex(keyThumbprint(p256)), "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec");
});

const issuer = "https://issuer.example";
const subject = "urn:example:lot:42";
const digest = new Uint8Array(createHash("sha256").update("{}").digest());
const input = {
  algorithm: -8n,
  kid: keyThumbprint(ed25519Key),
  issuer,
  subject,
  payload: digest,
  envelope: { algorithm: -16n, preimageContentType: "application/json" },
};

test("signs the specification sheet's hash envelope byte for byte, and gives its entry and leaf hash", async () => {
  const statement = await signStatement(input, signer);
  assert.equal(statement.canonical.length, 213);
  assert.equal(hex(statement.entry), "001a6714fe904c8c6de9e7d7c9fb9f9df33b093514916875658da881d3ba125e");
  assert.equal(hex(leafHash(statement.entry)), "fc59dad5bcad5d138b0b68f1a4f186a59d82980a2ded0fd45c0a0c77e65e97f7");
  assert.equal(unwrap(verifySign1(statement.message, { key: ed25519Key })), true);
  assert.equal(unwrap(covers(statement, utf8("{}"))), true);
  assert.equal(unwrap(covers(statement, utf8("{ }"))), false);
});

const classic = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map(bytes);
const leaves = classic.map(leafHash);
const read = async (nodes: readonly TreeNode[]) =>
  nodes.map(({ height, index }) =>
    treeHead(leaves.slice(Number(index) * 2 ** height, (Number(index) + 1) * 2 ** height)),
  );
const receiptInput = {
  algorithm: -8n,
  kid: keyThumbprint(ed25519Key),
  issuer: "https://log.example",
  subject,
  root: treeHead(leaves),
};

test("signs the specification sheet's receipt byte for byte, and verifies it", async () => {
  const path = await proveInclusion(read, 2n, 8n);
  const receipt = await signInclusionReceipt(receiptInput, { size: 8n, index: 2n, path }, signer);
  const encoded = formatReceipt(receipt);
  assert.equal(encoded.length, 271);
  assert.equal(
    createHash("sha256").update(encoded).digest("hex"),
    "1b925eb05e99041f4ae8358b7646b4afc34b7dfac04ced6db06e4a5fcdb595f5",
  );
  const again = unwrap(parseReceipt(encoded));
  assert.equal(unwrap(verifyInclusionReceipt(again, classic[2]!, ed25519Key)), true);
  assert.equal(unwrap(verifyInclusionReceipt(again, classic[3]!, ed25519Key)), false);
  assert.equal(
    unwrap(verifyConsistencyReceipt(again, { size: 2n, root: treeHead(leaves.slice(0, 2)) }, ed25519Key)),
    false,
  );
});

test("proves consistency from a trusted root, and from no other (RFC 9942)", async () => {
  for (let m = 1; m < 8; m++) {
    const path = await proveConsistency(read, BigInt(m), 8n);
    const made = await signConsistencyReceipt(receiptInput, { oldSize: BigInt(m), newSize: 8n, path }, signer);
    const receipt = unwrap(parseReceipt(formatReceipt(made)));
    const root = treeHead(leaves.slice(0, m));
    assert.equal(unwrap(verifyConsistencyReceipt(receipt, { size: BigInt(m), root }, ed25519Key)), true, `${m}`);
    assert.equal(unwrap(verifyConsistencyReceipt(receipt, { size: BigInt(m), root: leaves[7]! }, ed25519Key)), false);
    assert.equal(unwrap(verifyConsistencyReceipt(receipt, { size: BigInt(m + 1), root }, ed25519Key)), false);
  }
});

test("has no receipt for a tree of one leaf, nor between equal sizes: their empty path has no encoding (RFC 9942)", async () => {
  await assert.rejects(signInclusionReceipt(receiptInput, { size: 1n, index: 0n, path: [] }, signer), TlogProblem);
  await assert.rejects(
    signConsistencyReceipt(receiptInput, { oldSize: 8n, newSize: 8n, path: [] }, signer),
    TlogProblem,
  );
});

test("keeps a statement's canonical bytes and entry when receipts are attached, as byte strings or as tagged items", async () => {
  const statement = await signStatement(input, signer);
  const receipt = formatReceipt(
    await signInclusionReceipt(receiptInput, { size: 8n, index: 2n, path: await proveInclusion(read, 2n, 8n) }, signer),
  );
  const transparent = attachReceipts(statement, [receipt, receipt]);
  const again = unwrap(parseStatement(transparent));
  assert.deepEqual(again.entry, statement.entry);
  assert.deepEqual(again.receipts, [receipt, receipt]);
  const unprotected = new Map<CborValue, CborValue>([
    [COSE_LABEL.receipts, [decodeCbor(receipt)]],
    [99n, "ignored"],
  ]);
  const embedded = unwrap(parseStatement(formatSign1({ ...statement.message, unprotected })));
  assert.deepEqual(embedded.entry, statement.entry);
  assert.deepEqual(embedded.receipts, [receipt]);
});

/** A Sign1 of `protected` over `payload`, tagged, with whatever else a test breaks. */
async function made(
  header: [CborValue, CborValue][],
  payload: Uint8Array = digest,
  unprotected: [CborValue, CborValue][] = [],
): Promise<Uint8Array> {
  return formatSign1(await sign1({ protected: new Map(header), unprotected: new Map(unprotected), payload }, signer));
}

test("refuses a statement without iss, sub or key, and hash envelope labels where RFC 9995 forbids them", async () => {
  const claims: [CborValue, CborValue] = [
    15n,
    new Map<CborValue, CborValue>([
      [1n, issuer],
      [2n, subject],
    ]),
  ];
  const base: [CborValue, CborValue][] = [[1n, -8n], [4n, utf8("k")], claims];
  const envelope: [CborValue, CborValue][] = [...base, [258n, -16n]];
  assert.equal(codeOf(parseStatement(await made(base))), "ok");
  assert.equal(codeOf(parseStatement(await made(envelope))), "ok");
  assert.equal(codeOf(parseStatement(await made([[1n, -8n], [34n, [-16n, digest]], claims]))), "ok");
  const bad = [
    await made([
      [1n, -8n],
      [4n, utf8("k")],
    ]),
    await made([[1n, -8n], claims]),
    await made([[1n, -8n], [4n, "k"], claims]),
    await made([
      [1n, -8n],
      [4n, utf8("k")],
      [15n, new Map<CborValue, CborValue>([[1n, issuer]])],
    ]),
    await made([
      [1n, -8n],
      [4n, utf8("k")],
      [
        15n,
        new Map<CborValue, CborValue>([
          [1n, ""],
          [2n, subject],
        ]),
      ],
    ]),
    await made([
      [1n, -8n],
      [4n, utf8("k")],
      [
        15n,
        new Map<CborValue, CborValue>([
          [1n, "i".repeat(8_193)],
          [2n, subject],
        ]),
      ],
    ]),
    await made([...base, [3n, -1n]]),
    await made([...envelope, [3n, "text/plain"]]),
    await made(envelope, digest, [[3n, "text/plain"]]),
    await made(base, digest, [[258n, -16n]]),
    await made([...base, [259n, "text/plain"]]),
    await made([...base, [258n, "sha-256"]]),
    await made([...envelope, [260n, 7n]]),
    await made(envelope, digest.subarray(1)),
    await made(base, digest, [[394n, []]]),
  ];
  for (const [i, one] of bad.entries()) assert.equal(codeOf(parseStatement(one)), "tlog/statement", `${i}`);
  assert.equal(
    codeOf(
      parseStatement(
        await made([
          [1n, -8n],
          [4n, utf8("k")],
          [
            15n,
            new Map<CborValue, CborValue>([
              [1n, "i".repeat(8_192)],
              [2n, subject],
            ]),
          ],
        ]),
      ),
    ),
    "ok",
  );
  const other = unwrap(parseStatement(await made([...base, [258n, -999n]])));
  assert.equal(codeOf(covers(other, utf8("{}"))), "tlog/unsupported");
  const plainText = unwrap(parseStatement(await made([...base, [3n, "text/plain"]], utf8("hello"))));
  assert.equal(unwrap(covers(plainText, utf8("hello"))), true);
});

test("reads vds and alg from the protected header only, and refuses an attached root (RFC 9942)", async () => {
  const proof = encodeCbor([8n, 2n, [...(await proveInclusion(read, 2n, 8n))]]);
  const vdp: [CborValue, CborValue] = [396n, new Map<CborValue, CborValue>([[-1n, [proof]]])];
  const receipt = async (header: [CborValue, CborValue][], unprotected: [CborValue, CborValue][], detached = true) =>
    formatSign1(
      await sign1(
        { protected: new Map(header), unprotected: new Map(unprotected), payload: treeHead(leaves), detached },
        signer,
      ),
    );
  assert.equal(
    codeOf(
      parseReceipt(
        await receipt(
          [
            [1n, -8n],
            [395n, 1n],
          ],
          [vdp],
        ),
      ),
    ),
    "ok",
  );
  const bad: [Uint8Array, TlogCode][] = [
    [await receipt([[1n, -8n]], [vdp, [395n, 1n]]), "tlog/receipt"],
    [
      await receipt(
        [
          [1n, -8n],
          [395n, 2n],
        ],
        [vdp],
      ),
      "tlog/unsupported",
    ],
    [
      await receipt(
        [
          [1n, -8n],
          [395n, 1n],
        ],
        [vdp],
        false,
      ),
      "tlog/receipt",
    ],
    [
      await receipt(
        [
          [1n, -8n],
          [395n, 1n],
        ],
        [],
      ),
      "tlog/receipt",
    ],
    [
      await receipt(
        [
          [1n, -8n],
          [395n, 1n],
        ],
        [[396n, new Map()]],
      ),
      "tlog/receipt",
    ],
    [
      await receipt(
        [
          [1n, -8n],
          [395n, 1n],
        ],
        [[396n, new Map<CborValue, CborValue>([[-1n, [[8n, 2n, []]]]])]],
      ),
      "tlog/receipt",
    ],
    [
      await receipt(
        [
          [1n, -8n],
          [395n, 1n],
        ],
        [[396n, new Map<CborValue, CborValue>([[-1n, [encodeCbor([8n, -1n, [digest]])]]])]],
      ),
      "tlog/receipt",
    ],
    [
      await receipt(
        [
          [1n, -8n],
          [395n, 1n],
        ],
        [[396n, new Map<CborValue, CborValue>([[-1n, [encodeCbor([8n, 1n, [digest.subarray(1)]])]]])]],
      ),
      "tlog/receipt",
    ],
    [
      (
        await receipt(
          [
            [1n, -8n],
            [395n, 1n],
          ],
          [vdp],
        )
      ).subarray(1),
      "tlog/cose",
    ],
  ];
  for (const [i, [one, code]] of bad.entries()) assert.equal(codeOf(parseReceipt(one)), code, `${i}`);
  const noAlg = unwrap(parseReceipt(await receipt([[395n, 1n]], [vdp, [1n, -8n]])));
  assert.equal(codeOf(verifyInclusionReceipt(noAlg, classic[2]!, ed25519Key)), "tlog/cose");
});

test("signs and verifies with ECDSA and refuses a key of another kind", async () => {
  const message = await sign1({ protected: new Map([[1n, -8n]]), payload: utf8("x") }, signer);
  const p256: CoseCheck = { key: { kind: "ecdsa", curve: "P-256", bytes: new Uint8Array(65) } };
  assert.equal(unwrap(verifySign1(message, p256)), false);
  assert.equal(unwrap(verifySign1(message, { key: ed25519Key })), true);
  assert.equal(codeOf(verifySign1(message, { key: ed25519Key, detached: utf8("x") })), "tlog/cose");
  const { payload: _, ...detached } = message;
  assert.equal(codeOf(verifySign1(detached, { key: ed25519Key })), "tlog/cose");
  assert.equal(unwrap(verifySign1(detached, { key: ed25519Key, detached: utf8("x") })), true);
});

test("reads back the COSE keys it writes, and refuses private, foreign and impossible ones", () => {
  const keys: PublicKey[] = [
    ed25519Key,
    { kind: "ed448", bytes: new Uint8Array(57) },
    { kind: "ml-dsa-44", bytes: new Uint8Array(1_312) },
  ];
  for (const publicKey of keys) {
    const kid = keyThumbprint(publicKey);
    const key = unwrap(parseCoseKey(formatCoseKey({ kid, publicKey })));
    assert.deepEqual([key.kid, key.publicKey], [kid, publicKey]);
  }
  const okp = (...more: [CborValue, CborValue][]) =>
    encodeCbor(new Map<CborValue, CborValue>([[1n, 1n], [-1n, 6n], [-2n, ed25519Key.bytes], ...more]));
  assert.equal(codeOf(parseCoseKey(okp())), "ok");
  assert.equal(codeOf(parseCoseKey(okp([-4n, new Uint8Array(32)]))), "tlog/key");
  assert.equal(codeOf(parseCoseKey(okp([2n, "kid"]))), "tlog/key");
  assert.equal(codeOf(parseCoseKey(okp([-1n, 4n]))), "tlog/unsupported");
  assert.equal(codeOf(parseCoseKey(okp([-2n, new Uint8Array(31)]))), "tlog/key");
  assert.equal(
    codeOf(
      parseCoseKey(
        encodeCbor(
          new Map<CborValue, CborValue>([
            [1n, 4n],
            [-1n, digest],
          ]),
        ),
      ),
    ),
    "tlog/unsupported",
  );
  assert.equal(codeOf(parseCoseKey(encodeCbor([]))), "tlog/key");
  const ec2 = (y: CborValue) =>
    encodeCbor(
      new Map<CborValue, CborValue>([
        [1n, 2n],
        [-1n, 1n],
        [-2n, bytes("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d")],
        [-3n, y],
      ]),
    );
  const full = unwrap(parseCoseKey(ec2(bytes("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"))));
  assert.deepEqual(unwrap(parseCoseKey(ec2(false))), full, "a compressed point is the same key");
  assert.equal(codeOf(parseCoseKey(ec2(new Uint8Array(32)))), "tlog/key");
  const set = encodeCbor([decodeCbor(okp()), new Map<CborValue, CborValue>([[1n, 3n]])]);
  assert.equal(unwrap(parseCoseKeySet(set)).length, 1);
  assert.equal(codeOf(parseCoseKeySet(encodeCbor([]))), "tlog/key");
});

test("writes byte strings as the general encoder does, at every length where the head grows", () => {
  for (const length of [0, 1, 23, 24, 255, 256, 65_535, 65_536, 70_000]) {
    const value = new Uint8Array(length).fill(3);
    assert.deepEqual(encodeBytes(value), encodeCbor(value), `${length}`);
  }
});

test("writes a COSE_Sign1 as the general encoder does", async () => {
  const unprotected = new Map<CborValue, CborValue>([
    [396n, digest],
    [4n, "x"],
  ]);
  for (const message of [
    await sign1({ protected: new Map([[1n, -8n]]), payload: digest }, signer),
    await sign1({ protected: new Map(), unprotected, payload: new Uint8Array(300), detached: true }, signer),
  ]) {
    const { protectedBytes, payload = null, signature } = message;
    assert.deepEqual(
      formatSign1(message),
      encodeCbor(new Tag(18, [protectedBytes, message.unprotected, payload, signature])),
    );
  }
});

test("refuses hostile CBOR in bounded time: deep, cut, indefinite, with a key twice or in two encodings", () => {
  const deep = (levels: number) => bytes(`${"81".repeat(levels)}00`);
  assert.ok(decodeCbor(deep(MAX_CBOR_ARRAYS)));
  assert.throws(() => decodeCbor(deep(MAX_CBOR_ARRAYS + 1)), TlogProblem);
  for (const bad of [
    deep(1_000),
    bytes("9fff"),
    bytes("5f4100ff"),
    bytes("9bffffffffffffffff"),
    bytes("5bffffffffffffffff00"),
    bytes("a201000100"),
    bytes("a2010018010" + "0"),
    bytes("0000"),
    bytes(""),
    bytes("ff"),
    bytes("61ff"),
  ])
    assert.throws(
      () => decodeCbor(bad),
      (error) => error instanceof TlogProblem && error.code === "tlog/cbor",
      hex(bad.subarray(0, 12)),
    );
  assert.equal(decodeCbor(bytes("01")), 1n);
  assert.equal(decodeCbor(bytes("f93c00")), 1, "a float is not an integer");
  assert.ok(decodeCbor(bytes("c11a514b67b0")) instanceof Tag, "no tag is acted upon");
  assert.equal(hex(encodeCbor(Buffer.from([1, 2]))), "420102", "a Buffer is a byte string too");
});

test("refuses malformed COSE: wrong tag, wrong arity, wrong types, one label in both headers", () => {
  const sign1Of = (...parts: CborValue[]) => encodeCbor(new Tag(18, parts));
  const empty = new Uint8Array();
  const bad = [
    encodeCbor(new Tag(98, [empty, new Map(), empty, empty])),
    encodeCbor([empty, new Map(), empty, empty]),
    sign1Of(empty, new Map(), empty),
    sign1Of(empty, new Map(), empty, empty, empty),
    sign1Of("", new Map(), empty, empty),
    sign1Of(empty, [], empty, empty),
    sign1Of(empty, new Map(), "", empty),
    sign1Of(empty, new Map(), empty, null),
    sign1Of(encodeCbor([]), new Map(), empty, empty),
    sign1Of(
      encodeCbor(new Map<CborValue, CborValue>([[1n, -8n]])),
      new Map<CborValue, CborValue>([[1n, -8n]]),
      empty,
      empty,
    ),
    sign1Of(encodeCbor(new Map<CborValue, CborValue>([[true, 1n]])), new Map(), empty, empty),
  ];
  for (const [i, one] of bad.entries()) assert.equal(codeOf(parseSign1(one)), "tlog/cose", `${i}`);
  assert.equal(codeOf(parseSign1(new Uint8Array(4_000_001))), "tlog/cose");
  assert.equal(codeOf(parseSign1(new Uint8Array(4_000_000))), "tlog/cbor");
});

test("writes the key set that SCRAPI serves, each key under its thumbprint, and its problem details", () => {
  const set = unwrap(
    parseCoseKeySet(formatCoseKeySet([{ publicKey: ed25519Key }, { kid: utf8("own"), publicKey: ed25519Key }])),
  );
  assert.deepEqual(
    set.map(({ kid }) => hex(kid!)),
    [hex(keyThumbprint(ed25519Key)), hex(utf8("own"))],
  );
  const body = formatConciseProblem("Payload Missing", "the statement's payload is detached");
  assert.equal(hex(body).slice(0, 4), "a220");
  assert.deepEqual(unwrap(parseConciseProblem(body)), {
    title: "Payload Missing",
    detail: "the statement's payload is detached",
  });
  assert.deepEqual(unwrap(parseConciseProblem(encodeCbor(new Map()))), {});
  assert.equal(codeOf(parseConciseProblem(encodeCbor("x"))), "tlog/cbor");
});

test("does not call certificates understood: a critical x5chain is for the caller to judge (RFC 9052 3.1)", async () => {
  const header: [CborValue, CborValue][] = [
    [1n, -8n],
    [2n, [33n]],
    [33n, digest],
  ];
  const message = unwrap(parseSign1(await made(header)));
  assert.equal(codeOf(verifySign1(message, { key: ed25519Key })), "tlog/unsupported");
  assert.equal(unwrap(verifySign1(message, { key: ed25519Key, understands: [33n] })), true);
  const absent = unwrap(
    parseSign1(
      await made([
        [1n, -8n],
        [2n, [4n]],
      ]),
    ),
  );
  assert.equal(codeOf(verifySign1(absent, { key: ed25519Key })), "tlog/cose");
  const empty = unwrap(
    parseSign1(
      await made([
        [1n, -8n],
        [2n, []],
      ]),
    ),
  );
  assert.equal(codeOf(verifySign1(empty, { key: ed25519Key })), "tlog/cose");
});
