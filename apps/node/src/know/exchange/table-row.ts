/**
 * Objects as rows of a table, for exports: the inverse of row-draft.ts and recipe-rows.ts. Reading the rows again gives the
 * same objects. References are written as the caller names them.
 */
import { exchange } from "@holdfast/api";
import type { Kind, ListedVersion } from "../registry/index.ts";
import { joinList } from "./cell-value.ts";
import { type Fields, fieldOf } from "./row-draft.ts";

/** What a reference is written as. */
export type Naming = (kind: Kind, id: string) => string;

/** The rows of one object; one row, but for recipes. */
export function rowsOf(table: exchange.TableName, version: ListedVersion, naming: Naming): string[][] {
  const columns = exchange.TABLE_COLUMNS[table].columns;
  const body: Fields = version.body;
  const shared = new Map<string, string>([
    ["id", version.id],
    ["source", version.evidence.source],
    ["observed at", version.evidence.observedAt],
    ["confidence percent", String(version.evidence.confidencePercent)],
    ...pairCells(body),
    ["code", codeOf(body)],
    ["identifiers", identifiersText(body)],
    ["margin per year", marginText(body)],
  ]);
  const lines = table === "recipes" ? recipeLines(body) : [body];
  return lines.map((line) => {
    const cells = columns.map(
      (column) => shared.get(column.name) ?? cellOf(column, line[lineField(table, column.name)], naming),
    );
    return cells.map((text, i) => (i === 0 ? exchange.safeFirstCell(text) : exchange.safeCell(text)));
  });
}

/** Recipes call the name of an input group `input`, and their shares and suppliers by fields of their own. */
function lineField(table: exchange.TableName, column: string): string {
  return table === "recipes" && column === "maximum share percent" ? "maxSharePpm" : fieldOf(column);
}

function cellOf(column: exchange.Column, value: unknown, naming: Naming): string {
  if (value === undefined || value === null) return "";
  switch (column.form) {
    case "reference":
      return typeof value === "string" ? naming(column.to, value) : "";
    case "percent":
      return percentText(Number(value));
    case "degrees":
      return decimalText(Number(value));
    case "list":
      return Array.isArray(value) ? joinList(value.map(String)) : "";
    case "hazards":
      return Array.isArray(value) ? joinList(value.map(hazardText)) : "";
    default:
      return String(value);
  }
}

/** 625,000 parts per million are "62.5". */
function percentText(ppm: number): string {
  return withDecimals(ppm, 4);
}

/** An integer of 10 to the minus `digits`, as a decimal without zeros at the end. */
function withDecimals(value: number, digits: number): string {
  const text = String(Math.abs(value)).padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  const fraction = text.slice(text.length - digits).replace(/0+$/, "");
  return `${value < 0 ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** A number without an exponent: 1e-7 is "0.0000001". */
function decimalText(value: number): string {
  const text = String(value);
  const [, sign = "", digits = "", fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?e-(\d+)$/.exec(text) ?? [];
  return digits === "" ? text : `${sign}0.${"0".repeat(Number(exponent) - 1)}${digits}${fraction}`;
}

function pairCells(body: Fields): [string, string][] {
  const { position, mineral } = body;
  const part = (pair: unknown, name: string): unknown =>
    typeof pair === "object" && pair !== null ? new Map<string, unknown>(Object.entries(pair)).get(name) : undefined;
  const text = (value: unknown) =>
    typeof value === "number" ? decimalText(value) : typeof value === "string" ? value : "";
  return [
    ["latitude", text(part(position, "latitude"))],
    ["longitude", text(part(position, "longitude"))],
    ["mineral", text(part(mineral, "mineral"))],
    ["mineral stage", text(part(mineral, "stage"))],
  ];
}

interface Identifier {
  readonly scheme: string;
  readonly value: string;
}

function identifiersOf(body: Fields): readonly Identifier[] {
  return Array.isArray(body["identifiers"]) ? (body["identifiers"] as Identifier[]) : []; // a stored draft's identifiers
}

/** The code, where there is one only; several stand among the identifiers. */
function codeOf(body: Fields): string {
  const codes = identifiersOf(body).filter(({ scheme }) => scheme === exchange.CODE_SCHEME);
  return codes.length === 1 && codes[0] ? codes[0].value : "";
}

function identifiersText(body: Fields): string {
  const hasCode = codeOf(body) !== "";
  const others = identifiersOf(body).filter(({ scheme }) => !hasCode || scheme !== exchange.CODE_SCHEME);
  return joinList(others.map(({ scheme, value }) => `${scheme}:${value}`));
}

function hazardText(hazard: { threat: string; level: number; note?: string }): string {
  return `${hazard.threat}:${hazard.level}${hazard.note === undefined ? "" : `:${hazard.note}`}`;
}

function marginText({ marginPerYearMinor: minor, currency }: Fields): string {
  const digits = typeof currency === "string" ? exchange.currencyDigits(currency) : undefined;
  return typeof minor !== "number" || digits === undefined ? "" : withDecimals(minor, digits);
}

interface Group {
  readonly name: string;
  readonly suppliers: readonly Fields[];
}

/** One line per supplier, one for an input without suppliers, one for a recipe without inputs. */
function recipeLines({ site, item, note, groups }: Fields): Fields[] {
  const lines = (Array.isArray(groups) ? (groups as (Group & Fields)[]) : []).flatMap(
    (
      { name, suppliers, ...group }, // a stored draft's groups
    ) =>
      (suppliers.length > 0 ? suppliers : [{}]).map((supplier: Fields) => ({
        ...group,
        ...supplier,
        input: name,
        supplierSite: supplier["site"],
        supplierItem: supplier["item"],
        sharePpm: supplier["sharePpm"],
      })),
  );
  return (lines.length > 0 ? lines : [{}]).map((line, i) => ({
    ...line,
    site,
    item,
    note: i === 0 ? note : undefined,
  }));
}
