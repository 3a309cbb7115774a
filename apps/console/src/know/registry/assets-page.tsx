/** All assets. */
import { getRouteApi } from "@tanstack/react-router";
import { useSearchChange } from "../../shell/table-search.ts";
import { Page } from "../../ui/page.tsx";
import { AsOfBanner, AsOfControl } from "../as-of/as-of.tsx";
import { AddLink } from "../form/add-link.tsx";
import { AssetTable } from "./asset-table.tsx";
import { HeldFilter } from "./filters.tsx";

const route = getRouteApi("/shell/know/assets");

export function AssetsPage() {
  const { asOf: _asOf, state: held, ...view } = route.useSearch(); // the table reads the instant itself
  const change = useSearchChange();
  return (
    <Page
      title="Which equipment runs our sites, and in which zone?"
      meaning="Controllers, drives and systems with vendor, firmware and IEC 62443 zone."
      actions={
        <>
          <AsOfControl />
          <AddLink kind="asset" isPrimary />
        </>
      }
    >
      <AsOfBanner />
      <AssetTable
        held={held}
        view={view}
        onView={(next) => change({ ...next })}
        actions={<HeldFilter value={held} onChange={(next) => change({ state: next })} />}
      />
    </Page>
  );
}
