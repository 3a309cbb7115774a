/** Recipes: what a site makes from what. One row per supplier of each input, so that shares and days stand side by side. */
import { registry } from "@holdfast/api";
import { useListing } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { formatDecimal, formatShare } from "../../ui/format.ts";
import { mapState } from "../../ui/load-state.ts";
import { useAsOf, withAsOf } from "../as-of/as-of.tsx";
import { AddLink } from "../form/add-link.tsx";
import { evidenceColumn, useRecordDrawer } from "../form/record-drawer.tsx";
import type { Mentioned } from "./record-section.tsx";
import { unitOf } from "./unit.ts";

interface InputRow {
  readonly id: string;
  readonly recipe: registry.Recipe;
  readonly group: registry.Recipe["groups"][number] | undefined;
  readonly supplier: registry.Recipe["groups"][number]["suppliers"][number] | undefined;
}

export interface RecipeTableProps {
  readonly query: { readonly site?: string; readonly item?: string };
  readonly view: TableView;
  readonly onView: (view: TableView) => void;
}

export function RecipeTable({ query, view, onView }: RecipeTableProps) {
  const asOf = useAsOf();
  const { state, more, labels, units } = useListing(registry.recipes.list, {
    query: { ...query, limit: 500, ...defined({ asOf }) },
  });
  const { open, drawer } = useRecordDrawer("recipe");
  return (
    <>
      <DataTable
        caption="What is made, from what"
        columns={[
          ...columnsOf({ labels, units, asOf }),
          evidenceColumn<InputRow>(
            (row) => open(row.recipe.id),
            (row) => `the recipe of ${labels[row.recipe.item] ?? "it"}, ${row.group?.name ?? "no input"}`,
          ),
        ]}
        state={mapState(state, (recipes) => recipes.flatMap(inputRows))}
        more={more}
        rowId={(row) => row.id}
        onOpen={(row) => open(row.recipe.id)}
        actions={<AddLink kind="recipe" known={defined(query)} />}
        empty={{
          what: "No recipe says what is made here or from what.",
          start: <a href="/know/import">Import recipes</a>,
        }}
        view={view}
        onView={onView}
      />
      {drawer}
    </>
  );
}

/** A recipe without inputs still has a row: something is made of nothing that the registry knows. */
function inputRows(recipe: registry.Recipe): InputRow[] {
  if (recipe.groups.length === 0) return [{ id: recipe.id, recipe, group: undefined, supplier: undefined }];
  return recipe.groups.flatMap((group, g) => {
    const suppliers = group.suppliers.length === 0 ? [undefined] : group.suppliers;
    return suppliers.map((supplier, s) => ({ id: `${recipe.id} ${g} ${s}`, recipe, group, supplier }));
  });
}

function columnsOf({ labels, units, asOf }: Mentioned): readonly Column<InputRow>[] {
  const label = (id: string | undefined) => (id === undefined ? undefined : (labels[id] ?? id));
  const link = (kind: "sites" | "items", id: string | undefined) =>
    id === undefined ? (
      <span className="dimmed">none known</span>
    ) : (
      <a href={withAsOf(`/know/${kind}/${id}`, asOf)}>{label(id)}</a>
    );
  return [
    {
      id: "makes",
      header: "Makes",
      value: (row) => label(row.recipe.item),
      cell: (row) => link("items", row.recipe.item),
      width: 160,
    },
    {
      id: "site",
      header: "At",
      value: (row) => label(row.recipe.site),
      cell: (row) => link("sites", row.recipe.site),
      width: 200,
      isExtra: true,
    },
    { id: "group", header: "Input", value: (row) => row.group?.name, width: 140 },
    { id: "essentiality", header: "Essentiality", value: (row) => row.group?.essentiality, width: 100 },
    {
      id: "item",
      header: "Bought",
      value: (row) => label(row.supplier?.item),
      cell: (row) => link("items", row.supplier?.item),
      width: 160,
    },
    {
      id: "from",
      header: "From",
      value: (row) => label(row.supplier?.site),
      cell: (row) => link("sites", row.supplier?.site),
    },
    {
      id: "share",
      header: "Share",
      unit: "%",
      value: (row) => row.supplier && row.supplier.sharePpm / 10_000,
      cell: (row) => row.supplier && formatShare(row.supplier.sharePpm),
      align: "end",
      width: 90,
    },
    {
      id: "maxShare",
      header: "At most",
      unit: "%",
      value: (row) => (row.supplier?.maxSharePpm === undefined ? undefined : row.supplier.maxSharePpm / 10_000),
      align: "end",
      width: 100,
      isExtra: true,
    },
    { id: "leadDays", header: "Lead", unit: "d", value: (row) => row.supplier?.leadDays, align: "end", width: 80 },
    {
      id: "switchDays",
      header: "Switch",
      unit: "d",
      value: (row) => row.supplier?.switchDays,
      align: "end",
      width: 95,
    },
    { id: "stockDays", header: "Stock", unit: "d", value: (row) => row.group?.stockDays, align: "end", width: 90 },
    {
      id: "perUnit",
      header: "Per unit",
      value: (row) => row.group?.quantityPerUnit,
      cell: (row) =>
        row.group && (
          <>
            {formatDecimal(row.group.quantityPerUnit)}{" "}
            <span className="dimmed">
              {unitOf(units, row.supplier?.item)}/{unitOf(units, row.recipe.item)}
            </span>
          </>
        ),
      align: "end",
      width: 140,
      isExtra: true,
    },
  ];
}
