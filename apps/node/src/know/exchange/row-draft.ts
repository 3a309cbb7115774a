/**
 * From a row's values to the draft of an object, on top of what the registry has. A column that the file does not have
 * leaves its field as it is. Recipes have several rows each and are put together in recipe-rows.ts.
 */
import { exchange, registry } from "@holdfast/api";
import type { z } from "zod";
import type { Drafts, Kind } from "../registry/index.ts";
import { type Fault, scaled } from "./cell-value.ts";
import type { ParsedRow, RowFault } from "./parsed-row.ts";

export type Fields = Readonly<Record<string, unknown>>;

const DRAFTS: { readonly [K in Kind]: z.ZodType<Drafts[K]> } = {
  organisation: registry.organisationDraft,
  site: registry.siteDraft,
  asset: registry.assetDraft,
  item: registry.itemDraft,
  recipe: registry.recipeDraft,
  stock: registry.stockDraft,
  capacity: registry.capacityDraft,
  demand: registry.demandDraft,
  route: registry.routeDraft,
};

/** Columns that say something about the row or its evidence, and columns of which several make one field. */
const NOT_A_FIELD: ReadonlySet<string> = new Set([
  "id",
  "source",
  "observed at",
  "confidence percent",
  "code",
  "identifiers",
  "latitude",
  "longitude",
  "mineral",
  "mineral stage",
  "margin per year",
]);

const fieldNames = new Map(
  exchange.TABLES.flatMap((table) =>
    exchange.TABLE_COLUMNS[table].columns.map(({ name }) => [name, fieldName(name)] as const),
  ),
);

/** "replace days" is `replaceDays`, "world share percent" is `worldSharePpm`. */
export function fieldOf(column: string): string {
  return fieldNames.get(column) ?? column;
}

function fieldName(column: string): string {
  return column.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/Percent$/, "Ppm");
}

/** The column that a fault's path speaks of; null for the row. */
export function columnOf(table: exchange.TableName, path: string): string | null {
  const [field = "", inner = ""] = path.split(".");
  if (field === "position") return inner === "longitude" ? "longitude" : "latitude";
  if (field === "mineral") return inner === "stage" ? "mineral stage" : "mineral";
  if (field === "marginPerYearMinor") return "margin per year";
  if (path.startsWith("evidence.")) return inner === "observedAt" ? "observed at" : inner;
  return exchange.TABLE_COLUMNS[table].columns.find(({ name }) => fieldOf(name) === field)?.name ?? null;
}

/** What the row says about the object, over what `before` has; every reference among `values` is an id by now. */
export function fieldsOf(
  values: ReadonlyMap<string, unknown>,
  before: Fields | undefined,
): { fields: Fields; fault: Placed | undefined } {
  const fields: Record<string, unknown> = { ...before };
  for (const [column, value] of values)
    if (!NOT_A_FIELD.has(column) && !column.startsWith("identifier:")) put(fields, fieldOf(column), value);
  put(fields, "identifiers", identifiersOf(values, before?.["identifiers"]), { onlyIfGiven: true });
  put(fields, "position", pairOf(values, ["latitude", "longitude"], ["latitude", "longitude"], before?.["position"]), {
    onlyIfGiven: true,
  });
  put(fields, "mineral", pairOf(values, ["mineral", "mineral stage"], ["mineral", "stage"], before?.["mineral"]), {
    onlyIfGiven: true,
  });
  return { fields, fault: putMargin(fields, values) };
}

interface Placed extends Fault {
  readonly column: string;
}

/** Marks a field that the row does not speak of. */
const NOT_GIVEN = Symbol("not given");

function put(fields: Record<string, unknown>, field: string, value: unknown, { onlyIfGiven = false } = {}): void {
  if (onlyIfGiven && value === NOT_GIVEN) return;
  if (value === undefined) delete fields[field];
  else fields[field] = value;
}

/** `identifiers` replaces all; `code` and `identifier:scheme` replace theirs and leave the others. */
function identifiersOf(values: ReadonlyMap<string, unknown>, before: unknown): unknown {
  const single = [...values].flatMap(([column, value]) => {
    const scheme = schemeOf(column);
    return scheme === undefined ? [] : [{ scheme, value }];
  });
  const isWhole = values.has("identifiers");
  if (!isWhole && single.length === 0) return NOT_GIVEN;
  const schemes = new Set(single.map(({ scheme }) => scheme));
  const others = asIdentifiers(isWhole ? values.get("identifiers") : before).filter(
    ({ scheme }) => !schemes.has(scheme),
  );
  // what stays keeps its place, so that nothing differs when nothing was said anew
  const now = [...single.filter(({ value }) => value !== undefined), ...others];
  const old = asIdentifiers(before).map(({ scheme, value }) => `${scheme}:${value}`);
  const place = (each: { scheme: string; value: unknown }) =>
    (old.indexOf(`${each.scheme}:${String(each.value)}`) + old.length + 1) % (old.length + 1);
  return now
    .map((each, i) => ({ each, i }))
    .sort((a, b) => place(a.each) - place(b.each) || a.i - b.i)
    .map(({ each }) => each);
}

/** Identifiers that a cell or a stored draft gave; both were checked when they came. */
export function asIdentifiers(value: unknown): readonly registry.Identifier[] {
  return Array.isArray(value) ? (value as registry.Identifier[]) : []; // the column's form, or the draft's schema, made them
}

/** The scheme of the identifier that a column holds: of `code` and of `identifier:scheme`. */
export function schemeOf(column: string): string | undefined {
  if (column === "code") return exchange.CODE_SCHEME;
  return column.startsWith("identifier:") ? column.slice("identifier:".length).trim().toLowerCase() : undefined;
}

/** Two columns that make one field of two parts; half of it stays as it was. */
function pairOf(
  values: ReadonlyMap<string, unknown>,
  columns: readonly [string, string],
  parts: readonly [string, string],
  before: unknown,
): unknown {
  if (!columns.some((column) => values.has(column))) return NOT_GIVEN;
  const pair: Record<string, unknown> = typeof before === "object" && before !== null ? { ...before } : {};
  for (const [i, column] of columns.entries()) if (values.has(column)) put(pair, parts[i] ?? "", values.get(column));
  return Object.keys(pair).length === 0 ? undefined : pair;
}

/** An amount is exact only with its currency's decimals. */
function putMargin(fields: Record<string, unknown>, values: ReadonlyMap<string, unknown>): Placed | undefined {
  if (!values.has("margin per year")) return undefined;
  const amount = values.get("margin per year");
  if (typeof amount !== "string") {
    delete fields["marginPerYearMinor"];
    return undefined;
  }
  const currency = typeof fields["currency"] === "string" ? fields["currency"] : "";
  const digits = exchange.currencyDigits(currency);
  if (digits === undefined)
    return {
      column: "currency",
      rule: "registry/margin-without-currency",
      message: "a margin and its currency come together",
    };
  const minor = scaled(amount, digits);
  if (minor === undefined)
    return {
      column: "margin per year",
      rule: "cell/not-an-amount",
      message: `\`${amount}\` has more than the \`${digits}\` decimals of \`${currency}\`, or too many digits`,
    };
  fields["marginPerYearMinor"] = minor;
  return undefined;
}

/** `fields` as a draft of its kind, or what is wrong with them. */
export function checkFields<K extends Kind>(
  kind: K,
  fields: Fields,
):
  | { readonly draft: Drafts[K] }
  | { readonly issues: readonly { path: string; message: string; isMissing: boolean }[] } {
  const parsed = DRAFTS[kind].safeParse(fields);
  if (parsed.success) return { draft: parsed.data };
  const issues = parsed.error.issues.map((issue) => {
    const path = issue.path.join(".");
    return {
      path,
      message: issue.message,
      isMissing: issue.code === "invalid_type" && valueAt(fields, issue.path) === undefined,
    };
  });
  return { issues };
}

function valueAt(fields: unknown, path: readonly PropertyKey[]): unknown {
  let value = fields;
  for (const key of path)
    value =
      typeof value === "object" && value !== null
        ? new Map<PropertyKey, unknown>(Object.entries(value)).get(String(key))
        : undefined;
  return value;
}

/** The draft that a row makes over `before`, or the row's faults. */
export function draftOf<K extends Kind>(
  { table, kind }: { table: exchange.TableName; kind: K },
  row: ParsedRow,
  values: ReadonlyMap<string, unknown>,
  before: Fields | undefined,
): { readonly draft: Drafts[K] } | { readonly faults: readonly RowFault[] } {
  const { fields, fault } = fieldsOf(values, before);
  if (fault) return { faults: [row.faultAt(fault.column, fault)] };
  const checked = checkFields(kind, fields);
  if ("draft" in checked) return checked;
  return {
    faults: checked.issues.map(({ path, message, isMissing }) => {
      const column = columnOf(table, path);
      const said = message.charAt(0).toLowerCase() + message.slice(1);
      return row.faultAt(
        column,
        isMissing
          ? { rule: "row/required", message: `\`${column ?? path}\` is needed` }
          : { rule: "cell/invalid", message: said },
      );
    }),
  };
}
