/** All assets. */
import { getRouteApi } from "@tanstack/react-router";
import { useSearchChange } from "../../shell/table-search.ts";
import { Page } from "../../ui/page.tsx";
import { AssetTable } from "./asset-table.tsx";

const route = getRouteApi("/shell/know/assets");

export function AssetsPage() {
  const view = route.useSearch();
  const change = useSearchChange();
  return (
    <Page
      title="Which equipment runs our sites, and in which zone?"
      meaning="Controllers, drives and systems with vendor, firmware and IEC 62443 zone."
    >
      <AssetTable view={view} onView={(next) => change({ ...next })} />
    </Page>
  );
}
