import { strict as assert } from "node:assert";
import { test } from "node:test";
import { exchange } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { type Part, rowOf, workbookParts, zipOf } from "../../../../../test/workbook.ts";
import { SHARED_STRING_BYTES_MAX } from "./shared-strings.ts";
import type { ByteSource, SheetRow } from "./sheet-row.ts";
import { openTableFile } from "./table-file.ts";
import { XML_DEPTH_MAX, XML_PIECE_BYTES_MAX } from "./xml-stream.ts";
import { ENTRIES_MAX, RATIO_FREE_BYTES, UNPACKED_BYTES_MAX } from "./zip-archive.ts";

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: async function* (start, end) {
      for (let at = start; at < end; at += 10_000) yield bytes.subarray(at, Math.min(at + 10_000, end));
    },
  };
}

async function read(bytes: Uint8Array): Promise<Record<string, SheetRow[]>> {
  const file = await openTableFile(sourceOf(bytes));
  const sheets: Record<string, SheetRow[]> = {};
  for (const sheet of file.sheets) {
    sheets[sheet.name] = [];
    for await (const batch of sheet.rows()) sheets[sheet.name]?.push(...batch);
  }
  file.close();
  return sheets;
}

const cellsOf = async (bytes: Uint8Array) => Object.values(await read(bytes))[0]?.map(({ cells }) => cells);

async function codeOf(bytes: Uint8Array): Promise<string> {
  try {
    await read(bytes);
    return "none";
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

const one = (rows: string, options?: Parameters<typeof workbookParts>[1]) =>
  zipOf(workbookParts([{ name: "Sheet1", rows }], options));

test("reads shared, inline, formula and rich texts, numbers and booleans (ISO/IEC 29500-1 18.3.1.4)", async () => {
  const strings = `<si><t>first</t></si><si><r><t>ri</t></r><r><rPr><b/></rPr><t>ch</t></r><rPh sb="0" eb="1"><t>kana</t></rPh></si>`;
  const rows = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t xml:space="preserve"> in </t></is></c></row>
    <row r="3"><c r="A3" t="str"><f>CONCAT("a","b")</f><v>ab</v></c><c r="C3"><f>1+1</f><v>2</v></c><c r="D3" t="b"><v>1</v></c><c r="E3" t="d"><v>2024-05-06</v></c></row>`;
  assert.deepEqual(await read(one(rows, { strings })), {
    Sheet1: [
      { row: 1, cells: ["first", "rich", " in "] },
      { row: 3, cells: ["ab", "", "2", "true", "2024-05-06"] },
    ],
  });
});

test("follows rows and cells that leave their places out, and namespaces with a prefix", async () => {
  const content = `<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row><x:row><x:c><x:v>3</x:v></x:c></x:row></x:sheetData></x:worksheet>`;
  const more = [{ name: "xl/worksheets/sheet1.xml", content }];
  assert.deepEqual((await read(one("", { more })))["Sheet1"], [
    { row: 1, cells: ["1", "2"] },
    { row: 2, cells: ["3"] },
  ]);
});

test("gives numbers at the 15 digits that a spreadsheet keeps, percentages and days by their format (18.8.30)", async () => {
  const styles = `<numFmts><numFmt numFmtId="170" formatCode="yyyy\\-mm\\-dd;@"/><numFmt numFmtId="171" formatCode="[Red]0.0%"/><numFmt numFmtId="172" formatCode="0 &quot;days&quot;"/></numFmts>
    <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="9"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="172"/></cellXfs>`;
  const cell = (style: number, value: string) => `<c s="${style}"><v>${value}</v></c>`;
  const rows = `<row>${cell(0, "0.30000000000000004")}${cell(0, "1E-3")}${cell(0, "1.5E+20")}${cell(0, "-12.50")}${cell(1, "45418")}${cell(2, "0.6")}${cell(3, "45418.75")}${cell(4, "0.125")}${cell(5, "14")}</row>`;
  const expected = [
    "0.3",
    "0.001",
    "150000000000000000000",
    "-12.5",
    "2024-05-06",
    "60%",
    "2024-05-06T18:00:00",
    "12.5%",
    "14",
  ];
  assert.deepEqual(await cellsOf(one(rows, { styles })), [expected]);
  const days = `<row>${cell(1, "1")}${cell(1, "59")}${cell(1, "61")}</row>`;
  assert.deepEqual(await cellsOf(one(days, { styles })), [["1900-01-01", "1900-02-28", "1900-03-01"]]);
  assert.deepEqual(await cellsOf(one(`<row>${cell(1, "0")}</row>`, { styles, uses1904: true })), [["1904-01-01"]]);
});

test("tells a spreadsheet's own failures from values", async () => {
  const rows = `<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1"><v>1</v></c></row><row r="2"><c r="A2"><f>B1</f></c></row>`;
  assert.deepEqual((await read(one(rows)))["Sheet1"], [
    { row: 1, cells: ["", "1"], faults: [{ index: 0, value: "#N/A" }] },
    { row: 2, cells: [], faults: [{ index: 0, value: "a formula without its result" }] },
  ]);
});

test("leaves hidden sheets out, keeps the order, and never follows what is external", async () => {
  const sheets = ["sites", "secret", "items"].map((name) => ({
    name,
    rows: rowOf(1, [name]),
    ...(name === "secret" ? { state: "veryHidden" } : {}),
  }));
  assert.deepEqual(Object.keys(await read(zipOf(workbookParts(sheets)))), ["sites", "items"]);
});

test("reads the template it hands out", async () => {
  const sheets = await read(exchange.workbookTemplateOf());
  assert.deepEqual(Object.keys(sheets), [exchange.GUIDE_SHEET, ...exchange.TABLES]);
  for (const name of exchange.TABLES) {
    const [header, ...remarks] = sheets[name] ?? [];
    assert.deepEqual(
      header?.cells,
      exchange.TABLE_COLUMNS[name].columns.map((column) => column.name),
    );
    assert.ok(remarks.length === 2 && remarks.every(({ cells }) => cells[0]?.startsWith(exchange.REMARK_SIGN)));
  }
});

test("refuses what is no table, each with what it is", async () => {
  const archive = (...parts: Part[]) => zipOf(parts);
  for (const [bytes, code] of [
    [Buffer.alloc(0), "exchange/empty-file"],
    [Buffer.from(" \r\n\t\n"), "exchange/empty-file"],
    [Buffer.from("%PDF-1.7\n..."), "exchange/not-a-table"],
    [Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10]), "exchange/not-a-table"],
    [Buffer.from('{"name": 1}'), "exchange/not-a-table"],
    [Buffer.from('\ufeff[{"name": 1}]'), "exchange/not-a-table"],
    [Buffer.from("<!DOCTYPE html><html>"), "exchange/not-a-table"],
    [Buffer.from("name,kind\nx\u0000,y\n"), "exchange/not-a-table"],
    [Buffer.from("\ufeffname,kind\n", "utf16le"), "exchange/invalid-encoding"],
    [Buffer.from("d0cf11e0a1b11ae1000000", "hex"), "exchange/old-or-encrypted-workbook"],
    [archive({ name: "a.txt", content: "x" }), "exchange/not-a-table"],
    [
      archive({ name: "META-INF/manifest.xml", content: "x" }, { name: "content.xml", content: "x" }),
      "exchange/not-a-table",
    ],
    [
      one("", {
        more: [
          {
            name: "_rels/.rels",
            content: `<Relationships><Relationship Id="a" Type="x/officeDocument" Target="word/document.xml"/></Relationships>`,
          },
        ],
      }),
      "exchange/not-a-table",
    ],
    [
      one("", {
        more: [
          {
            name: "_rels/.rels",
            content: `<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>`,
          },
        ],
      }),
      "exchange/old-or-encrypted-workbook",
    ],
    [Buffer.from("PK\u0003\u0004 and nothing more"), "exchange/malformed-workbook"],
    [one(rowOf(1, ["a"])).subarray(0, 400), "exchange/malformed-workbook"],
  ] as const)
    assert.equal(await codeOf(bytes), code, bytes.subarray(0, 40).toString("latin1"));
});

test("refuses a workbook whose parts lie: size, checksum, encryption, shared text, XML, order", async () => {
  const rows = rowOf(1, ["a"]);
  const sheet = (claims: NonNullable<Part["claims"]>) =>
    zipOf(
      workbookParts([{ name: "S", rows }]).map((part) => (part.name.includes("sheet1") ? { ...part, claims } : part)),
    );
  assert.equal(await codeOf(sheet({})), "none");
  assert.equal(await codeOf(sheet({ sizeBytes: 10 })), "exchange/malformed-workbook");
  assert.equal(await codeOf(sheet({ sizeBytes: 10_000 })), "exchange/malformed-workbook");
  assert.equal(await codeOf(sheet({ crc32: 1 })), "exchange/malformed-workbook");
  assert.equal(await codeOf(sheet({ flags: 1 })), "exchange/old-or-encrypted-workbook");
  for (const bad of [
    `<row><c t="s"><v>0</v></c></row>`,
    `<row><c t="s"><v>x</v></c></row>`,
    `<row r="2"/><row r="2"/>`,
    `<row r="x"/>`,
    `<row><c r="1A"><v>1</v></c></row>`,
    `<row><c><v>1</v></row>`,
    `<row><c><v>&bomb;</v></c></row>`,
  ])
    assert.equal(await codeOf(one(bad)), "exchange/malformed-workbook", bad);
  const doctype = `<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet><sheetData/></worksheet>`;
  assert.equal(
    await codeOf(one("", { more: [{ name: "xl/worksheets/sheet1.xml", content: doctype }] })),
    "exchange/malformed-workbook",
  );
});

test("refuses bombs before they go off: ratio, total, count, texts, depth, one endless text", async () => {
  const more = (part: Part) => one(rowOf(1, ["a"]), { more: [part] });
  const zeros = (sizeBytes: number) => Buffer.alloc(sizeBytes, 32);
  assert.equal(await codeOf(more({ name: "xl/media/a.bin", content: zeros(RATIO_FREE_BYTES) })), "none");
  assert.equal(
    await codeOf(more({ name: "xl/media/a.bin", content: zeros(RATIO_FREE_BYTES + 1) })),
    "exchange/archive-bomb",
  );
  assert.equal(
    await codeOf(more({ name: "a", content: "x", claims: { sizeBytes: UNPACKED_BYTES_MAX + 1 } })),
    "exchange/archive-bomb",
  );
  const parts = workbookParts([{ name: "S", rows: "" }]);
  const filler = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `f${i}`, content: "" }));
  assert.equal(await codeOf(zipOf([...parts, ...filler(ENTRIES_MAX - parts.length)])), "none");
  assert.equal(await codeOf(zipOf([...parts, ...filler(ENTRIES_MAX - parts.length + 1)])), "exchange/archive-bomb");
  const nested = (depth: number) => `${"<a>".repeat(depth)}${"</a>".repeat(depth)}`;
  assert.equal(await codeOf(one(nested(XML_DEPTH_MAX - 2))), "none");
  assert.equal(await codeOf(one(nested(XML_DEPTH_MAX - 1))), "exchange/limit-exceeded");
  assert.equal(
    await codeOf(one(`<row><c foo="${"x".repeat(XML_PIECE_BYTES_MAX + 70_000)}"><v>1</v></c></row>`)),
    "exchange/limit-exceeded",
  );
});

test("takes a text at the limit and refuses one longer, as it does columns and sheets", async () => {
  const { CELL_CHARACTERS_MAX, COLUMNS_MAX, SHEETS_MAX } = exchange;
  assert.equal(await codeOf(one(rowOf(1, ["x".repeat(CELL_CHARACTERS_MAX)]))), "none");
  assert.equal(await codeOf(one(rowOf(1, ["x".repeat(CELL_CHARACTERS_MAX + 1)]))), "exchange/limit-exceeded");
  assert.equal(
    await codeOf(one("", { strings: `<si><t>${"x".repeat(CELL_CHARACTERS_MAX + 1)}</t></si>` })),
    "exchange/limit-exceeded",
  );
  assert.equal(
    await codeOf(
      one(
        rowOf(
          1,
          Array.from({ length: COLUMNS_MAX }, () => "x"),
        ),
      ),
    ),
    "none",
  );
  assert.equal(
    await codeOf(
      one(
        rowOf(
          1,
          Array.from({ length: COLUMNS_MAX + 1 }, () => "x"),
        ),
      ),
    ),
    "exchange/limit-exceeded",
  );
  assert.equal(
    await codeOf(one(rowOf(1, [...Array.from({ length: COLUMNS_MAX }, () => "x"), " ", ""].slice(0, -2)))),
    "none",
  );
  const sheets = (count: number) =>
    zipOf(workbookParts(Array.from({ length: count }, (_, i) => ({ name: `s${i}`, rows: "" }))));
  assert.equal(await codeOf(sheets(SHEETS_MAX)), "none");
  assert.equal(await codeOf(sheets(SHEETS_MAX + 1)), "exchange/limit-exceeded");
});

test("holds shared texts up to their limit and refuses one byte more", async () => {
  const text = `<si><t>${"x".repeat(32_000)}</t></si>`;
  const count = Math.floor(SHARED_STRING_BYTES_MAX / 32_000);
  const rest = SHARED_STRING_BYTES_MAX - count * 32_000;
  // random digits between the texts keep the archive's ratio within its limit
  const strings = (last: number) => {
    const noise = () => `<!--${Array.from({ length: 60 }, () => Math.random().toString(36).slice(2)).join("")}-->`;
    return `${Array.from({ length: count }, () => text + noise()).join("")}<si><t>${"x".repeat(last)}</t></si>`;
  };
  assert.equal(await codeOf(one(`<row><c t="s"><v>${count}</v></c></row>`, { strings: strings(rest) })), "none");
  assert.equal(await codeOf(one("", { strings: strings(rest + 1) })), "exchange/limit-exceeded");
});

test("answers any damage with a problem and never with a crash", async () => {
  const strings = `<si><t>first</t></si>`;
  const whole = one(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>${rowOf(2, ["a", "b"])}`, {
    strings,
    styles: "<cellXfs/>",
  });
  const damage = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (changes) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      await codeOf(bytes);
    }),
    { numRuns: 300 },
  );
});
