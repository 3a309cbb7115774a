import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { encodeBase64 } from "./base64.ts";
import { formatCheckpoint } from "./checkpoint.ts";
import { formatNote } from "./note.ts";
import { signNote } from "./note-signing.ts";
import { proveConsistency, proveInclusion } from "./proof.ts";
import { tilePath } from "./tile.ts";
import { tileNodeReader } from "./tile-reader.ts";
import { TileWriter } from "./tile-writer.ts";
import { formatVkey, noteKey, SIGNATURE_TYPE } from "./vkey.ts";

/** Where the distribution's package puts Go sources; a GOPATH elsewhere works as well. */
const gopath = process.env["HOLDFAST_GOPATH"] ?? "/usr/share/gocode";
const hasGo = spawnSync("go", ["version"]).status === 0;
const hasPackages = existsSync(join(gopath, "src/golang.org/x/mod/sumdb/tlog/tlog.go"));
const skip =
  hasGo && hasPackages
    ? false
    : "skipped: needs Go and its x/mod packages (`apt-get install golang-go golang-golang-x-mod-dev`), or HOLDFAST_GOPATH";

const secret = new Uint8Array(32).fill(1);
const key = noteKey("log.example", SIGNATURE_TYPE.ed25519, ed25519.getPublicKey(secret));
const entryAt = (i: bigint) => new Uint8Array(createHash("sha256").update(`${i}`).digest());

test("convinces the Go project's own note and tlog packages, which make the same proofs out of our tiles", {
  skip,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-go-"));
  try {
    const size = 66_000n;
    const writer = new TileWriter();
    const files = new Map<string, Uint8Array>();
    const oldRoots = new Map<bigint, Uint8Array>();
    while (writer.size < size) {
      writer.append(entryAt(writer.size));
      if (![1n, 2n, 255n, 256n, 257n, 65_536n, 65_999n, size].includes(writer.size)) continue;
      const cut = writer.cut();
      oldRoots.set(cut.size, cut.root);
      for (const { tile, bytes } of [...cut.full, ...cut.partials]) files.set(tilePath(tile), bytes);
    }
    const root = oldRoots.get(size)!;
    const read = tileNodeReader(async (tile) => files.get(tilePath(tile)), size);
    const cases: string[] = [];
    for (const index of [0n, 1n, 254n, 255n, 256n, 40_000n, 65_535n, 65_536n, size - 1n]) {
      const path = (await proveInclusion(read, index, size)).map(encodeBase64);
      cases.push(`record ${index} ${Buffer.from(entryAt(index)).toString("hex")} ${path.join(",")}`);
    }
    for (const [old, oldRoot] of oldRoots) {
      const path = (await proveConsistency(read, old, size)).map(encodeBase64);
      cases.push(`tree ${old} ${encodeBase64(oldRoot)} ${path.join(",")}`);
    }
    const text = formatCheckpoint({ origin: key.name, size, root, extensions: [] });
    const signature = await signNote(text, key, { sign: async (message) => ed25519.sign(message, secret) });
    const unknown = { name: "grease.example", keyId: "00000000", signature: new Uint8Array(72) };
    files.set("checkpoint", formatNote({ text, signatures: [unknown, signature] }));
    files.set("vkey", new TextEncoder().encode(formatVkey(key)));
    files.set("cases", new TextEncoder().encode(cases.join("\n")));
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    const program = resolve(import.meta.dirname, "../test/third-party.go");
    const env = { ...process.env, GO111MODULE: "off", GOPATH: gopath, GOFLAGS: "", GOTOOLCHAIN: "local" };
    const run = spawnSync("go", ["run", program, folder], { encoding: "utf8", env });
    assert.equal(run.stderr, "");
    assert.equal(run.stdout, `${cases.length} cases hold for log.example of size 66000\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
