/**
 * One row read by its mapping: the value of each column that says something, and a fault for each cell that can't be read.
 * What the values mean together is row-draft.ts's business.
 */
import { exchange, registry } from "@holdfast/api";
import { type CellOptions, type Fault, readCell, short } from "./cell-value.ts";
import type { Mapping } from "./header.ts";
import type { SheetRow } from "./sheet-row.ts";

/** A fault with its place. `column` is the table's; null when the row as a whole is meant. */
export interface RowFault extends Fault {
  readonly row: number;
  readonly column: string | null;
  readonly value: string | null;
}

export interface ParsedRow {
  readonly row: number;
  /** By column name. `undefined` stands for an empty cell that clears the field; columns that say nothing are not here. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly faults: readonly RowFault[];
  /** A fault at a column, with the cell as it stands in the file. */
  faultAt(column: string | null, fault: Fault): RowFault;
}

export interface RowReader {
  read(row: SheetRow): ParsedRow;
}

interface Place {
  readonly name: string;
  readonly form: exchange.ColumnForm;
  readonly index: number;
}

/** A reader for rows of `table` whose cells stand as `mapping` says. */
export function openRowReader(
  table: exchange.TableName,
  mapping: Mapping,
  options: CellOptions & { readonly emptyCells: exchange.ImportOptions["emptyCells"] },
): RowReader {
  const places = mapping.map(({ index, column }): Place => ({ name: column, form: formOf(table, column), index }));
  const indexes = new Map(places.map(({ name, index }) => [name, index]));
  return {
    read: ({ row, cells, faults: broken = [] }) => {
      const values = new Map<string, unknown>();
      const faults: RowFault[] = [];
      const faultAt = (column: string | null, fault: Fault): RowFault => {
        const text = column === null ? undefined : cells[indexes.get(column) ?? -1];
        return { ...fault, row, column, value: text === undefined ? null : short(text) };
      };
      for (const { name, form, index } of places) {
        const text = plainText(cells[index] ?? "");
        const failure = broken.find((each) => each.index === index);
        if (failure) {
          const message = `the spreadsheet could not calculate this cell: \`${failure.value}\``;
          faults.push({ row, column: name, value: failure.value, rule: "cell/spreadsheet-error", message });
        } else if (text === "") {
          if (options.emptyCells === "clear") values.set(name, undefined);
        } else {
          const result = unfit(text) ?? readCell(form, text, options);
          if ("value" in result) values.set(name, result.value);
          else faults.push(faultAt(name, result));
        }
      }
      return { row, values, faults, faultAt };
    },
  };
}

const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

function unfit(text: string): Fault | undefined {
  if (UNPRINTABLE.test(text)) return { rule: "cell/control-characters", message: "the cell has control characters" };
  const invisible = registry.invisibleIn(text);
  return invisible === undefined
    ? undefined
    : { rule: "cell/invisible-characters", message: `the cell has the invisible character ${invisible}` };
}

/** The cell in one line, without an export's escape. */
function plainText(cell: string): string {
  return exchange.plainCell(cell.replace(/\s*[\t\r\n]\s*/g, " ").trim());
}

function formOf(table: exchange.TableName, name: string): exchange.ColumnForm {
  return exchange.TABLE_COLUMNS[table].columns.find((column) => column.name === name) ?? { form: "text" }; // an identifier's column holds its value
}
