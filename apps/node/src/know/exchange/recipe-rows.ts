/**
 * A recipe from its rows: one row per supplier of each input, inputs told apart by name. What holds for the whole input
 * (quantity, essentiality, stock) stands in any of its rows, and two rows must not say two things. Rows may stand anywhere
 * in the file; who gathers them hands them over in the file's order.
 */
import { registry } from "@holdfast/api";
import { z } from "zod";
import type { Fields } from "./row-draft.ts";

/** One row with its references resolved. A row without an input says only that the recipe exists. */
export const recipeLine = z.object({
  row: z.int(),
  input: z.string().optional(),
  quantityPerUnit: z.string().optional(),
  essentiality: z.string().optional(),
  stockDays: z.number().optional(),
  supplierSite: z.string().optional(),
  supplierItem: z.string().optional(),
  /** What the file calls the supplier's item. */
  supplierItemText: z.string().optional(),
  sharePpm: z.number().optional(),
  maximumSharePpm: z.number().optional(),
  leadDays: z.number().optional(),
  switchDays: z.number().optional(),
  note: z.string().optional(),
  source: z.string().optional(),
  observedAt: z.string().optional(),
  confidencePercent: z.number().optional(),
});
export type RecipeLine = z.output<typeof recipeLine>;

/** A fault of one row, without the cell's text. */
export interface LineFault {
  readonly row: number;
  readonly column: string | null;
  readonly rule: string;
  readonly message: string;
}

export const RECIPE_ROWS_MAX = registry.MAX_GROUPS * registry.MAX_SUPPLIERS; // more can't be one recipe

export interface AssembledRecipe {
  /** Site, item, groups and note, to be checked as a draft. */
  readonly fields: Fields;
  readonly faults: readonly LineFault[];
  /** The row and column that a path such as `groups.0.suppliers.1.sharePpm` speaks of. */
  placeOf(path: string): { row: number; column: string | null };
}

interface Group {
  readonly name: string;
  readonly lines: RecipeLine[];
}

const GROUP_COLUMNS = {
  quantityPerUnit: "quantity per unit",
  essentiality: "essentiality",
  stockDays: "stock days",
} as const;
const SUPPLIER_COLUMNS: Readonly<Record<string, string>> = {
  site: "supplier site",
  item: "supplier item",
  sharePpm: "share percent",
  maxSharePpm: "maximum share percent",
  leadDays: "lead days",
  switchDays: "switch days",
};

/** Puts the rows of one recipe together, in the order of `before` where that has the same inputs and suppliers. */
export function assembleRecipe(
  pair: { site: string; item: string },
  lines: readonly RecipeLine[],
  before: Fields | undefined,
): AssembledRecipe {
  const faults: LineFault[] = [];
  const groups = new Map<string, Group>();
  for (const line of lines) {
    if (line.input === undefined) continue;
    const group = groups.get(line.input) ?? { name: line.input, lines: [] };
    group.lines.push(line);
    groups.set(line.input, group);
  }
  const order = orderOf(before);
  const sorted = sortedLike([...groups.values()], (group) => order.groups.get(group.name));
  const suppliers = sorted.map((group) =>
    sortedLike(
      group.lines.filter((line) => line.supplierSite !== undefined || line.supplierItem !== undefined),
      (line) => order.suppliers.get(`${group.name} | ${line.supplierSite} | ${line.supplierItem}`),
    ),
  );
  const note = lines.find((line) => line.note !== undefined)?.note ?? before?.["note"];
  const fields = {
    ...pair,
    groups: sorted.map((group, i) => ({
      ...groupFields(group, faults),
      suppliers: (suppliers[i] ?? []).map((line, _, all) => supplierFields(line, all.length, faults)),
    })),
    ...(note === undefined ? {} : { note }),
  };
  const firstRow = lines[0]?.row ?? 0;
  return {
    fields,
    faults,
    placeOf: (path) => {
      const [, group = "", supplier = "", field = ""] =
        /^groups\.(\d+)(?:\.suppliers\.(\d+))?(?:\.(\w+))?$/.exec(path) ?? [];
      const line = suppliers[Number(group || -1)]?.[Number(supplier || -1)];
      if (line) return { row: line.row, column: SUPPLIER_COLUMNS[field] ?? (field === "" ? "supplier item" : null) };
      const column = Object.entries(GROUP_COLUMNS).find(([name]) => name === field)?.[1];
      if (group !== "")
        return {
          row: sorted[Number(group)]?.lines[0]?.row ?? firstRow,
          column: column ?? (path.endsWith("suppliers") ? "share percent" : "input"),
        };
      return { row: firstRow, column: path === "note" || path === "site" || path === "item" ? path : null };
    },
  };
}

function groupFields(group: Group, faults: LineFault[]): Fields {
  const fields: Record<string, unknown> = { name: group.name, essentiality: "essential" };
  for (const [field, column] of Object.entries(GROUP_COLUMNS) as [keyof typeof GROUP_COLUMNS, string][]) {
    const said = group.lines.filter((line) => line[field] !== undefined);
    const other = said.find((line) => line[field] !== said[0]?.[field]);
    if (said[0]) fields[field] = said[0][field];
    else if (field === "quantityPerUnit")
      faults.push({
        row: group.lines[0]?.row ?? 0,
        column,
        rule: "row/required",
        message: `\`${column}\` is needed for the input \`${group.name}\``,
      });
    if (other)
      faults.push({
        row: other.row,
        column,
        rule: "row/contradiction",
        message: `row \`${said[0]?.row}\` says otherwise about the input \`${group.name}\``,
      });
  }
  return fields;
}

function supplierFields(line: RecipeLine, count: number, faults: LineFault[]): Fields {
  const share = line.sharePpm ?? (count === 1 ? registry.SHARE_WHOLE : undefined);
  const missing = [
    ...(line.supplierSite === undefined ? ["supplier site"] : []),
    ...(line.supplierItem === undefined ? ["supplier item"] : []),
    ...(share === undefined ? ["share percent"] : []),
  ];
  for (const column of missing)
    faults.push({ row: line.row, column, rule: "row/required", message: `\`${column}\` is needed for a supplier` });
  return {
    site: line.supplierSite,
    item: line.supplierItem,
    sharePpm: share,
    ...(line.maximumSharePpm === undefined ? {} : { maxSharePpm: line.maximumSharePpm }),
    ...(line.leadDays === undefined ? {} : { leadDays: line.leadDays }),
    ...(line.switchDays === undefined ? {} : { switchDays: line.switchDays }),
  };
}

const drafted = z.object({
  groups: z.array(z.object({ name: z.string(), suppliers: z.array(z.object({ site: z.string(), item: z.string() })) })),
});

/** The places of inputs and suppliers in what the registry has. */
function orderOf(before: Fields | undefined): { groups: Map<string, number>; suppliers: Map<string, number> } {
  const groups = drafted.safeParse(before).data?.groups ?? [];
  const suppliers = groups.flatMap(({ name, suppliers }) =>
    suppliers.map(({ site, item }) => `${name} | ${site} | ${item}`),
  );
  return {
    groups: new Map(groups.map(({ name }, i) => [name, i])),
    suppliers: new Map(suppliers.map((key, i) => [key, i])),
  };
}

/** In the order of `place`; what has none comes after, as it stood. */
function sortedLike<Member>(members: readonly Member[], place: (member: Member) => number | undefined): Member[] {
  const placed = members.map((member, i) => ({ member, i, at: place(member) ?? Number.MAX_SAFE_INTEGER }));
  return placed.sort((a, b) => a.at - b.at || a.i - b.i).map(({ member }) => member);
}
