import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import {
  formatCheckpoint,
  formatNote,
  formatVkey,
  type NoteKey,
  noteKey,
  SIGNATURE_TYPE,
  signNote,
  tilePath,
  TileWriter,
} from "@holdfast/tlog";
import { sign, createPrivateKey, createPublicKey } from "node:crypto";

const folder = mkdtempSync(join(tmpdir(), "holdfast-ledger-"));
after(() => rmSync(folder, { recursive: true }));

function holdfast(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const main = resolve(import.meta.dirname, "main.ts");
  return new Promise((done) =>
    execFile(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], (error, stdout, stderr) =>
      done({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

/** A key that signs notes as `name`, from a seed that is a hash of the name. */
function noteSigner(name: string, type: NoteKey["type"] = SIGNATURE_TYPE.ed25519) {
  const seed = createHash("sha256").update(name).digest();
  const privateKey = createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = new Uint8Array(createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32));
  const signer = { sign: async (message: Uint8Array) => new Uint8Array(sign(null, message, privateKey)) };
  return { key: noteKey(name, type, publicKey), signer };
}

const log = noteSigner("log.example");
const witness = noteSigner("w.example", SIGNATURE_TYPE.cosignatureV1);

/** Writes a log of `count` entries below `name` and gives its folder. */
async function writeLog(name: string, count: number): Promise<string> {
  const place = join(folder, name);
  const writer = new TileWriter();
  for (let i = 0; i < count; i++) writer.append(createHash("sha256").update(`${i}`).digest());
  const cut = writer.cut();
  for (const { tile, bytes } of [...cut.full, ...cut.partials]) {
    mkdirSync(dirname(join(place, tilePath(tile))), { recursive: true });
    writeFileSync(join(place, tilePath(tile)), bytes);
  }
  const text = formatCheckpoint({ origin: "log.example", size: cut.size, root: cut.root, extensions: [] });
  const signatures = [
    await signNote(text, log.key, log.signer),
    await signNote(text, witness.key, witness.signer, 1_700_000_000n),
  ];
  writeFileSync(join(place, "checkpoint"), formatNote({ text, signatures }));
  return place;
}

const sound = await writeLog("sound", 700);
const vkey = formatVkey(log.key);

test("fsck ends with 0 on a sound folder, in words and as JSON", async () => {
  const { status, stdout, stderr } = await holdfast("ledger", "fsck", sound, "--vkey", vkey);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /`log\.example`: 700 entries[\s\S]*signature: verified\nverdict: sound/);
  const json = JSON.parse((await holdfast("ledger", "fsck", sound, "--json")).stdout);
  assert.deepEqual([json.sound, json.entries, json.signature, json.findings], [true, "700", "not checked", []]);
  assert.equal(json.root, json.checkpoint.root);
});

test("fsck ends with 1 and names the entry whose bit was flipped", async () => {
  const place = await writeLog("flipped", 700);
  const path = join(place, "tile/entries/001");
  writeFileSync(
    path,
    readFileSync(path).map((byte, i) => (i === 34 * 10 + 9 ? byte ^ 4 : byte)),
  );
  const { status, stdout } = await holdfast("ledger", "fsck", place, "--vkey", vkey);
  assert.equal(status, 1);
  assert.match(stdout, /tile-differs {2}tile\/0\/001 {2}entry `266`/);
  assert.match(stdout, /root-differs/);
  const wrongKey = await holdfast("ledger", "fsck", place, "--vkey", formatVkey(noteSigner("other.example").key));
  assert.equal(wrongKey.status, 1);
  assert.match(wrongKey.stdout, /signature: failed/);
});

test("fsck reads a mirror that left files in gzip, and never mistakes a tile for one", async () => {
  const place = await writeLog("gzip", 300);
  for (const path of ["tile/entries/000", "tile/0/000", "checkpoint"]) {
    const file = join(place, path);
    writeFileSync(file, gzipSync(readFileSync(file)));
  }
  assert.equal((await holdfast("ledger", "fsck", "--vkey", vkey, place)).status, 0);
  const partial = join(place, "tile/0/001.p/44");
  writeFileSync(partial, readFileSync(partial).fill(0x1f, 0, 1).fill(0x8b, 1, 2));
  const { status, stdout } = await holdfast("ledger", "fsck", place);
  assert.equal(status, 1);
  assert.match(stdout, /tile-differs {2}tile\/0\/001\.p\/44 {2}entry `256`/);
});

test("fsck reads over HTTP: content coding, one failure tried again, no redirect, no server", async () => {
  let failures = 1;
  const listener: RequestListener = (request, response) => {
    if (failures-- > 0) return void response.writeHead(503).end();
    if (request.url?.startsWith("/moved/")) return void response.writeHead(302, { location: "/log/checkpoint" }).end();
    try {
      const bytes = readFileSync(join(sound, request.url?.replace("/log/", "") ?? ""));
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(bytes));
    } catch {
      response.writeHead(404).end();
    }
  };
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const prefix = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const good = await holdfast("ledger", "fsck", `${prefix}/log`, "--vkey", vkey);
    assert.equal(good.status, 0, good.stderr + good.stdout);
    const moved = await holdfast("ledger", "fsck", `${prefix}/moved/`);
    assert.equal(moved.status, 69, moved.stdout);
    assert.match(moved.stderr, /redirect/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  const gone = await holdfast("ledger", "fsck", prefix);
  assert.equal(gone.status, 69);
});

test("fsck ends with 66 without a folder, 64 with a key that is none, and 1 without a checkpoint", async () => {
  assert.equal((await holdfast("ledger", "fsck", join(folder, "nowhere"))).status, 66);
  assert.equal((await holdfast("ledger", "fsck", sound, "--vkey", "x")).status, 64);
  assert.equal((await holdfast("ledger", "fsck")).status, 64);
  assert.equal((await holdfast("ledger", "fsck", join(sound, "tile"))).status, 1);
});

test("checkpoint verify says of each key whether it signed", async () => {
  const file = join(sound, "checkpoint");
  const both = await holdfast(
    "ledger",
    "checkpoint",
    "verify",
    file,
    "--vkey",
    vkey,
    "--vkey",
    formatVkey(witness.key),
  );
  assert.equal(both.status, 0);
  assert.match(both.stdout, /proven {7}`log\.example` \(key [0-9a-f]{8}\) signed the tree of 700 entries/);
  assert.match(both.stdout, /`w\.example`.* at 2023-11-14T22:13:20Z/);
  const missing = await holdfast(
    "ledger",
    "checkpoint",
    "verify",
    file,
    "--vkey",
    vkey,
    "--vkey",
    formatVkey(noteSigner("x").key),
    "--json",
  );
  assert.equal(missing.status, 1);
  const { verdict, claims } = JSON.parse(missing.stdout);
  assert.deepEqual([verdict, claims[0].status, claims[1].status], ["not proven", "proven", "not proven"]);
});

test("checkpoint verify ends with 1 on a forged text and 65 on what is no checkpoint", async () => {
  const forged = join(folder, "forged");
  writeFileSync(forged, readFileSync(join(sound, "checkpoint"), "utf8").replace("700", "701"));
  assert.equal((await holdfast("ledger", "checkpoint", "verify", forged, "--vkey", vkey)).status, 1);
  writeFileSync(forged, "hello\n");
  assert.equal((await holdfast("ledger", "checkpoint", "verify", forged, "--vkey", vkey)).status, 65);
  assert.equal((await holdfast("ledger", "checkpoint", "verify", join(folder, "none"), "--vkey", vkey)).status, 66);
});
