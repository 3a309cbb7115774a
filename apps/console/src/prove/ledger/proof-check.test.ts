import { strict as assert } from "node:assert";
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { test } from "node:test";
import {
  attachReceipts,
  formatCheckpoint,
  formatCoseKeySet,
  formatNote,
  formatPolicy,
  formatReceipt,
  formatTlogProof,
  keyThumbprint,
  leafHash,
  noteKey,
  type NoteKey,
  proveInclusion,
  SIGNATURE_TYPE,
  signInclusionReceipt,
  signNote,
  signStatement,
  tileNodeReader,
  tilePath,
  TileWriter,
} from "@holdfast/tlog";
import { checkProof, hexOf, type ProofFiles } from "./proof-check.ts";

const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

function keyPair(name: string) {
  const seed = createHash("sha256").update(name).digest();
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const bytes = new Uint8Array(spki.subarray(-32));
  return {
    bytes,
    signer: { sign: async (message: Uint8Array) => new Uint8Array(sign(null, message, privateKey)) },
    note: (type: NoteKey["type"]) => noteKey(name, type, bytes),
  };
}

const log = keyPair("log.example");
const witness = keyPair("w.example");
const issuer = keyPair("issuer");
const publicKey = { kind: "ed25519", bytes: issuer.bytes } as const;
const document = new TextEncoder().encode('{"lot":42}');
const statement = await signStatement(
  {
    algorithm: -8n,
    kid: keyThumbprint(publicKey),
    issuer: "https://issuer.example",
    subject: "urn:example:lot:42",
    payload: new Uint8Array(createHash("sha256").update(document).digest()),
    envelope: { algorithm: -16n, preimageContentType: "application/json" },
  },
  issuer.signer,
);
const id = hexOf(statement.entry);

/** The files of entry `index` in a log of `size` entries. */
async function files(index: number, size: number, cosigned = true) {
  const writer = new TileWriter();
  for (let i = 0; i < size; i++)
    writer.append(i === index ? statement.entry : new Uint8Array(createHash("sha256").update(`${i}`).digest()));
  const cut = writer.cut();
  const tiles = new Map([...cut.full, ...cut.partials].map(({ tile, bytes }) => [tilePath(tile), bytes]));
  const reader = tileNodeReader(async (tile) => tiles.get(tilePath(tile)), BigInt(size));
  const path = await proveInclusion(reader, BigInt(index), BigInt(size));
  const text = formatCheckpoint({ origin: "log.example", size: BigInt(size), root: cut.root, extensions: [] });
  const signatures = [await signNote(text, log.note(SIGNATURE_TYPE.ed25519), log.signer)];
  if (cosigned)
    signatures.push(await signNote(text, witness.note(SIGNATURE_TYPE.cosignatureV1), witness.signer, 1_700_000_000n));
  const policy = formatPolicy({
    logs: [{ key: log.note(SIGNATURE_TYPE.ed25519) }],
    witnesses: [{ name: "w", key: witness.note(SIGNATURE_TYPE.cosignatureV1) }],
    groups: [],
    quorum: "w",
  });
  const proof = formatTlogProof({ index: BigInt(index), path, checkpoint: formatNote({ text, signatures }) });
  const input = { algorithm: -8n, kid: keyThumbprint(publicKey), issuer: "https://log.example", subject: "urn:x" };
  const inclusion = { index: BigInt(index), size: BigInt(size), path };
  const receipt = await signInclusionReceipt({ ...input, root: cut.root }, inclusion, issuer.signer);
  const transparent = attachReceipts(statement, [formatReceipt(receipt)]);
  const keys = formatCoseKeySet([{ kid: keyThumbprint(publicKey), publicKey }]);
  return { proof, policy, statement: transparent, keys, document } satisfies ProofFiles;
}

test("everything holds for a statement in a cosigned tree, and the drawing ends at the signed root", async () => {
  for (const [index, size] of [
    [0, 2],
    [5, 9],
    [8, 9],
    [200, 300],
  ] as const) {
    const report = checkProof(id, await files(index, size));
    assert.deepEqual(
      report.checks.map(({ state }) => state),
      Array.from({ length: 7 }, () => "holds"),
      `entry ${index} of ${size}`,
    );
    assert.equal(report.verdict, "proven");
    assert.ok(report.drawing);
    assert.equal(report.drawing.computedRoot, report.drawing.signedRoot);
    assert.equal(report.drawing.leaf, hexOf(leafHash(statement.entry)));
    const top = report.drawing.steps.at(-1);
    if (top) assert.deepEqual(top.nodeRange, { start: 0n, end: BigInt(size) });
  }
});

const STEP = 5; // every byte holds too, and takes 20 s on a busy machine

test("no change of one byte of the proof, the policy, the statement or the document passes as it was", async () => {
  const good = await files(5, 9);
  const before = checkProof(id, good);
  for (const name of ["proof", "policy", "statement", "document"] as const)
    for (let at = 0; at < good[name].length; at += STEP) {
      const bytes = Uint8Array.from(good[name]);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      const { verdict, checks } = checkProof(id, { ...good, [name]: bytes });
      // a changed name or key of a witness or a cosignature leaves the log's own word standing, and no more than that
      assert.ok(verdict === "refused" || verdict === "unwitnessed", `${name}, byte ${at}: ${verdict}`);
      assert.notDeepEqual(checks, before.checks, `${name}, byte ${at}`);
    }
});

test("a tree that no witness cosigned is unwitnessed, and a statement without a checkpoint is open", async () => {
  const alone = checkProof(id, await files(5, 9, false));
  assert.equal(alone.verdict, "unwitnessed");
  assert.match(alone.checks.map(({ words }) => words).join(), /No witness has cosigned/);
  assert.equal(checkProof(id, {}).verdict, "open");
});

test("another statement's proof is refused", async () => {
  const { proof, policy } = await files(5, 9);
  const report = checkProof("00".repeat(32), { proof, policy });
  assert.equal(report.verdict, "refused");
  assert.notEqual(report.drawing?.computedRoot, report.drawing?.signedRoot);
});
