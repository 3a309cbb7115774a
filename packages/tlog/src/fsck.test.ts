import { strict as assert } from "node:assert";
import { hash } from "node:crypto";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import { ed25519 } from "@noble/curves/ed25519.js";
import { formatCheckpoint } from "./checkpoint.ts";
import { fsck, type FsckReport, MAX_FINDINGS } from "./fsck.ts";
import { formatNote, parseNote } from "./note.ts";
import { signNote } from "./note-signing.ts";
import { tilePath } from "./tile.ts";
import { latin1HashInto } from "./tile-hasher.ts";
import { TileWriter } from "./tile-writer.ts";
import { noteKey, SIGNATURE_TYPE } from "./vkey.ts";

const secret = new Uint8Array(32).fill(1);
const signer = { sign: async (message: Uint8Array) => ed25519.sign(message, secret) };
const key = noteKey("log.example", SIGNATURE_TYPE.ed25519, ed25519.getPublicKey(secret));
const SIZE = 66_000;
const entryAt = (i: number) => new Uint8Array(32).fill(i & 0xff).with(1, (i >> 8) & 0xff);
const native = latin1HashInto((input) => hash("sha256", input, "binary"));

async function checkpoint(size: bigint, root: Uint8Array): Promise<Uint8Array> {
  const text = formatCheckpoint({ origin: "log.example", size, root, extensions: [] });
  return formatNote({ text, signatures: [await signNote(text, key, signer)] });
}

/** The files of a log of 66,000 entries of 32 bytes: 258 leaf tiles, two of level 1 and one of level 2. */
async function soundLog(): Promise<Map<string, Uint8Array>> {
  const writer = new TileWriter(undefined, native);
  for (let i = 0; i < SIZE; i++) writer.append(entryAt(i));
  const cut = writer.cut();
  const files = new Map([...cut.full, ...cut.partials].map(({ tile, bytes }) => [tilePath(tile), bytes]));
  return files.set("checkpoint", await checkpoint(cut.size, cut.root));
}

const sound = await soundLog();

async function check(change: (files: Map<string, Uint8Array>) => void): Promise<FsckReport> {
  const files = new Map(sound);
  change(files);
  return fsck(async (path) => files.get(path), { keys: [key], hash: native });
}

function flip(path: string, at: number): (files: Map<string, Uint8Array>) => void {
  return (files) => {
    const bytes = files.get(path)!;
    files.set(path, bytes.with(at, bytes[at]! ^ 1));
  };
}

const kinds = (report: FsckReport) => report.findings.map(({ kind, path }) => `${kind} ${path}`);

test("finds nothing in a sound log, and counts what it recomputed", async () => {
  const seen: bigint[] = [];
  const report = await fsck(async (path) => sound.get(path), { keys: [key], progress: (done) => seen.push(done) });
  assert.deepEqual(
    [report.signature, report.entries, report.tiles, report.findingCount],
    ["verified", 66_000n, 261n, 0],
  );
  assert.deepEqual(report.root, report.checkpoint?.root);
  assert.equal(seen.at(-1), 66_000n);
  const unsigned = await fsck(async (path) => sound.get(path));
  assert.deepEqual([unsigned.signature, unsigned.findingCount], ["not checked", 0]);
});

test("names the entry whose bit was flipped, and every hash above it that no longer follows", async () => {
  const report = await check(flip("tile/entries/200", 34 * 7 + 5));
  assert.deepEqual(kinds(report), [
    "tile-differs tile/0/200",
    "tile-differs tile/1/000",
    "tile-differs tile/2/000.p/1",
    "root-differs checkpoint",
  ]);
  assert.match(report.findings[0]!.message, /entry `51207`/);
});

test("names the one tile whose bit was flipped, at any level", async () => {
  for (const path of ["tile/0/003", "tile/0/257.p/208", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1"])
    assert.deepEqual(kinds(await check(flip(path, 3))), [`tile-differs ${path}`]);
});

test("names what is missing, torn or malformed, and goes on from leaf hashes where a bundle cannot be used", async () => {
  assert.deepEqual(kinds(await check((files) => files.delete("tile/0/003"))), ["tile-missing tile/0/003"]);
  assert.deepEqual(kinds(await check((files) => files.set("tile/1/000", new Uint8Array(31)))), [
    "tile-malformed tile/1/000",
  ]);
  assert.deepEqual(kinds(await check((files) => files.delete("tile/entries/003"))), [
    "bundle-missing tile/entries/003",
  ]);
  assert.deepEqual(
    kinds(await check((files) => files.set("tile/entries/003", files.get("tile/entries/003")!.subarray(1)))),
    ["bundle-malformed tile/entries/003"],
  );
  assert.deepEqual(kinds(await check((files) => files.set("tile/entries/003", files.get("tile/entries/257.p/208")!))), [
    "bundle-malformed tile/entries/003",
  ]);
  const both = await check((files) => files.delete("tile/entries/003") && files.delete("tile/0/003"));
  assert.deepEqual(kinds(both), ["bundle-missing tile/entries/003", "incomplete tile/entries/003"]);
  assert.equal(both.root, undefined);
});

test("takes the full tile and bundle in place of partial ones that are gone (tlog-tiles)", async () => {
  const writer = new TileWriter();
  for (let i = 0; i < 300; i++) writer.append(entryAt(i));
  const { size, root } = writer.cut();
  const note = await checkpoint(size, root); // its partial tiles were never in `sound`, whose tiles are full there
  const report = await check((files) => files.set("checkpoint", note));
  assert.deepEqual(kinds(report), []);
  assert.equal(report.entries, 300n);
});

test("reports a checkpoint that is missing, unsigned, forged or of another root", async () => {
  assert.deepEqual(kinds(await check((files) => files.delete("checkpoint"))), ["checkpoint checkpoint"]);
  assert.equal((await check(flip("checkpoint", 100))).findingCount, 1);
  const forged = await check((files) => {
    const note = unwrap(parseNote(files.get("checkpoint")!));
    files.set("checkpoint", formatNote({ ...note, text: note.text.replace("66000", "65999") }));
  });
  assert.deepEqual([forged.signature, forged.findingCount, forged.entries], ["failed", 1, 0n]);
  const other = await checkpoint(66_000n, new Uint8Array(32));
  assert.deepEqual(kinds(await check((files) => files.set("checkpoint", other))), ["root-differs checkpoint"]);
});

test("keeps at most 1,000 findings of a log that is wrong throughout, and counts them all", async () => {
  const report = await check((files) => {
    for (const path of files.keys())
      if (path.startsWith("tile/0/")) files.set(path, new Uint8Array(files.get(path)!.length));
  });
  assert.equal(report.findings.length, MAX_FINDINGS);
  assert.equal(report.findingCount, 66_000);
});
