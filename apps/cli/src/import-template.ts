/** Empty tables for people to fill, written into a folder. Never overwrites: a template may have been filled. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exchange } from "@holdfast/api";
import { EXIT } from "./exit.ts";
import { Failure } from "./failure.ts";

/** @throws Failure when a file is there already */
export function writeTemplates(folder: string, format: "csv" | "xlsx"): void {
  const files =
    format === "xlsx"
      ? [{ name: "holdfast-template.xlsx", content: exchange.workbookTemplateOf() }]
      : exchange.TABLES.map((table) => ({ name: `${table}.csv`, content: exchange.csvTemplateOf(table) }));
  const taken = files.map(({ name }) => join(folder, name)).find((path) => existsSync(path));
  if (taken !== undefined)
    throw new Failure(EXIT.usage, `\`${taken}\` is there already: choose another folder, or remove it`);
  try {
    mkdirSync(folder, { recursive: true });
    for (const { name, content } of files) writeFileSync(join(folder, name), content, { flag: "wx" });
  } catch (cause) {
    throw new Failure(
      EXIT.noInput,
      `can't write into \`${folder}\`: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
  for (const { name } of files) console.log(join(folder, name));
}
