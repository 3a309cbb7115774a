// Checks a log and a proof of ours with the Go project's own sumdb packages and nothing of ours.
// It reads FOLDER: the log as tlog-tiles, `checkpoint`, `vkey`, and one case per line in `cases`:
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
	lines := strings.Split(opened.Text, "\n")
	tree := tlog.Tree{N: number(lines[1]), Hash: hash(lines[2])}
	reader := tlog.TileHashReader(tree, dir)
	count := 0
	for _, line := range strings.Split(string(read("cases")), "\n") {
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
	fmt.Printf("%d cases hold for %s of size %d\n", count, lines[0], tree.N)
}
