/** Assets: equipment with vendor, model, firmware and IEC 62443 zone, of all sites or of one. */
import { registry } from "@holdfast/api";
import type { ReactNode } from "react";
import { useListing } from "../../shell/queries.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { nothingThen, useAsOf, withAsOf } from "../as-of/as-of.tsx";
import { updatedColumn } from "./common-columns.tsx";
import { listQuery, serverSort, SORTS } from "./list-query.ts";

export interface AssetTableProps {
  readonly site?: string;
  readonly held?: "retired" | undefined;
  readonly actions?: ReactNode;
  readonly view: TableView;
  readonly onView: (view: TableView) => void;
}

export function AssetTable({ site, held, view, onView, actions }: AssetTableProps) {
  const asOf = useAsOf();
  const { state, more, labels } = useListing(registry.assets.list, {
    query: listQuery(view.filter, { site, asOf, state: held, sort: serverSort(view.sort, SORTS.asset) }),
  });
  return (
    <DataTable
      caption="Assets"
      columns={columnsOf(labels, asOf, site !== undefined)}
      state={state}
      more={more}
      rowId={(asset) => asset.id}
      href={(asset) => withAsOf(`/know/assets/${asset.id}`, asOf)}
      empty={{
        what: nothingThen(asOf, "assets", "No asset fits this filter."),
        start: <a href="/know/import">Import assets from CSV or XLSX</a>,
      }}
      view={view}
      onView={onView}
      isServerSide
      serverSorts={SORTS.asset}
      actions={actions}
    />
  );
}

function columnsOf(
  labels: Readonly<Record<string, string>>,
  asOf: string | undefined,
  isOfOneSite: boolean,
): readonly Column<registry.Asset>[] {
  return [
    { id: "name", header: "Asset", value: (asset) => asset.name },
    {
      id: "site",
      header: "Site",
      value: (asset) => labels[asset.site] ?? asset.site,
      cell: (asset) => <a href={withAsOf(`/know/sites/${asset.site}`, asOf)}>{labels[asset.site] ?? asset.site}</a>,
      width: 240,
      isExtra: isOfOneSite,
    },
    { id: "vendor", header: "Vendor", value: (asset) => asset.vendor, width: 160 },
    { id: "model", header: "Model", value: (asset) => asset.model, width: 160 },
    { id: "firmware", header: "Firmware", value: (asset) => asset.firmware, width: 110 },
    { id: "zone", header: "Zone", value: (asset) => asset.zone, width: 140 },
    {
      id: "securityLevel",
      header: "Target level",
      unit: "SL-T",
      value: (asset) => asset.securityLevel,
      align: "end",
      width: 140,
    },
    updatedColumn(),
    { id: "serial", header: "Serial", value: (asset) => asset.serial, width: 150, isExtra: true },
  ];
}
