/** XLSX archives for tests, well-formed or hostile: parts are given as text, and an entry may lie about itself. */
import { crc32, deflateRawSync } from "node:zlib";

export interface Part {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** What the directory claims instead of the truth. */
  readonly claims?: { readonly sizeBytes?: number; readonly crc32?: number; readonly flags?: number };
}

/** A deflated ZIP archive of `parts`. */
export function zipOf(parts: readonly Part[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, claims = {} } of parts) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(claims.flags ?? 0, 2);
    head.writeUInt16LE(8, 4);
    head.writeUInt32LE(claims.crc32 ?? crc32(bytes), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(claims.sizeBytes ?? bytes.length, 18);
    head.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), head, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), head, tail, Buffer.from(name)]));
    files.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", 0, "latin1");
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, central, end]);
}

const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

export interface SheetSpec {
  readonly name: string;
  /** The inside of sheetData. */
  readonly rows: string;
  readonly state?: string;
}

/** The parts of a workbook; `more` adds or replaces parts by name. */
export function workbookParts(
  sheets: readonly SheetSpec[],
  {
    strings,
    styles,
    uses1904 = false,
    more = [],
  }: { strings?: string; styles?: string; uses1904?: boolean; more?: readonly Part[] } = {},
): Part[] {
  const relationship = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;
  const relationships = (inside: string) =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${inside}</Relationships>`;
  const parts: Part[] = [
    { name: "[Content_Types].xml", content: "<Types/>" },
    { name: "_rels/.rels", content: relationships(relationship("r1", "officeDocument", "xl/workbook.xml")) },
    {
      name: "xl/workbook.xml",
      content: `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><workbookPr date1904="${uses1904 ? 1 : 0}"/><sheets>${sheets
        .map(
          (sheet, i) =>
            `<sheet name="${sheet.name}" sheetId="${i + 1}" r:id="s${i + 1}" ${sheet.state ? `state="${sheet.state}"` : ""}/>`,
        )
        .join("")}</sheets></workbook>`,
    },
    {
      name: "xl/_rels/workbook.xml.rels",
      content: relationships(
        sheets.map((_, i) => relationship(`s${i + 1}`, "worksheet", `worksheets/sheet${i + 1}.xml`)).join("") +
          (strings === undefined ? "" : relationship("strings", "sharedStrings", "/xl/sharedStrings.xml")) +
          (styles === undefined ? "" : relationship("styles", "styles", "styles.xml")) +
          `<Relationship Id="x" Type="${OFFICE}/externalLink" Target="http://127.0.0.1:9/x" TargetMode="External"/>`,
      ),
    },
    ...sheets.map((sheet, i) => ({
      name: `xl/worksheets/sheet${i + 1}.xml`,
      content: `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="${MAIN}"><sheetData>${sheet.rows}</sheetData></worksheet>`,
    })),
    ...(strings === undefined
      ? []
      : [{ name: "xl/sharedStrings.xml", content: `<sst xmlns="${MAIN}">${strings}</sst>` }]),
    ...(styles === undefined
      ? []
      : [{ name: "xl/styles.xml", content: `<styleSheet xmlns="${MAIN}">${styles}</styleSheet>` }]),
  ];
  const replaced = new Set(more.map((part) => part.name));
  return [...parts.filter((part) => !replaced.has(part.name)), ...more];
}

/** A row of inline texts. */
export function rowOf(number: number, cells: readonly string[]): string {
  const escaped = (text: string) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<row r="${number}">${cells.map((text) => `<c t="inlineStr"><is><t>${escaped(text)}</t></is></c>`).join("")}</row>`;
}
