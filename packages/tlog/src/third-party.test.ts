import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { skipUnless } from "../../../test/shared.ts";
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
const skip = skipUnless("go", hasGo && existsSync(join(gopath, "src/golang.org/x/mod/sumdb/tlog/tlog.go")));

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
    const program = join(folder, "third-party.go");
    writeFileSync(program, PROGRAM);
    const env = { ...process.env, GO111MODULE: "off", GOPATH: gopath, GOFLAGS: "", GOTOOLCHAIN: "local" };
    const run = spawnSync("go", ["run", program, folder], { encoding: "utf8", env });
    assert.equal(run.stderr, "");
    assert.equal(run.stdout, `${cases.length} cases hold for log.example of size 66000\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The other side's few lines: they only call golang.org/x/mod/sumdb/note and tlog on what stands in the folder. */
const PROGRAM = `// Checks a log and a proof of ours with the Go project's own sumdb packages and nothing of ours.
// It reads FOLDER: the log as tlog-tiles, \`checkpoint\`, \`vkey\`, and one case per line in \`cases\`:
//
//	record INDEX ENTRY-HEX PATH,...    an inclusion proof
//	tree OLD-SIZE OLD-ROOT PATH,...    a consistency proof
//
// Every case must hold here, and the proof that these packages make out of our tiles must be the same.
package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder string

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles finds tile/8/L/N at tile/L/N: tlog-tiles leaves the height out of the path.
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := f.read(t)
		if err != nil && t.W < 256 {
			full := t
			full.W = 256
			if data, err = f.read(full); err == nil {
				data = data[:32*t.W]
			}
		}
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) read(t tlog.Tile) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(f), strings.Replace(t.Path(), "tile/8/", "tile/", 1)))
}

func hash(text string) (h tlog.Hash) {
	bytes, err := base64.StdEncoding.DecodeString(text)
	check(err)
	copy(h[:], bytes)
	return h
}

func path(text string) (hashes []tlog.Hash) {
	for _, word := range strings.Split(text, ",") {
		if word != "" {
			hashes = append(hashes, hash(word))
		}
	}
	return hashes
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	check(err)
	return n
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func same(ours, theirs []tlog.Hash) {
	if fmt.Sprint(ours) != fmt.Sprint(theirs) {
		log.Fatalf("ours %v, theirs %v", ours, theirs)
	}
}

func main() {
	dir := folder(os.Args[1])
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(string(dir), name))
		check(err)
		return data
	}
	verifier, err := note.NewVerifier(string(read("vkey")))
	check(err)
	opened, err := note.Open(read("checkpoint"), note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\\n")
	tree := tlog.Tree{N: number(lines[1]), Hash: hash(lines[2])}
	reader := tlog.TileHashReader(tree, dir)
	count := 0
	for _, line := range strings.Split(string(read("cases")), "\\n") {
		words := strings.SplitN(line, " ", 4)
		n := number(words[1])
		switch words[0] {
		case "record":
			entry, err := hex.DecodeString(words[2])
			check(err)
			check(tlog.CheckRecord(path(words[3]), tree.N, tree.Hash, n, tlog.RecordHash(entry)))
			if tlog.CheckRecord(path(words[3]), tree.N, tree.Hash, n, tlog.RecordHash(append(entry, 0))) == nil {
				log.Fatal("a wrong entry passed")
			}
			theirs, err := tlog.ProveRecord(tree.N, n, reader)
			check(err)
			same(path(words[3]), theirs)
		case "tree":
			check(tlog.CheckTree(path(words[3]), tree.N, tree.Hash, n, hash(words[2])))
			theirs, err := tlog.ProveTree(tree.N, n, reader)
			check(err)
			same(path(words[3]), theirs)
		}
		count++
	}
	fmt.Printf("%d cases hold for %s of size %d\\n", count, lines[0], tree.N)
}
`;
