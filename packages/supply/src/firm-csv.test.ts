import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import { LinkReader, readEssentiality, readFirms } from "./firm-csv.ts";
import { firmNetwork, LINKS_MAX } from "./firm-network.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const firms = () => readFirms(utf8("firm,sector\nA,1\nB,2\n"));
const network = (links: string, essentiality?: string) => {
  const reader = new LinkReader(firms());
  reader.push(utf8(links));
  return reader.end(essentiality === undefined ? undefined : readEssentiality(utf8(essentiality)));
};
const problem = (work: () => unknown): Problem => {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("nothing was refused");
};
const refuses = (work: () => unknown, code: string, detail: Record<string, unknown>) => {
  const { code: actual, detail: where } = problem(work);
  assert.deepEqual({ code: actual, ...where }, { code, ...detail });
};

test("reads columns in any order and adds up links of the same pair", () => {
  const read = network("value,Buyer,supplier\n1.5,B,A\n0,B,B\n.5,B,A\n");
  assert.deepEqual([...read.bySupplier.value], [2]);
  assert.deepEqual([...read.byBuyer.target], [0]);
  assert.deepEqual([...read.essentiality], [1, 1, 1, 1]);
});

test("reads weights, markets, revenue and costs where the firms file has them", () => {
  const table = readFirms(utf8("firm,sector,market,weight,revenue,costs\nA,1,x,2,9,8\nB,1,y,3,0,0\n"));
  const reader = new LinkReader(table);
  reader.push(utf8("supplier,buyer,value\nA,B,4\nB,A,4\n"));
  const read = reader.end();
  assert.deepEqual([...read.weight], [2, 3]);
  assert.deepEqual([...read.marketOf], [0, 1]);
  assert.deepEqual([...read.revenue], [9, 4]);
  assert.deepEqual([...read.inputShare], [0.5, 1]);
});

test("names file, row and column of every value it refuses", () => {
  const links = (rows: string) => () => network(`supplier,buyer,value\n${rows}`);
  for (const wrong of ["NaN", "-1", "Infinity", "1e999", "0x10", "", "2e18"])
    refuses(links(`A,B,1\nA,B,${wrong}\n`), "supply/number-invalid", { file: "links", row: 3, column: 3 });
  refuses(links("A,C,1\n"), "supply/firm-unknown", { file: "links", row: 2, column: 2 });
  refuses(links("A,,1\n"), "supply/column-missing", { file: "links", row: 2, column: 2 });
  refuses(links("A\n"), "supply/column-missing", { file: "links", row: 2, column: 2 });
  refuses(() => network("supplier,value\n"), "supply/column-missing", { file: "links", row: 1, column: "buyer" });
  refuses(() => readFirms(utf8("firm,sector\nA,1\nA,2\n")), "supply/firm-duplicate", {
    file: "firms",
    row: 3,
    column: 1,
  });
  refuses(() => readFirms(utf8("firm,sector,firm\n")), "supply/column-missing", { file: "firms", row: 1 });
});

test("refuses an empty network", () => {
  refuses(() => readFirms(utf8("firm,sector\n")), "supply/network-empty", { file: "firms" });
  refuses(() => network("supplier,buyer,value\n"), "supply/network-empty", {});
  refuses(() => network("supplier,buyer,value\nA,B,0\n"), "supply/network-empty", {});
  refuses(() => network(""), "supply/column-missing", { file: "links", row: 1, column: "supplier" });
});

test("reads an essentiality matrix with its rows in any order, and refuses codes and sectors it does not know", () => {
  const links = "supplier,buyer,value\nA,B,1\n";
  assert.deepEqual([...network(links, ",1,2\n2,0,1\n1,2,2\n").essentiality], [2, 2, 0, 1]);
  const file = "essentiality";
  refuses(() => network(links, ",1,2\n1,2,3\n"), "supply/essentiality-unknown", { file, row: 2, column: 3 });
  refuses(() => network(links, ",1,2\n1,2,1\n"), "supply/sector-unknown", { file });
  refuses(() => network(links, ",1,2\n9,2,1\n"), "supply/sector-unknown", { file, row: 2, column: 1 });
  refuses(() => network(links, ",1,2\n1,2,1\n1,2,1\n"), "supply/sector-unknown", { file, row: 3, column: 1 });
  refuses(() => network(links, ",1,1\n1,2,1\n"), "supply/sector-unknown", { file, row: 1, column: 2 });
  refuses(() => network(links, ",1,2\n1,2\n"), "supply/column-missing", { file, row: 2, column: 3 });
  assert.equal(problem(() => network(links, ",1\n1,2\n")).code, "supply/sector-unknown");
});

test("takes 5,000,000 links and refuses one more, as a file and as arrays", { timeout: 60_000 }, () => {
  const value = new Float64Array(LINKS_MAX + 1).fill(1);
  const ends = new Int32Array(LINKS_MAX + 1);
  const input = { firms: ["A"], sectorOfFirm: ["1"], supplier: ends, buyer: ends };
  assert.equal(firmNetwork({ ...input, value: value.subarray(1) }).outStrength[0], LINKS_MAX);
  assert.equal(problem(() => firmNetwork({ ...input, value })).code, "supply/limit-exceeded");

  const block = utf8("A,B,1\n".repeat(100_000));
  const reader = new LinkReader(firms());
  reader.push(utf8("supplier,buyer,value\n"));
  for (let count = 0; count < LINKS_MAX; count += 100_000) reader.push(block);
  refuses(() => reader.push(block), "supply/limit-exceeded", { file: "links", row: LINKS_MAX + 2, column: 1 });
});

test("refuses hostile control characters without repeating them", () => {
  const { message } = problem(() => network("supplier,buyer,value\n\u001b[2J,B,1\n"));
  assert.ok(!message.includes("\u001b"));
});
