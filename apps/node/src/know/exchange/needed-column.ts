/**
 * Columns that every new object needs. A file may lack them when it only changes what the registry has: that is seen in its
 * first rows. Else every row would be refused for the same reason, so the mapping is refused instead, once.
 */
import { exchange } from "@holdfast/api";
import { missingColumns } from "./header.ts";
import { identify } from "./identity.ts";
import { openRowReader, type ParsedRow } from "./parsed-row.ts";
import { Resolver } from "./resolver.ts";
import { refusal } from "./sheet-row.ts";
import type { Db, ImportRecord } from "./store.ts";
import { resolveTexts } from "./table-import.ts";

/** @throws Problem `exchange/column-missing` with the columns and the headers by which each is recognised */
export async function refuseMissingColumns(
  db: Db,
  { analysis }: Pick<ImportRecord, "analysis">,
  options: exchange.ImportOptions,
): Promise<void> {
  for (const { sheet, table, columns } of options.sheets) {
    if (table === null || columns.length === 0) continue;
    const missing = missingColumns(table, columns);
    const rows = analysis.sheets.find((each) => each.sheet === sheet)?.rows ?? [];
    if (missing.length === 0 || rows.length === 0) continue;
    const reader = openRowReader(table, columns, options);
    if (
      await isAnyKnown(
        db,
        table,
        rows.map((row) => reader.read(row)),
      )
    )
      continue;
    const needed = missing.map((column) => ({ column, headers: headersOf(table, column) }));
    const said = needed.map(
      ({ column, headers }) =>
        `\`${column}\`${headers.length === 0 ? "" : ` (also known as ${headers.map((each) => `\`${each}\``).join(", ")})`}`,
    );
    const where = sheet === "" ? "the file" : `the sheet \`${sheet}\``;
    throw refusal(
      "exchange/column-missing",
      `no column of ${where} is mapped to ${said.join(" and ")}, which new ${table} need`,
      { detail: { sheet, table, missing: needed } },
    );
  }
}

function headersOf(table: exchange.TableName, name: string): string[] {
  const synonyms = exchange.TABLE_COLUMNS[table].columns.find((column) => column.name === name)?.synonyms ?? "";
  return synonyms.split(" ").filter((word) => word !== "");
}

/** Whether one of the rows means an object that the registry has. */
async function isAnyKnown(db: Db, table: exchange.TableName, rows: readonly ParsedRow[]): Promise<boolean> {
  const resolver = await Resolver.open(db);
  const references = exchange.TABLE_COLUMNS[table].columns.flatMap((column) =>
    column.form === "reference" ? [{ name: column.name, to: column.to }] : [],
  );
  const meant = await resolveTexts(db, resolver, references, rows);
  const subjects = rows.map(({ values }) => {
    const resolved = new Map(values);
    for (const { name, to } of references) {
      const resolution = meant.get(`${to} ${String(values.get(name))}`);
      if (resolution && "id" in resolution) resolved.set(name, resolution.id);
      else resolved.delete(name);
    }
    return { values: resolved };
  });
  const identities = await identify(db, exchange.TABLE_KIND[table], subjects, resolver);
  return identities.some((identity) => "rule" in identity || identity.current || identity.absorbed !== undefined);
}
