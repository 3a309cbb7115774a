/** Assets: equipment with vendor, model, firmware and IEC 62443 zone, of all sites or of one. */
import { registry } from "@holdfast/api";
import { useListing } from "../../shell/queries.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { listQuery } from "./list-query.ts";

export interface AssetTableProps {
  readonly site?: string;
  readonly view: TableView;
  readonly onView: (view: TableView) => void;
}

export function AssetTable({ site, view, onView }: AssetTableProps) {
  const { state, more, labels } = useListing(registry.assets.list, { query: listQuery(view.filter, { site }) });
  return (
    <DataTable
      caption="Assets"
      columns={columnsOf(labels, site !== undefined)}
      state={state}
      more={more}
      rowId={(asset) => asset.id}
      href={(asset) => `/know/assets/${asset.id}`}
      empty={{ what: "No asset fits this filter.", start: <a href="/know/import">Import assets from CSV or XLSX</a> }}
      view={view}
      onView={onView}
      isServerSide
    />
  );
}

function columnsOf(labels: Readonly<Record<string, string>>, isOfOneSite: boolean): readonly Column<registry.Asset>[] {
  return [
    { id: "name", header: "Asset", value: (asset) => asset.name },
    {
      id: "site",
      header: "Site",
      value: (asset) => labels[asset.site] ?? asset.site,
      cell: (asset) => <a href={`/know/sites/${asset.site}`}>{labels[asset.site] ?? asset.site}</a>,
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
    { id: "serial", header: "Serial", value: (asset) => asset.serial, width: 150, isExtra: true },
  ];
}
