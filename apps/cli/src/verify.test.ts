import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import {
  attachReceipts,
  formatCheckpoint,
  formatCoseKey,
  formatForkProof,
  formatNote,
  formatReceipt,
  formatTlogProof,
  formatVkey,
  keyThumbprint,
  type NoteKey,
  noteKey,
  proveInclusion,
  SIGNATURE_TYPE,
  signInclusionReceipt,
  signNote,
  signStatement,
  tileNodeReader,
  tilePath,
  TileWriter,
} from "@holdfast/tlog";
import { skipUnless, vectors } from "../../../test/shared.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-verify-"));
after(() => rmSync(folder, { recursive: true }));

function holdfast(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const main = resolve(import.meta.dirname, "main.ts");
  return new Promise((done) =>
    execFile(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", main, "verify", ...words],
      (error, stdout, stderr) => done({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A key pair from a seed that is a hash of `name`. */
function keyPair(name: string) {
  const seed = createHash("sha256").update(name).digest();
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey);
  const bytes = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
  const signer = { sign: async (message: Uint8Array) => new Uint8Array(sign(null, message, privateKey)) };
  const note = (type: NoteKey["type"]) => noteKey(name, type, bytes);
  return {
    note,
    signer,
    pem: publicKey.export({ format: "pem", type: "spki" }),
    publicKey: { kind: "ed25519", bytes } as const,
  };
}

const log = keyPair("log.example");
const witness = keyPair("w.example");
const issuer = keyPair("issuer");
const document = '{"lot":42}';
const statement = await signStatement(
  {
    algorithm: -8n,
    kid: keyThumbprint(issuer.publicKey),
    issuer: "https://issuer.example",
    subject: "urn:example:lot:42",
    payload: createHash("sha256").update(document).digest(),
    envelope: { algorithm: -16n, preimageContentType: "application/json" },
  },
  issuer.signer,
);

/** A log of nine entries whose sixth is the statement's. */
async function evidence() {
  const writer = new TileWriter();
  for (let i = 0; i < 9; i++) writer.append(i === 5 ? statement.entry : createHash("sha256").update(`${i}`).digest());
  const cut = writer.cut();
  const tiles = new Map(cut.partials.map(({ tile, bytes }) => [tilePath(tile), bytes]));
  const path = await proveInclusion(
    tileNodeReader(async (tile) => tiles.get(tilePath(tile)), 9n),
    5n,
    9n,
  );
  const text = formatCheckpoint({ origin: "log.example", size: 9n, root: cut.root, extensions: [] });
  const signatures = [
    await signNote(text, log.note(SIGNATURE_TYPE.ed25519), log.signer),
    await signNote(text, witness.note(SIGNATURE_TYPE.cosignatureV1), witness.signer, 1_700_000_000n),
  ];
  const input = {
    algorithm: -8n,
    kid: keyThumbprint(log.publicKey),
    issuer: "https://log.example",
    subject: "urn:example:lot:42",
    root: cut.root,
  };
  const receipt = formatReceipt(await signInclusionReceipt(input, { size: 9n, index: 5n, path }, log.signer));
  return { proof: { index: 5n, path, checkpoint: formatNote({ text, signatures }) }, receipt };
}

const { proof, receipt } = await evidence();
const logLine = `log ${formatVkey(log.note(SIGNATURE_TYPE.ed25519))}\n`;
const witnessLine = `witness w ${formatVkey(witness.note(SIGNATURE_TYPE.cosignatureV1))}\n`;
const policy = file("policy", `${logLine}${witnessLine}quorum w\n`);
const logOnly = file("log-only", `${logLine}quorum none\n`);
const proofFile = file("lot.tlog-proof", formatTlogProof(proof));
const statementFile = file("lot.cose", statement.canonical);
const transparent = file("transparent.cose", attachReceipts(statement, [receipt]));
const receiptFile = file("receipt.cose", receipt);
const documentFile = file("lot.json", document);
const issuerPem = file("issuer.pem", issuer.pem);

test("proves a statement's place in a log, its quorum, its issuer and its document, and says each", async () => {
  const { status, stdout, stderr } = await holdfast(
    proofFile,
    "--policy",
    policy,
    "--entry",
    statementFile,
    "--issuer-key",
    issuerPem,
    "--document",
    documentFile,
  );
  assert.equal(status, 0, stderr + stdout);
  assert.match(stdout, /proven {7}`log\.example` signed its tree of 9 entries/);
  assert.match(stdout, /proven {7}witness `w\.example` cosigned that tree, by its clock at 2023-11-14T22:13:20Z/);
  assert.match(stdout, /proven {7}quorum `w` of the policy is met/);
  assert.match(
    stdout,
    /proven {7}entry 5 of that tree is the statement of `https:\/\/issuer\.example` about `urn:example:lot:42`/,
  );
  assert.match(stdout, /proven {7}the key given for `https:\/\/issuer\.example` signed the statement/);
  assert.match(stdout, /proven {7}the statement is about the document given/);
  assert.match(stdout, /not checked {2}that what the entry says is true/);
  assert.match(stdout, /verdict: proven\n$/);
});

test("proves a digest as JSON, and says what was not checked", async () => {
  const digest = Buffer.from(statement.entry).toString("hex");
  const { status, stdout } = await holdfast(proofFile, "--policy", logOnly, "--digest", digest, "--json");
  assert.equal(status, 0);
  const { verdict, claims } = JSON.parse(stdout);
  assert.equal(verdict, "proven");
  assert.deepEqual(
    claims.map(({ status: each }: { status: string }) => each),
    ["proven", "not checked", "proven", "not checked"],
  );
});

test("takes the statement from the proof's own extra data, which proves itself by the path", async () => {
  const whole = file("whole.tlog-proof", formatTlogProof({ ...proof, extra: statement.canonical }));
  assert.equal((await holdfast(whole, "--policy", policy)).status, 0);
  const lying = file("lying.tlog-proof", formatTlogProof({ ...proof, extra: statement.canonical.with(100, 0) }));
  assert.equal((await holdfast(lying, "--policy", policy)).status, 1);
});

test("ends with 1 when any part fails, and names the part", async () => {
  const other = file("other", "something else");
  const stranger = file("stranger", `log ${formatVkey(keyPair("x").note(SIGNATURE_TYPE.ed25519))}\nquorum none\n`);
  const missing = file(
    "missing",
    `${logLine}witness v ${formatVkey(keyPair("v").note(SIGNATURE_TYPE.cosignatureV1))}\nquorum v\n`,
  );
  const cases: [string[], RegExp][] = [
    [
      [proofFile, "--policy", policy, "--entry", other],
      /not proven {3}entry 5 of that tree is the SHA-256 of the file given/,
    ],
    [[proofFile, "--policy", policy], /not proven {3}what entry 5 is: name it/],
    [[proofFile, "--policy", stranger, "--entry", statementFile], /not proven {3}a log of the policy signed/],
    [[proofFile, "--policy", missing, "--entry", statementFile], /not proven {3}quorum `v` of the policy is met/],
    [
      [proofFile, "--policy", policy, "--entry", statementFile, "--document", other],
      /not proven {3}the statement is about the document/,
    ],
    [
      [proofFile, "--policy", policy, "--entry", statementFile, "--issuer-key", file("w.pem", witness.pem)],
      /not proven {3}the key given for/,
    ],
    [[statementFile, "--policy", logOnly], /not proven {3}the statement is in a log: it carries no receipt/],
    [
      [transparent, "--policy", policy],
      /not proven {3}quorum `w` cosigned the tree: a receipt carries no cosignatures/,
    ],
    [[transparent, "--policy", stranger], /not proven {3}the statement is in a log that the policy trusts/],
    [[receiptFile, "--policy", logOnly, "--entry", other], /not proven {3}the receipt: a known key signed/],
  ];
  const answers = await Promise.all(cases.map(([words]) => holdfast(...words)));
  for (const [i, { status, stdout, stderr }] of answers.entries()) {
    assert.equal(status, 1, `${i} ${stdout}${stderr}`);
    assert.match(stdout, cases[i]![1], `${i}`);
    assert.match(stdout, /verdict: not proven\n$/);
  }
});

test("proves transparent statements and receipts, with a policy or with the log's keys", async () => {
  const keySet = file(
    "keys.cbor",
    Buffer.concat([
      Buffer.from([0x81]),
      formatCoseKey({ kid: keyThumbprint(log.publicKey), publicKey: log.publicKey }),
    ]),
  );
  const runs = await Promise.all([
    holdfast(transparent, "--policy", logOnly),
    holdfast(transparent, "--policy", keySet, "--entry", statementFile),
    holdfast(receiptFile, "--policy", keySet, "--entry", transparent),
    holdfast(
      receiptFile,
      "--policy",
      file("log.pem", log.pem),
      "--digest",
      Buffer.from(statement.entry).toString("hex"),
    ),
  ]);
  for (const { status, stdout, stderr } of runs) {
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /the log `https:\/\/log\.example` holds .* as entry 5 of 9/);
  }
});

test("proves a fork with the policy's log, and not one of a log that the policy doesn't know", async () => {
  const checkpointOf = async (root: Uint8Array) => {
    const text = formatCheckpoint({ origin: "log.example", size: 9n, root, extensions: [] });
    return formatNote({ text, signatures: [await signNote(text, log.note(SIGNATURE_TYPE.ed25519), log.signer)] });
  };
  const checkpoints = [await checkpointOf(new Uint8Array(32)), await checkpointOf(new Uint8Array(32).fill(1))] as const;
  const fork = file("fork.json", formatForkProof({ checkpoints }));
  const proved = await holdfast(fork, "--policy", logOnly);
  assert.equal(proved.status, 0, proved.stderr);
  assert.match(proved.stdout, /proven {7}`log\.example` signed two trees that cannot both be true/);
  const stranger = file("fork-policy", `log ${formatVkey(keyPair("x").note(SIGNATURE_TYPE.ed25519))}\nquorum none\n`);
  assert.equal((await holdfast(fork, "--policy", stranger)).status, 1);
});

test("ends with 65 on malformed evidence or policy, 66 without a file, 64 on wrong words", async () => {
  const bad = file("bad", "c2sp.org/tlog-proof@v1\nindex 05\n\n");
  const cases: [number, string[]][] = [
    [65, [bad, "--policy", policy]],
    [65, [file("cose", Uint8Array.of(0xd2, 0x84, 0x40)), "--policy", policy]],
    [65, [file("empty", ""), "--policy", policy]],
    [65, [proofFile, "--policy", bad]],
    [66, [join(folder, "none"), "--policy", policy]],
    [66, [folder, "--policy", policy]],
    [64, [proofFile]],
    [64, [proofFile, "--policy", policy, "--digest", "00"]],
    [64, [proofFile, "--policy", policy, "--digest", "00".repeat(32), "--entry", bad]],
  ];
  const answers = await Promise.all(cases.map(([, words]) => holdfast(...words)));
  for (const [i, { status, stderr }] of answers.entries()) {
    assert.equal(status, cases[i]![0], `${i} ${stderr}`);
    assert.notEqual(stderr, "");
  }
});

const scitt = vectors("cose/scitt-cose-vectors/v1/valid-ccf-vds2");

test("says of a receipt for another data structure that it is not supported, not that it is forged", {
  skip: skipUnless("shared", scitt),
}, async () => {
  const { status, stdout } = await holdfast(
    join(scitt!, "receipt.cose"),
    "--policy",
    join(scitt!, "log-key.pub"),
    "--entry",
    join(scitt!, "statement.cose"),
  );
  assert.equal(status, 1);
  assert.match(stdout, /not checked {2}the receipt: verifiable data structure `2` is not supported/);
  assert.ok(readFileSync(join(scitt!, "receipt.cose")).length > 0);
});
