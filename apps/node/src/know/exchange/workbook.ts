/**
 * An XLSX workbook: which sheets it has and how they are read. ISO/IEC 29500-1 (SpreadsheetML), transitional and strict.
 * Formulas give their stored results and are never calculated; nothing outside the file is ever followed. Refuses other
 * office documents, binary workbooks, and everything that zip-archive.ts and xml-stream.ts refuse.
 */
import { exchange } from "@holdfast/api";
import { builtInStyle, type NumberStyle, styleOfCode } from "./cell-text.ts";
import { NO_SHARED_STRINGS, readSharedStrings } from "./shared-strings.ts";
import { type CellContext, readSheetRows } from "./sheet-reader.ts";
import { type ByteSource, limitExceeded, refusal, type Sheet } from "./sheet-row.ts";
import { readWholeXml } from "./xml-stream.ts";
import { openZip, type ZipArchive } from "./zip-archive.ts";

export interface Workbook {
  /** Those that people see; hidden ones are left out. */
  readonly sheets: readonly Sheet[];
  close(): void;
}

/** @throws Problem with a code of this slice when it is no workbook that can be read */
export async function openWorkbook(source: ByteSource): Promise<Workbook> {
  const zip = await openZip(source);
  try {
    const main = await mainPart(zip);
    const targets = await relationships(zip, relationshipsOf(main));
    const { listed, uses1904 } = await readSheetList(zip, main);
    const strings = targets.byType.get("sharedStrings");
    const styles = targets.byType.get("styles");
    const context: CellContext = {
      strings: strings && zip.has(strings) ? await readSharedStrings(zip.read(strings), strings) : NO_SHARED_STRINGS,
      styles: styles && zip.has(styles) ? await readStyles(zip, styles) : [],
      uses1904,
    };
    const sheets = listed.flatMap(({ name, relationship }): Sheet[] => {
      const part = targets.byId.get(relationship);
      if (part?.type !== "worksheet") return []; // a chart has a sheet of its own and no rows
      const rows: Sheet["rows"] = (onFraction) =>
        readSheetRows({ chunks: counted(zip, part.target, onFraction), place: part.target, context });
      return [{ name, rows }];
    });
    return { sheets, close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function* counted(
  zip: ZipArchive,
  name: string,
  onFraction: ((fraction: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  const whole = Math.max(1, zip.sizeBytesOf(name));
  let sizeBytes = 0;
  for await (const chunk of zip.read(name)) {
    yield chunk;
    sizeBytes += chunk.length;
    onFraction?.(sizeBytes / whole);
  }
}

/** The part that the package calls its document. */
async function mainPart(zip: ZipArchive): Promise<string> {
  if (!zip.has("_rels/.rels")) {
    const what = zip.has("META-INF/manifest.xml") && zip.has("content.xml") ? "an OpenDocument file" : "an archive";
    throw refusal("exchange/not-a-table", `the file is ${what}, not an XLSX workbook: save the table as XLSX or CSV`);
  }
  const { byType } = await relationships(zip, "_rels/.rels");
  const main = byType.get("officeDocument");
  if (main?.endsWith(".bin"))
    throw refusal("exchange/old-or-encrypted-workbook", "the file is a binary workbook (.xlsb): save it as .xlsx");
  if (!main || !zip.has(main) || !/(^|\/)xl\//.test(main))
    throw refusal(
      "exchange/not-a-table",
      "the file is an office document without sheets: save the table as XLSX or CSV",
    );
  return main;
}

/** "xl/workbook.xml" has its relationships in "xl/_rels/workbook.xml.rels": 29500-2 9.3. */
function relationshipsOf(part: string): string {
  const at = part.lastIndexOf("/") + 1;
  return `${part.slice(0, at)}_rels/${part.slice(at)}.rels`;
}

interface Relationships {
  readonly byId: ReadonlyMap<string, { readonly type: string; readonly target: string }>;
  readonly byType: ReadonlyMap<string, string>;
}

const RELATIONSHIPS_MAX = 5_000; // a workbook of 64 sheets has about 70

async function relationships(zip: ZipArchive, name: string): Promise<Relationships> {
  const folder = name.replace(/_rels\/[^/]*$/, "");
  const byId = new Map<string, { type: string; target: string }>();
  const byType = new Map<string, string>();
  await readWholeXml(zip.read(name), name, {
    begin: (tag, { Id = "", Type = "", Target = "", TargetMode }) => {
      if (tag !== "Relationship" || TargetMode === "External") return;
      if (byId.size === RELATIONSHIPS_MAX) throw limitExceeded(`\`${name}\` has too many entries`, { place: name });
      const type = Type.slice(Type.lastIndexOf("/") + 1);
      const target = Target.startsWith("/") ? Target.slice(1) : resolvePath(folder + Target);
      byId.set(Id, { type, target });
      byType.set(type, target);
    },
  });
  return { byId, byType };
}

function resolvePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

async function readSheetList(
  zip: ZipArchive,
  main: string,
): Promise<{ listed: { name: string; relationship: string }[]; uses1904: boolean }> {
  const listed: { name: string; relationship: string }[] = [];
  let uses1904 = false;
  await readWholeXml(zip.read(main), main, {
    begin: (tag, attributes) => {
      if (tag === "workbookPr") uses1904 = ["1", "true"].includes(attributes["date1904"] ?? "");
      if (tag !== "sheet" || (attributes["state"] ?? "visible") !== "visible") return;
      if (listed.length === exchange.SHEETS_MAX)
        throw limitExceeded(`the workbook has more than \`${exchange.SHEETS_MAX}\` sheets`, {});
      listed.push({ name: (attributes["name"] ?? "").slice(0, 200), relationship: attributes["id"] ?? "" });
    },
  });
  return { listed, uses1904 };
}

const STYLES_MAX = 65_536; // cell formats of one workbook; Excel itself ends at 65,490

/** What kind of number each cell format shows: 18.8.10 cellXfs, 18.8.30 numFmt. */
async function readStyles(zip: ZipArchive, name: string): Promise<NumberStyle[]> {
  const custom = new Map<number, NumberStyle>();
  const styles: NumberStyle[] = [];
  let isCellFormats = false;
  await readWholeXml(zip.read(name), name, {
    begin: (tag, attributes) => {
      const formatId = Number(attributes["numFmtId"] ?? 0);
      if (tag === "cellXfs") isCellFormats = true;
      else if (tag === "numFmt") custom.set(formatId, styleOfCode(attributes["formatCode"] ?? ""));
      else if (tag === "xf" && isCellFormats) styles.push(custom.get(formatId) ?? builtInStyle(formatId));
      if (styles.length > STYLES_MAX || custom.size > STYLES_MAX)
        throw limitExceeded(`\`${name}\` has more than \`${STYLES_MAX}\` formats`, { place: name });
    },
    end: (tag) => {
      if (tag === "cellXfs") isCellFormats = false;
    },
  });
  return styles;
}
