import { strict as assert } from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { startTestNode } from "../../../../../test/node.ts";
import { skipUnless } from "../../../../../test/shared.ts";
import { temporaryFolder } from "../../../../../test/temporary-folder.ts";

/** Where the distribution's package puts Go sources; a GOPATH elsewhere works as well. */
const gopath = process.env["HOLDFAST_GOPATH"] ?? "/usr/share/gocode";
const hasGo = spawnSync("go", ["version"]).status === 0;
const skip = skipUnless("go", hasGo && existsSync(join(gopath, "src/golang.org/x/mod/sumdb/tlog/tlog.go")));

const folder = temporaryFolder("go");
after(() => folder.remove());

test("the Go project's own note and tlog packages check what a running node serves, and none of our code", {
  skip,
}, async () => {
  const house = await startTestNode({ flags: { ledgerBatchMilliseconds: 20 } });
  const auditor = await house.signedIn("auditor");
  const { ledger, database } = house.node;
  const say = async (count: number) => {
    const inputs = Array.from({ length: count }, (_, i) => ({
      kind: "test/said",
      subject: "urn:lot:1",
      payload: { i },
    }));
    const ids = await database.transaction((tx) => ledger.appendAll(tx, inputs));
    await ledger.published(ids.at(-1) ?? "");
    return ids;
  };
  const early = await say(5);
  const old = await (await fetch(`${house.url}/ledger/checkpoint`)).text();
  const late = await say(600); // full tiles of level 0, and one of level 1
  writeFileSync(join(folder.path, "old-checkpoint"), old);
  const program = join(folder.path, "third-party.go");
  writeFileSync(program, PROGRAM);
  const [key] = ledger.ring.signing("checkpoint", ledger.origin);
  const ids = [early[0], late[0], late[250], late[300], late.at(-1)].map((id) => id ?? "");
  const env = { ...process.env, GO111MODULE: "off", GOPATH: gopath, GOFLAGS: "", GOTOOLCHAIN: "local" };
  const run = spawn(
    "go",
    ["run", program, house.url, key?.vkey ?? "", auditor.cookie, join(folder.path, "old-checkpoint"), ...ids],
    { env },
  );
  const [said, failed] = await Promise.all([text(run.stdout), text(run.stderr)]);
  assert.equal(failed, "");
  assert.match(said, new RegExp(`^5 entries and the growth from \\d+ to \\d+ hold for ${ledger.origin}\n$`));
});

/** The other side's few lines: golang.org/x/mod/sumdb/note and tlog on what the node answers. */
const PROGRAM = `// Checks a running node with the Go project's own sumdb packages and nothing of ours:
//
//	third-party URL VKEY COOKIE OLD-CHECKPOINT-FILE ID...
//
// The checkpoint's note must verify, the tiles must lead to its root, the old checkpoint must be consistent with it, and
// each entry's tlog-proof file must hold and be the proof that these packages make out of the tiles.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type node struct{ url, cookie string }

func (n node) get(path string) ([]byte, error) {
	request, err := http.NewRequest("GET", n.url+path, nil)
	check(err)
	request.Header.Set("Cookie", n.cookie)
	answer, err := http.DefaultClient.Do(request)
	check(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	check(err)
	if answer.StatusCode != 200 {
		return nil, fmt.Errorf("%s answered %d", path, answer.StatusCode)
	}
	return body, nil
}

func (n node) Height() int { return 8 }

func (n node) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles finds tile/8/L/N at tile/L/N: tlog-tiles leaves the height out of the path.
func (n node) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := n.get("/ledger/" + strings.Replace(t.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (n node) bundle(index, size int64) []byte {
	path := fmt.Sprintf("/ledger/tile/entries/%03d", index/256)
	if size/256 == index/256 {
		path += fmt.Sprintf(".p/%d", size%256)
	}
	data, err := n.get(path)
	check(err)
	return data
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	check(err)
	return n
}

func hash(text string) (h tlog.Hash) {
	data, err := base64.StdEncoding.DecodeString(text)
	check(err)
	copy(h[:], data)
	return h
}

func open(signed []byte, verifier note.Verifier) (string, tlog.Tree) {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\\n")
	return lines[0], tlog.Tree{N: number(lines[1]), Hash: hash(lines[2])}
}

func main() {
	server := node{os.Args[1], os.Args[3]}
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	checkpoint, err := server.get("/ledger/checkpoint")
	check(err)
	origin, tree := open(checkpoint, verifier)
	reader := tlog.TileHashReader(tree, server)

	oldNote, err := os.ReadFile(os.Args[4])
	check(err)
	_, old := open(oldNote, verifier)
	growth, err := tlog.ProveTree(tree.N, old.N, reader)
	check(err)
	check(tlog.CheckTree(growth, tree.N, tree.Hash, old.N, old.Hash))

	for _, id := range os.Args[5:] {
		file, err := server.get("/api/prove/ledger/statements/" + id + "/proof")
		check(err)
		head, signed, _ := bytes.Cut(file, []byte("\\n\\n"))
		_, proven := open(signed, verifier)
		lines := strings.Split(string(head), "\\n")
		index := number(strings.TrimPrefix(lines[1], "index "))
		var path []tlog.Hash
		for _, line := range lines[2:] {
			path = append(path, hash(line))
		}
		entry, err := hex.DecodeString(id)
		check(err)
		check(tlog.CheckRecord(path, proven.N, proven.Hash, index, tlog.RecordHash(entry)))
		if tlog.CheckRecord(path, proven.N, proven.Hash, index, tlog.RecordHash(entry[1:])) == nil {
			log.Fatal("a wrong entry passed")
		}
		theirs, err := tlog.ProveRecord(proven.N, index, tlog.TileHashReader(proven, server))
		check(err)
		if fmt.Sprint(path) != fmt.Sprint(theirs) {
			log.Fatalf("ours %v, theirs %v", path, theirs)
		}
		at := index % 256 * 34
		if bundled := server.bundle(index, proven.N)[at : at+34]; !bytes.Equal(bundled, append([]byte{0, 32}, entry...)) {
			log.Fatalf("the bundle has %x", bundled)
		}
	}
	fmt.Printf("%d entries and the growth from %d to %d hold for %s\\n", len(os.Args[5:]), old.N, tree.N, origin)
}
`;
