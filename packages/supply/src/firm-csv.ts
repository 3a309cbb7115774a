/**
 * The three files of a firm network: links (`supplier,buyer,value`), firms (`firm,sector`, optionally `market`, `weight`,
 * `revenue`, `costs`) and the essentiality matrix (buyer sectors in the header, supplier sector in the first column).
 * Columns are found by name, in any order. Every Problem names the file, the row and the column.
 */
import { CsvReader, type CsvRow, csvRows } from "./csv-reader.ts";
import { parseDecimal } from "./decimal.ts";
import {
  type EssentialityMatrix,
  type FirmNetwork,
  firmNetwork,
  FIRMS_MAX,
  LINKS_MAX,
  SECTORS_MAX,
  VALUE_MAX,
} from "./firm-network.ts";
import { quoted, type SupplyCode, supplyProblem } from "./supply-problem.ts";

export interface FirmTable {
  readonly indexOf: ReadonlyMap<string, number>;
  readonly sectorOfFirm: readonly string[];
  readonly marketOfFirm?: readonly string[];
  readonly weight?: readonly number[];
  readonly revenue?: readonly number[];
  readonly costs?: readonly number[];
}

const FIRM_NUMBERS = ["weight", "revenue", "costs"] as const;

/** The firms of one file, in its order. @throws Problem with file `firms`, row and column */
export function readFirms(bytes: Uint8Array): FirmTable {
  const [header, ...rows] = csvRows(bytes);
  const columns = columnsOf("firms", header, ["firm", "sector"], ["market", ...FIRM_NUMBERS]);
  if (rows.length > FIRMS_MAX)
    throw at("supply/limit-exceeded", "firms", rows[FIRMS_MAX]!, 0, `more than ${FIRMS_MAX} firms`); // longer than that
  const indexOf = new Map<string, number>();
  const sectorOfFirm = rows.map((row) => {
    const firm = textIn("firms", row, columns["firm"]!, "firm"); // columnsOf found the required ones
    if (indexOf.has(firm))
      throw at("supply/firm-duplicate", "firms", row, columns["firm"]!, `firm ${quoted(firm)} occurs twice`);
    indexOf.set(firm, indexOf.size);
    return textIn("firms", row, columns["sector"]!, "sector");
  });
  if (rows.length === 0) throw supplyProblem("supply/network-empty", "the firms file names no firm", { file: "firms" });
  const market = columns["market"];
  const numbers = Object.fromEntries(
    FIRM_NUMBERS.flatMap((name) => {
      const column = columns[name];
      return column === undefined ? [] : [[name, rows.map((row) => amountIn("firms", row, column, name))]];
    }),
  );
  return {
    indexOf,
    sectorOfFirm,
    ...(market === undefined ? {} : { marketOfFirm: rows.map((row) => textIn("firms", row, market, "market")) }),
    ...numbers,
  };
}

/** The matrix of one file. Rows and columns may be in any order and must name the same sectors. @throws Problem */
export function readEssentiality(bytes: Uint8Array): EssentialityMatrix {
  const [header, ...rows] = csvRows(bytes);
  const file = "essentiality";
  if (!header) throw supplyProblem("supply/column-missing", "the essentiality file is empty", { file, row: 1 });
  const sectors = header.fields.slice(1).map((code) => code.trim());
  const columnOf = new Map(sectors.map((code, column) => [code, column]));
  if (columnOf.size < sectors.length || sectors.length > SECTORS_MAX || sectors.length === 0)
    throw at(
      "supply/sector-unknown",
      file,
      header,
      1,
      `the header names \`${sectors.length}\` sectors, \`${columnOf.size}\` of them different, at most ${SECTORS_MAX}`,
    );
  const codes = new Uint8Array(sectors.length ** 2).fill(255);
  for (const row of rows) {
    const supplier = columnOf.get(row.fields[0]!.trim()); // a row has one field at least
    if (supplier === undefined)
      throw at("supply/sector-unknown", file, row, 0, `sector ${quoted(row.fields[0]!)} is not in the header`);
    if (codes[supplier * sectors.length] !== 255)
      throw at("supply/sector-unknown", file, row, 0, `sector ${quoted(row.fields[0]!)} has two rows`);
    if (row.fields.length !== sectors.length + 1)
      throw at(
        "supply/column-missing",
        file,
        row,
        row.fields.length,
        `\`${row.fields.length - 1}\` values for ${sectors.length} sectors`,
      );
    for (let buyer = 0; buyer < sectors.length; buyer++) {
      const code = parseDecimal(row.fields[buyer + 1]!);
      if (code !== 0 && code !== 1 && code !== 2)
        throw at(
          "supply/essentiality-unknown",
          file,
          row,
          buyer + 1,
          `essentiality ${quoted(row.fields[buyer + 1]!)} is not 0 (negligible), 1 (non-essential) or 2 (essential)`,
        );
      codes[supplier * sectors.length + buyer] = code;
    }
  }
  const missing = sectors.find((_, supplier) => codes[supplier * sectors.length] === 255);
  if (missing !== undefined)
    throw supplyProblem("supply/sector-unknown", `the essentiality file has no row for sector ${quoted(missing)}`, {
      file,
    });
  return { sectors, codes };
}

/** Reads the links file as it streams in; memory grows with the links, not with the text. */
export class LinkReader {
  readonly #firms: FirmTable;
  readonly #csv = new CsvReader((row) => this.#take(row));
  #columns: Record<string, number> | undefined;
  #supplier = new Int32Array(1024);
  #buyer = new Int32Array(1024);
  #value = new Float64Array(1024);
  #count = 0;

  constructor(firms: FirmTable) {
    this.#firms = firms;
  }

  get linkCount(): number {
    return this.#count;
  }

  /** @throws Problem with file `links`, row and column */
  push(chunk: Uint8Array): void {
    this.#csv.push(chunk);
  }

  /** The network of everything that was pushed. @throws Problem when the text or the network is not usable */
  end(essentiality?: EssentialityMatrix): FirmNetwork {
    this.#csv.end();
    if (!this.#columns) columnsOf("links", undefined, ["supplier", "buyer", "value"], []);
    const { indexOf, ...table } = this.#firms;
    return firmNetwork({
      ...table,
      firms: [...indexOf.keys()],
      supplier: this.#supplier.subarray(0, this.#count),
      buyer: this.#buyer.subarray(0, this.#count),
      value: this.#value.subarray(0, this.#count),
      ...(essentiality ? { essentiality } : {}),
    });
  }

  #take(row: CsvRow): void {
    if (!this.#columns) {
      this.#columns = columnsOf("links", row, ["supplier", "buyer", "value"], []);
      return;
    }
    if (this.#count === LINKS_MAX)
      throw at("supply/limit-exceeded", "links", row, 0, `more than ${LINKS_MAX} links: split the network by region`);
    if (this.#count === this.#value.length) this.#grow();
    this.#supplier[this.#count] = this.#firmIn(row, "supplier");
    this.#buyer[this.#count] = this.#firmIn(row, "buyer");
    this.#value[this.#count] = amountIn("links", row, this.#columns["value"]!, "value"); // found by columnsOf
    this.#count++;
  }

  #firmIn(row: CsvRow, end: "supplier" | "buyer"): number {
    const column = this.#columns![end]!; // set by the header row
    const name = textIn("links", row, column, end);
    const index = this.#firms.indexOf.get(name);
    if (index === undefined)
      throw at("supply/firm-unknown", "links", row, column, `${end} ${quoted(name)} is not in the firms file`);
    return index;
  }

  #grow(): void {
    const supplier = new Int32Array(this.#count * 2);
    const buyer = new Int32Array(this.#count * 2);
    const value = new Float64Array(this.#count * 2);
    supplier.set(this.#supplier);
    buyer.set(this.#buyer);
    value.set(this.#value);
    [this.#supplier, this.#buyer, this.#value] = [supplier, buyer, value];
  }
}

function columnsOf(
  file: string,
  header: CsvRow | undefined,
  required: readonly string[],
  optional: readonly string[],
): Record<string, number> {
  const names = (header?.fields ?? []).map((name) => name.trim().toLowerCase());
  const columns: Record<string, number> = {};
  for (const name of [...required, ...optional]) {
    const column = names.indexOf(name);
    if (column >= 0 && names.indexOf(name, column + 1) >= 0)
      throw supplyProblem("supply/column-missing", `the ${file} file, row 1: column \`${name}\` occurs twice`, {
        file,
        row: 1,
      });
    if (column >= 0) columns[name] = column;
    else if (required.includes(name))
      throw supplyProblem(
        "supply/column-missing",
        `the ${file} file, row 1: no column \`${name}\`; the header must name ${required.join(", ")}`,
        { file, row: 1, column: name },
      );
  }
  return columns;
}

function textIn(file: string, row: CsvRow, column: number, name: string): string {
  const text = row.fields[column]?.trim() ?? "";
  if (text === "") throw at("supply/column-missing", file, row, column, `the ${name} is empty`);
  return text;
}

function amountIn(file: string, row: CsvRow, column: number, name: string): number {
  const text = row.fields[column] ?? "";
  const value = parseDecimal(text);
  if (value === undefined)
    throw at("supply/number-invalid", file, row, column, `${name} ${quoted(text)} is not a decimal number`);
  if (!(value >= 0 && value <= VALUE_MAX))
    throw at("supply/number-invalid", file, row, column, `${name} ${quoted(text)} is not between 0 and ${VALUE_MAX}`);
  return value;
}

function at(code: SupplyCode, file: string, row: CsvRow, column: number, what: string) {
  return supplyProblem(code, `the ${file} file, row ${row.line}, column ${column + 1}: ${what}`, {
    file,
    row: row.line,
    column: column + 1,
  });
}
