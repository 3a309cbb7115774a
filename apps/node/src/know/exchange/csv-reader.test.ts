import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { exchange } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { csvSheet, detectDelimiter, RECORD_CHARACTERS_MAX } from "./csv-reader.ts";
import type { ByteSource, SheetRow } from "./sheet-row.ts";

/** Hands `bytes` out in pieces of `size`. */
function sourceOf(bytes: Uint8Array, size = 7): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: async function* (start, end) {
      for (let at = start; at < end; at += size) yield bytes.subarray(at, Math.min(at + size, end));
    },
  };
}

async function read(content: string | Uint8Array, size?: number): Promise<SheetRow[]> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const rows: SheetRow[] = [];
  const sample = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, 65_536));
  for await (const batch of csvSheet(sourceOf(bytes, size), sample).rows()) rows.push(...batch);
  return rows;
}

const codeOf = async (work: Promise<unknown>) => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Problem) return `${error.code} ${String(error.detail["row"] ?? "")}`.trim();
    throw error;
  }
  return "none";
};

test("reads quotes, quoted line ends, every line end and a byte order mark (RFC 4180 2)", async () => {
  const rows = await read('\ufeffname,note\r\n"a ""b""","c,\r\nd"\ne,f\rg,h');
  assert.deepEqual(rows, [
    { row: 1, cells: ["name", "note"] },
    { row: 2, cells: ['a "b"', "c,\r\nd"] },
    { row: 3, cells: ["e", "f"] },
    { row: 4, cells: ["g", "h"] },
  ]);
});

test("counts blank lines as rows and leaves them out", async () => {
  assert.deepEqual(
    (await read("a,b\n\n , \nc,d\n")).map(({ row }) => row),
    [1, 4],
  );
});

test("finds the delimiter that the lines agree on, outside quotes", () => {
  assert.equal(detectDelimiter('name;note\n"a,b,c";"d,e"\nx;y\n'), ";");
  assert.equal(detectDelimiter("name\tnote\na, b\tc\n"), "\t");
  assert.equal(detectDelimiter("name,latitude\na,1.5\n"), ",");
  assert.equal(detectDelimiter("name\na\n"), ",");
  assert.equal(detectDelimiter("sep=|\na|b\n"), "|");
});

test("leaves a first line `sep=;` out and keeps counting", async () => {
  assert.deepEqual(await read("sep=;\r\na;b\r\n"), [{ row: 2, cells: ["a", "b"] }]);
});

test("names the row that is not UTF-8, however the bytes arrive", async () => {
  const bytes = Buffer.from("name\nM\u00fcnchen\nK\u00f6ln\n", "utf8");
  const latin = Buffer.concat([bytes, Buffer.from("D\u00fcren\n", "latin1")]);
  for (const size of [1, 2, 3, 5, 100]) {
    assert.equal((await read(bytes, size)).length, 3);
    assert.equal(await codeOf(read(latin, size)), "exchange/invalid-encoding 4");
    assert.equal(await codeOf(read(latin.subarray(0, -1), size)), "exchange/invalid-encoding 4");
  }
});

test("names the row of a quote that never closes or stands inside a cell", async () => {
  assert.equal(await codeOf(read('a,b\nc,"d\n')), "exchange/malformed-csv 2");
  assert.equal(await codeOf(read('a,b\nc,d"e\n')), "exchange/malformed-csv 2");
  assert.equal(await codeOf(read('a,b\nc,"d"e\n')), "exchange/malformed-csv 2");
});

test("takes a cell at the limit and refuses one longer, as it does columns and records", async () => {
  const { CELL_CHARACTERS_MAX, COLUMNS_MAX } = exchange;
  assert.equal((await read(`${"x".repeat(CELL_CHARACTERS_MAX)},b\n`, 9_999)).length, 1);
  assert.equal(await codeOf(read(`a\n${"x".repeat(CELL_CHARACTERS_MAX + 1)}\n`, 9_999)), "exchange/limit-exceeded 2");
  assert.equal((await read(`${"x,".repeat(COLUMNS_MAX - 1)}x\n`)).length, 1);
  assert.equal(await codeOf(read(`${"x,".repeat(COLUMNS_MAX)}x\n`)), "exchange/limit-exceeded 1");
  assert.equal(
    await codeOf(read(`"${"x\n".repeat(RECORD_CHARACTERS_MAX / 2 + 1)}"\n`, 65_536)),
    "exchange/limit-exceeded 1",
  );
  assert.equal(await codeOf(read(new Uint8Array(3_000_000).fill(120), 65_536)), "exchange/limit-exceeded");
});

test("reads back what csvLine wrote, in any pieces", async () => {
  const cell = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\u0000") && !text.startsWith("\ufeff"));
  const table = fc.array(fc.tuple(fc.constant("k"), cell, cell), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 40 }), async (rows, size) => {
      const text = `${exchange.BYTE_ORDER_MARK}a,b,c\r\n${rows.map(exchange.csvLine).join("")}`;
      assert.deepEqual(
        (await read(text, size)).slice(1).map(({ cells }) => cells),
        rows,
      );
    }),
    { numRuns: 60 },
  );
});

test("does not hold the file in memory", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const line = new TextEncoder().encode(`${"some name,plant,DE,".repeat(10)}\n`);
  const piece = Buffer.concat(Array.from({ length: 5_000 }, () => line));
  const source: ByteSource = {
    sizeBytes: piece.length * 40,
    read: async function* () {
      for (let i = 0; i < 40; i++) yield piece;
    },
  };
  let rows = 0;
  const heaps: number[] = [];
  for await (const batch of csvSheet(source, "a,b\n").rows()) {
    rows += batch.length;
    if (rows % 50_000 !== 0) continue;
    collect();
    heaps.push(process.memoryUsage().heapUsed);
  }
  assert.equal(rows, 200_000);
  assert.ok(Math.max(...heaps) - heaps[0]! < 8_000_000, heaps.join(" ")); // four samples were taken
});
