/** The sites, as a table and on the map. */
import { registry } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { PagePending } from "../../shell/page-pending.tsx";
import { useListing } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Page } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { AsOfBanner, AsOfControl, nothingThen, withAsOf } from "../as-of/as-of.tsx";
import { AddLink } from "../form/add-link.tsx";
import { CountryFilter, HeldFilter, WordFilter } from "./filters.tsx";
import { listQuery, serverSort, SORTS } from "./list-query.ts";
import { siteColumns } from "./site-columns.tsx";

// the map brings the world's shapes along
const SitesMap = lazy(() => import("./sites-map.tsx").then((module) => ({ default: module.SitesMap })));
const route = getRouteApi("/shell/know/sites");
const TIERS = { "1": "tier 1, critical", "2": "tier 2, important", "3": "tier 3, relevant" } as const;

export function SitesPage() {
  const { tab = "table", kind, country, tier, asOf, state: held, ...view } = route.useSearch();
  const change = useSearchChange();
  const filters = { kind, country, tier };
  const sort = serverSort(view.sort, SORTS.site);
  const query = listQuery(view.filter, { ...filters, asOf, state: held, sort });
  const listing = useListing(registry.sites.list, { query }, { isOff: tab === "map" });
  const controls = (
    <>
      <WordFilter
        name="Kind"
        any="Every kind"
        words={registry.SITE_KINDS}
        value={kind}
        onChange={(next) => change({ kind: next })}
      />
      <CountryFilter value={country} onChange={(next) => change({ country: next })} />
      <WordFilter name="Tier" any="Every tier" words={TIERS} value={tier} onChange={(next) => change({ tier: next })} />
      {tab === "table" && <HeldFilter value={held} onChange={(next) => change({ state: next })} />}
    </>
  );
  return (
    <Page
      title="Which sites do we know, and which are critical?"
      meaning="Mines, refineries, plants, warehouses and ports of the whole chain, our own and others'."
      actions={
        <>
          <AsOfControl />
          <AddLink kind="site" isPrimary />
        </>
      }
    >
      <AsOfBanner except="Tiers are those of now." />
      <Tabs
        label="Sites"
        tabs={[
          { name: "table", label: "Table" },
          { name: "map", label: "Map" },
        ]}
        chosen={tab}
        onChoose={(name) => change({ tab: name === "table" ? undefined : name })}
      >
        {tab === "map" ? (
          <Suspense fallback={<PagePending />}>
            <SitesMap filters={{ ...filters, asOf }} text={view.filter} controls={controls} />
          </Suspense>
        ) : (
          <DataTable
            caption="Sites"
            columns={siteColumns(listing.labels, asOf)}
            state={listing.state}
            more={listing.more}
            rowId={(site) => site.id}
            href={(site) => withAsOf(`/know/sites/${site.id}`, asOf)}
            empty={{
              what: nothingThen(asOf, "sites", "No site fits these filters."),
              start: <a href="/know/import">Import sites from CSV or XLSX</a>,
            }}
            view={view}
            onView={(next) => change({ ...next })}
            isServerSide
            serverSorts={SORTS.site}
            actions={controls}
          />
        )}
      </Tabs>
    </Page>
  );
}
