import { strict as assert } from "node:assert";
import { hash as nativeHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { hex } from "./bytes.ts";
import { append, EMPTY_EDGE, edgeOf, edgeRoot } from "./edge.ts";
import { formatBundle, parseBundle } from "./entry-bundle.ts";
import { fsck } from "./fsck.ts";
import { leafHash, treeHead } from "./merkle.ts";
import { proveConsistency, proveInclusion, treeRoot } from "./proof.ts";
import { TlogProblem } from "./refusal.ts";
import { verifyConsistency, verifyInclusion } from "./subtree.ts";
import { parseTilePath, partialTiles, type Tile, tileAt, tileCount, tilePath, tileWidth } from "./tile.ts";
import { latin1HashInto, type TileBytes, TileHasher } from "./tile-hasher.ts";
import { tileNodeReader } from "./tile-reader.ts";
import { TileWriter } from "./tile-writer.ts";
import { parseVkey } from "./vkey.ts";

const folder = vectors("tlog/tlog-tiles-log/log");
const LOG_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
const refused = (code: string) => (error: unknown) => error instanceof TlogProblem && error.code === code;

test("finds nothing wrong with the published log, at each of its 16 checkpoints", {
  skip: skipUnless("shared", folder),
}, async () => {
  const keys = [unwrap(parseVkey(LOG_KEY))];
  for (const name of readdirSync(folder!).filter((file) => file.startsWith("checkpoint"))) {
    const read = async (path: string) => {
      try {
        return new Uint8Array(readFileSync(join(folder!, path === "checkpoint" ? name : path)));
      } catch {
        return undefined;
      }
    };
    const report = await fsck(read, { keys });
    assert.deepEqual(report.findings, [], name);
    assert.equal(report.signature, "verified");
    assert.equal(report.entries, report.checkpoint?.size);
  }
});

test("writes the published log byte for byte from its entries", { skip: skipUnless("shared", folder) }, () => {
  const entries = parseBundle(new Uint8Array(readFileSync(join(folder!, "tile/entries/000.p/15"))));
  assert.deepEqual(entries.map((entry) => new TextDecoder().decode(entry)).slice(0, 3), ["one", "two", "three"]);
  const writer = new TileWriter();
  for (const entry of entries) {
    writer.append(entry);
    const cut = writer.cut();
    assert.equal(cut.partials.length, 2);
    for (const { tile, bytes } of cut.partials)
      assert.deepEqual(Buffer.from(bytes), readFileSync(join(folder!, tilePath(tile))), tilePath(tile));
  }
});

/** The 8 inputs that RFC 6962's implementations share, and the heads of their trees. */
const classic = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const heads = [
  "e3b0c442",
  "6e340b9c",
  "fac54203",
  "aeb6bcfe",
  "d37ee418",
  "4e3bbb1f",
  "76e67dad",
  "ddb89be4",
  "5dc9da79",
];

test("gives the well-known tree heads of the eight classic inputs", () => {
  const hashes = classic.map((text) => leafHash(new Uint8Array(Buffer.from(text, "hex"))));
  let edge = EMPTY_EDGE;
  for (let n = 0; n <= 8; n++) {
    assert.equal(hex(treeHead(hashes.slice(0, n))).slice(0, 8), heads[n]);
    assert.equal(hex(edgeRoot(edge)).slice(0, 8), heads[n]);
    if (n < 8) edge = append(edge, hashes[n]!);
  }
});

test("writes paths as the specification does, and reads them back", () => {
  const named: [Tile, string][] = [
    [{ level: 0, index: 0n, width: 256 }, "tile/0/000"],
    [{ level: 0, index: 273n, width: 112 }, "tile/0/273.p/112"],
    [{ level: 63, index: 1234067n, width: 256 }, "tile/63/x001/x234/067"],
    [{ level: "entries", index: 1000n, width: 1 }, "tile/entries/x001/000.p/1"],
  ];
  for (const [tile, path] of named) {
    assert.equal(tilePath(tile), path);
    assert.deepEqual(parseTilePath(path), tile);
  }
});

test("reads back every path it writes", () => {
  const level = fc.oneof(fc.constant("entries" as const), fc.nat(63));
  fc.assert(
    fc.property(
      level,
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      fc.integer({ min: 1, max: 256 }),
      (l, index, width) => {
        const tile: Tile = { level: l, index, width };
        assert.deepEqual(parseTilePath(tilePath(tile)), tile);
      },
    ),
  );
});

test("refuses every other spelling of a tile path", () => {
  const bad = ["", "tile/0/0", "tile/00/000", "tile/64/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01"];
  bad.push(
    "tile/0/x000/001",
    "tile/0/001/x002",
    "tile/0/x1/000",
    "/tile/0/000",
    "tile/0/000/",
    "tile/0/../000",
    "tile/0/000\n",
  );
  bad.push("tile/Entries/000", "tile/-1/000", `tile/0/${"x999/".repeat(7)}999`, "tile/0/000.p/");
  for (const path of bad) assert.throws(() => parseTilePath(path), refused("tlog/tile"), path);
});

test("knows the tiles of a tree of 70,000 entries", () => {
  assert.deepEqual(partialTiles(70_000n), [
    { level: 0, index: 273n, width: 112 },
    { level: 1, index: 1n, width: 17 },
    { level: 2, index: 0n, width: 1 },
  ]);
  assert.equal(tileCount(0, 70_000n), 274n);
  assert.equal(tileCount("entries", 70_000n), 274n);
  assert.equal(tileWidth(0, 272n, 70_000n), 256);
  assert.equal(tileAt(0, 274n, 70_000n), undefined);
  assert.deepEqual(partialTiles(256n), [{ level: 1, index: 0n, width: 1 }]);
  assert.deepEqual(partialTiles(0n), []);
  assert.deepEqual(partialTiles(2n ** 32n + 2n ** 8n), [
    { level: 1, index: 2n ** 16n, width: 1 },
    { level: 4, index: 0n, width: 1 },
  ]);
});

test("reads back every bundle it writes, and knows the published bytes", () => {
  const entries = classic.slice(0, 4).map((text) => new Uint8Array(Buffer.from(text, "hex")));
  assert.equal(hex(formatBundle(entries)), "000000010000011000022021");
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 }), (some) => {
      assert.deepEqual(
        parseBundle(formatBundle(some)).map((one) => [...one]),
        some.map((one) => [...one]),
      );
    }),
  );
});

test("takes 256 entries of 65,535 bytes in a bundle, and refuses 257, 65,536, none, and a cut one", () => {
  const most = Array.from({ length: 256 }, () => new Uint8Array());
  assert.equal(parseBundle(formatBundle(most)).length, 256);
  assert.equal(parseBundle(formatBundle([new Uint8Array(65_535)]))[0]?.length, 65_535);
  assert.throws(() => formatBundle([...most, new Uint8Array()]), refused("tlog/bundle"));
  assert.throws(() => formatBundle([new Uint8Array(65_536)]), refused("tlog/bundle"));
  assert.throws(() => formatBundle([]), refused("tlog/bundle"));
  for (const bytes of [[], [0], [0, 1], [0, 2, 7], [0, 0, 0]])
    assert.throws(() => parseBundle(Uint8Array.from(bytes)), refused("tlog/bundle"));
  assert.throws(() => parseBundle(new Uint8Array(2 * 257)), refused("tlog/bundle"));
});

const entryAt = (i: number) => Uint8Array.of(i & 0xff, (i >> 8) & 0xff, (i >> 16) & 0xff, 7);
const native = latin1HashInto((input) => nativeHash("sha256", input, "binary"));

/** Writes `cut` to `files` as a log would, never changing a full tile. */
function publish(
  files: Map<string, Uint8Array>,
  cut: { full: readonly TileBytes[]; partials: readonly TileBytes[] },
): void {
  for (const { tile, bytes } of [...cut.full, ...cut.partials]) {
    const path = tilePath(tile);
    assert.deepEqual(files.get(path) ?? bytes, bytes, "a published tile never changes");
    files.set(path, bytes);
  }
}

test("writes the tiles of the definition across 255, 256, 257 and 65,536, with both hash functions", () => {
  const leaves: Uint8Array[] = [];
  const files = new Map<string, Uint8Array>();
  const [fast, plain] = [new TileWriter(undefined, native), new TileWriter()];
  const cuts = new Set([1, 2, 3, 127, 255, 256, 257, 511, 512, 513, 1_000, 65_535, 65_536, 65_537, 65_793]);
  for (let n = 1; n <= 65_793; n++) {
    leaves.push(leafHash(entryAt(n)));
    fast.append(entryAt(n));
    plain.append(entryAt(n));
    if (!cuts.has(n)) continue;
    const [a, b] = [fast.cut(), plain.cut()];
    assert.equal(hex(a.root), hex(treeHead(leaves)), `${n}`);
    assert.deepEqual(a, b);
    publish(files, a);
    const wanted = [
      ...partialTiles(BigInt(n)),
      ...(n % 256 ? [{ level: "entries" as const, index: BigInt(n >> 8), width: n % 256 }] : []),
    ];
    assert.deepEqual(
      a.partials.map(({ tile }) => tile),
      wanted,
    );
  }
  const tile = files.get("tile/1/001.p/1");
  assert.equal(hex(tile!), hex(treeHead(leaves.slice(65_536, 65_792))));
  assert.equal(hex(files.get("tile/2/000.p/1")!), hex(treeHead(leaves.slice(0, 65_536))));
});

test("goes on from any right edge as if it had never stopped", () => {
  fc.assert(
    fc.property(fc.nat(700), fc.nat(700), (first, second) => {
      const [whole, before] = [new TileWriter(), new TileWriter()];
      for (let i = 0; i < first; i++) for (const writer of [whole, before]) writer.append(entryAt(i));
      whole.cut();
      const after = new TileWriter(before.cut());
      for (let i = first; i < first + second; i++) for (const writer of [whole, after]) writer.append(entryAt(i));
      assert.deepEqual(after.cut(), whole.cut());
    }),
    { numRuns: 25 },
  );
});

test("goes on from 2^40 + 3 entries, where numbers of 32 bits end", () => {
  const size = 2n ** 40n + 3n;
  const leaves = new Uint8Array(3 * 32).fill(9);
  const top = new Uint8Array(32).fill(5);
  const partials = [
    { tile: { level: 0, index: 2n ** 32n, width: 3 }, bytes: leaves },
    { tile: { level: 5, index: 0n, width: 1 }, bytes: top },
  ];
  const hasher = new TileHasher({ size, partials });
  const leaf = leafHash(entryAt(1));
  let edge = hasher.edge();
  assert.equal(edge.hashes.length, 3);
  for (let i = 0; i < 260; i++) {
    hasher.appendHash(leaf);
    edge = append(edge, leaf);
  }
  assert.deepEqual(hasher.edge(), edge);
  assert.deepEqual(
    hasher.takeFull().map(({ tile }) => tilePath(tile)),
    ["tile/0/x004/x294/x967/296"],
  );
  assert.deepEqual(
    hasher.partials().map(({ tile }) => tile.width),
    [7, 1, 1],
  );
});

test("refuses to go on without the right partial tiles", () => {
  const writer = new TileWriter();
  for (let i = 0; i < 300; i++) writer.append(entryAt(i));
  const { size, partials } = writer.cut();
  for (let i = 0; i < partials.length; i++)
    assert.throws(() => new TileWriter({ size, partials: partials.toSpliced(i, 1) }), refused("tlog/tile"));
  const cutTile = partials.map((one) => ({ ...one, bytes: one.bytes.subarray(1) }));
  assert.throws(() => new TileWriter({ size, partials: cutTile }), refused("tlog/tile"));
  assert.throws(() => new TileHasher({ size: 2n ** 63n, partials: [] }), refused("tlog/range"));
  assert.throws(() => new TileWriter().append(new Uint8Array(65_536)), refused("tlog/bundle"));
  assert.throws(() => edgeOf(3n, [new Uint8Array(32)]), refused("tlog/range"));
  assert.throws(
    () =>
      append(
        edgeOf(
          2n ** 63n - 1n,
          Array.from({ length: 63 }, () => new Uint8Array(32)),
        ),
        leafHash(entryAt(1)),
      ),
    refused("tlog/range"),
  );
});

/** The files of a log of 1,500 entries, with every partial tile of the sizes on the way. */
function smallLog(): { files: Map<string, Uint8Array>; leaves: Uint8Array[] } {
  const files = new Map<string, Uint8Array>();
  const leaves: Uint8Array[] = [];
  const writer = new TileWriter();
  for (let i = 0; i < 1_500; i++) {
    writer.append(entryAt(i));
    leaves.push(leafHash(entryAt(i)));
    if (i % 100 === 41 || i === 1_499) publish(files, writer.cut());
  }
  return { files, leaves };
}

test("proves inclusion and consistency out of tiles, at every published size", async () => {
  const { files, leaves } = smallLog();
  const source = async (tile: Tile) => files.get(tilePath(tile));
  for (const n of [42, 142, 342, 1_042, 1_500]) {
    const read = tileNodeReader(source, BigInt(n));
    const root = treeHead(leaves.slice(0, n));
    assert.equal(hex(await treeRoot(read, BigInt(n))), hex(root));
    for (const i of [0, 1, 41, n >> 1, n - 1]) {
      const path = await proveInclusion(read, BigInt(i), BigInt(n));
      assert.ok(
        verifyInclusion({ index: BigInt(i), size: BigInt(n), leafHash: leaves[i]!, root }, path),
        `${i} of ${n}`,
      );
    }
    for (const m of [1, 41, 42, n >> 1, n]) {
      const path = await proveConsistency(read, BigInt(m), BigInt(n));
      const claim = { oldSize: BigInt(m), oldRoot: treeHead(leaves.slice(0, m)), newSize: BigInt(n), newRoot: root };
      assert.ok(verifyConsistency(claim, path), `${m} to ${n}`);
    }
  }
});

test("reads the full tile where a partial one was deleted, and says so when both are gone", async () => {
  const { files, leaves } = smallLog();
  assert.ok(files.delete("tile/0/000.p/142"));
  const read = tileNodeReader(async (tile) => files.get(tilePath(tile)), 142n);
  const path = await proveInclusion(read, 141n, 142n);
  assert.ok(
    verifyInclusion({ index: 141n, size: 142n, leafHash: leaves[141]!, root: treeHead(leaves.slice(0, 142)) }, path),
  );
  files.delete("tile/0/000");
  await assert.rejects(proveInclusion(read, 141n, 142n), refused("tlog/tile"));
  const short = tileNodeReader(async () => new Uint8Array(31), 142n);
  await assert.rejects(proveInclusion(short, 141n, 142n), refused("tlog/tile"));
  await assert.rejects(proveInclusion(read, 142n, 142n), refused("tlog/range"));
  await assert.rejects(proveConsistency(read, 0n, 142n), refused("tlog/range"));
  await assert.rejects(read([{ height: 0, index: 142n }]), refused("tlog/range"));
});
