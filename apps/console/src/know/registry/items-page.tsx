/** All items: materials, components, products, services. */
import { registry } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useListing } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Page } from "../../ui/page.tsx";
import { AsOfBanner, AsOfControl, nothingThen, withAsOf } from "../as-of/as-of.tsx";
import { AddLink } from "../form/add-link.tsx";
import { updatedColumn } from "./common-columns.tsx";
import { HeldFilter, WordFilter } from "./filters.tsx";
import { listQuery, serverSort, SORTS } from "./list-query.ts";

const route = getRouteApi("/shell/know/items");

const COLUMNS: readonly Column<registry.Item>[] = [
  { id: "name", header: "Item", value: (item) => item.name },
  { id: "kind", header: "Kind", value: (item) => item.kind, width: 120 },
  { id: "unit", header: "Unit", value: (item) => registry.UNITS[item.unit], width: 80 },
  {
    id: "mineral",
    header: "Mineral",
    value: (item) => item.mineral?.mineral,
    cell: (item) =>
      item.mineral && (
        <a href={`/know/minerals/${item.mineral.mineral}`}>
          {item.mineral.mineral}, {item.mineral.stage}
        </a>
      ),
    width: 200,
  },
  { id: "lists", header: "On lists", value: (item) => item.lists.join("; "), width: 260 },
  { id: "hsCode", header: "HS code", value: (item) => item.hsCode, width: 120 },
  { id: "eccn", header: "ECCN", value: (item) => item.eccn, width: 110 },
  updatedColumn(),
  { id: "id", header: "Identifier", value: (item) => item.id, width: 300, isExtra: true },
];

export function ItemsPage() {
  const { kind, asOf, state: held, ...view } = route.useSearch();
  const change = useSearchChange();
  const { state, more } = useListing(registry.items.list, {
    query: listQuery(view.filter, { kind, asOf, state: held, sort: serverSort(view.sort, SORTS.item) }),
  });
  return (
    <Page
      title="What do we make, buy and need?"
      meaning="Open an item to see where it comes from, down to the raw materials."
      actions={
        <>
          <AsOfControl />
          <AddLink kind="item" isPrimary />
        </>
      }
    >
      <AsOfBanner />
      <DataTable
        caption="Items"
        columns={COLUMNS}
        state={state}
        more={more}
        rowId={(item) => item.id}
        href={(item) => withAsOf(`/know/items/${item.id}`, asOf)}
        empty={{
          what: nothingThen(asOf, "items", "No item fits these filters."),
          start: <a href="/know/import">Import items from CSV or XLSX</a>,
        }}
        view={view}
        onView={(next) => change({ ...next })}
        isServerSide
        serverSorts={SORTS.item}
        actions={
          <>
            <WordFilter
              name="Kind"
              any="Every kind"
              words={registry.ITEM_KINDS}
              value={kind}
              onChange={(next) => change({ kind: next })}
            />
            <HeldFilter value={held} onChange={(next) => change({ state: next })} />
          </>
        }
      />
    </Page>
  );
}
