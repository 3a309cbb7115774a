/**
 * A small XLSX workbook of texts. ISO/IEC 29500-1 (SpreadsheetML 18) and 29500-2 (packages). Every cell is an inline
 * string, so no text can become a formula.
 */
import { storedZip } from "./stored-zip.ts";

export interface WorkbookSheet {
  /** At most 31 characters, none of `[]:*?/\`. */
  readonly name: string;
  /** The first is the header: bold and always in view. */
  readonly rows: readonly (readonly string[])[];
  /** Words that a column offers to choose from, by its index; anything else may still be typed. */
  readonly choices?: ReadonlyMap<number, readonly string[]>;
}

const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const CHOICES_LENGTH_MAX = 255; // of a list written into the sheet, 18.3.1.32
const ROWS_WITH_CHOICES = 10_000;
const WIDTH_MAX = 60;

/** The workbook's bytes; the same sheets give the same bytes. */
export function workbookBytes(sheets: readonly WorkbookSheet[]): Uint8Array {
  const part = (name: string, xml: string) => ({ name, bytes: new TextEncoder().encode(XML + xml) });
  return storedZip([
    part("[Content_Types].xml", contentTypes(sheets.length)),
    part("_rels/.rels", relationships([["officeDocument", "xl/workbook.xml"]])),
    part("xl/workbook.xml", workbook(sheets)),
    part(
      "xl/_rels/workbook.xml.rels",
      relationships([
        ...sheets.map((_, i) => ["worksheet", `worksheets/sheet${i + 1}.xml`] as const),
        ["styles", "styles.xml"],
      ]),
    ),
    part("xl/styles.xml", styles()),
    ...sheets.map((sheet, i) => part(`xl/worksheets/sheet${i + 1}.xml`, worksheet(sheet))),
  ]);
}

/** "A" for 0, "Z" for 25, "AA" for 26. */
export function columnLetters(index: number): string {
  const rest = Math.floor(index / 26);
  return (rest > 0 ? columnLetters(rest - 1) : "") + String.fromCharCode(65 + (index % 26));
}

function contentTypes(sheetCount: number): string {
  const sheets = Array.from({ length: sheetCount }, (_, i) =>
    override(`/xl/worksheets/sheet${i + 1}.xml`, "worksheet"),
  );
  return (
    `<Types xmlns="${PACKAGE}/content-types">` +
    `<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
    `<Default Extension="xml" ContentType="application/xml"/>` +
    `${override("/xl/workbook.xml", "sheet.main")}${override("/xl/styles.xml", "styles")}${sheets.join("")}</Types>`
  );
}

function override(name: string, type: string): string {
  return `<Override PartName="${name}" ContentType="${TYPE}.${type}+xml"/>`;
}

function relationships(targets: readonly (readonly [string, string])[]): string {
  const entries = targets.map(
    ([type, target], i) => `<Relationship Id="rId${i + 1}" Type="${OFFICE}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${PACKAGE}/relationships">${entries.join("")}</Relationships>`;
}

function workbook(sheets: readonly WorkbookSheet[]): string {
  const entries = sheets.map(({ name }, i) => `<sheet name="${escaped(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`);
  return `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${entries.join("")}</sheets></workbook>`;
}

/** Style 0 is plain text, 1 a header, 2 a remark. Number format 49 keeps what is typed as text, 18.8.30. */
function styles(): string {
  const font = (inner: string) => `<font>${inner}<sz val="11"/><name val="Calibri"/></font>`;
  const cell = (fontId: number) =>
    `<xf numFmtId="49" fontId="${fontId}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>`;
  return (
    `<styleSheet xmlns="${MAIN}"><fonts count="3">${font("")}${font("<b/>")}${font("<i/>")}</fonts>` +
    `<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>` +
    `<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
    `<cellXfs count="3">${cell(0)}${cell(1)}${cell(2)}</cellXfs></styleSheet>`
  );
}

function worksheet({ rows, choices }: WorkbookSheet): string {
  const header = rows[0] ?? [];
  const columns = header.map((_, i) => {
    const width = Math.min(WIDTH_MAX, Math.max(10, ...rows.slice(0, 1).map((row) => (row[i]?.length ?? 0) + 4)));
    return `<col min="${i + 1}" max="${i + 1}" width="${width}" style="0" customWidth="1"/>`;
  });
  return (
    `<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">` +
    `<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>` +
    `<cols>${columns.join("")}</cols><sheetData>${rows.map(row).join("")}</sheetData>${validations(choices)}</worksheet>`
  );
}

function row(cells: readonly string[], index: number): string {
  const style = index === 0 ? 1 : cells[0]?.startsWith("#") ? 2 : 0;
  const written = cells.map((text, i) =>
    text === ""
      ? ""
      : `<c r="${columnLetters(i)}${index + 1}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`,
  );
  return `<row r="${index + 1}">${written.join("")}</row>`;
}

function validations(choices: ReadonlyMap<number, readonly string[]> | undefined): string {
  const lists = [...(choices ?? [])].filter(([, words]) => words.join(",").length <= CHOICES_LENGTH_MAX);
  if (lists.length === 0) return "";
  const entries = lists.map(([index, words]) => {
    const place = `${columnLetters(index)}2:${columnLetters(index)}${ROWS_WITH_CHOICES}`;
    return `<dataValidation type="list" allowBlank="1" sqref="${place}"><formula1>"${escaped(words.join(","))}"</formula1></dataValidation>`;
  });
  return `<dataValidations count="${entries.length}">${entries.join("")}</dataValidations>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
