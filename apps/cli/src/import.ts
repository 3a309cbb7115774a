/**
 * `holdfast import` and `holdfast export`: tables into a node's registry and out of it. Exit codes: 0 stored (or a dry run
 * that found nothing), 1 rows were refused, 64 usage, 65 the file is no table, 66 no such file, 69 the node is away, 77 the
 * node refuses. `--template` needs no node.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ExportOptions } from "./export-tables.ts";
import type { ImportOptions } from "./import-files.ts";
import { endingAtNode, withNode } from "./node-command.ts";

/** The contract's tables; repeated here so that no other command waits for the contract to load. A test compares them. */
export const TABLES = [
  "organisations",
  "items",
  "sites",
  "assets",
  "routes",
  "recipes",
  "stocks",
  "capacities",
  "demands",
] as const;

export function addImport(program: Command): void {
  const command = program
    .command("import")
    .description("bring sites, suppliers, items and stocks into a node from CSV or XLSX")
    .argument("[files...]", "CSV or XLSX files; they are imported in the order in which they depend on each other")
    .addOption(new Option("--as <table>", "what a CSV file holds; guessed from its header when absent").choices(TABLES))
    .option("--map <pairs>", "what columns mean, `header=column`, several divided by commas; `header=` leaves one out")
    .option("--dry-run", "check every row and store nothing")
    .option("--keep-going", "store what is right, and report the rest")
    .option("--source <text>", "where the facts come from; the file's name when absent")
    .option("--observed-at <day>", "the day that the facts are of; today when absent")
    .option("--confidence <percent>", "how sure they are, 0 to 100", percent)
    .addOption(
      new Option(
        "--decimal <sign>",
        "the decimal sign of numbers; where the file leaves it open, `1,234` and `1.234` are refused without it",
      ).choices(["point", "comma"]),
    )
    .addOption(
      new Option("--empty-cells <meaning>", "what an empty cell says about a known object").choices(["keep", "clear"]),
    )
    .option("--report <file>", "write the row-by-row report of refused rows here, as CSV")
    .option("--json", "print the result as JSON")
    .option("--template <dir>", "write empty tables into this folder instead, and need no node")
    .addOption(new Option("--format <format>", "of the templates").choices(["csv", "xlsx"]).default("xlsx"));
  withNode(command).action(
    endingAtNode(async (files: readonly string[], options: ImportOptions & TemplateOptions) => {
      if (options.template !== undefined)
        (await import("./import-template.ts")).writeTemplates(options.template, options.format);
      else await (await import("./import-files.ts")).importFiles(files, options);
    }),
  );
  const outward = program
    .command("export")
    .description("take a node's registry out: all of it as JSON, the sites as GeoJSON, or tables as CSV")
    .addOption(new Option("--format <format>", "what to write").choices(["json", "geojson", "csv"]).default("json"))
    .addOption(
      new Option("--table <table>", "the table to write as CSV; all of them, into a folder, when absent").choices(
        TABLES,
      ),
    )
    .requiredOption("-o, --output <place>", "the file; the folder for all tables; `-` for stdout")
    .option("--as-of <instant>", "as the node knew things then, such as 2024-12-31T00:00:00Z");
  withNode(outward).action(
    endingAtNode(async (options: ExportOptions) => (await import("./export-tables.ts")).exportRegistry(options)),
  );
}

interface TemplateOptions {
  readonly template?: string;
  readonly format: "csv" | "xlsx";
}

function percent(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 100) throw new InvalidArgumentError("a whole number from 0 to 100");
  return Number(text);
}
