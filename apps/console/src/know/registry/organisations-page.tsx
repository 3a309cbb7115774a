/** All organisations. */
import { registry } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useListing } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Page } from "../../ui/page.tsx";
import { AsOfBanner, AsOfControl, nothingThen, withAsOf } from "../as-of/as-of.tsx";
import { AddLink } from "../form/add-link.tsx";
import { countryColumn, observedColumn, updatedColumn } from "./common-columns.tsx";
import { CountryFilter, HeldFilter } from "./filters.tsx";
import { listQuery, serverSort, SORTS } from "./list-query.ts";

const route = getRouteApi("/shell/know/organisations");

export function OrganisationsPage() {
  const { country, asOf, state: held, ...view } = route.useSearch();
  const change = useSearchChange();
  const { state, more, labels } = useListing(registry.organisations.list, {
    query: listQuery(view.filter, {
      country,
      asOf,
      state: held,
      sort: serverSort(view.sort, SORTS.organisation),
    }),
  });
  return (
    <Page
      title="Whom do we depend on?"
      meaning="Companies and bodies of the chain. Two entries for one company are found under Duplicates."
      actions={
        <>
          <AsOfControl />
          <AddLink kind="organisation" isPrimary />
        </>
      }
    >
      <AsOfBanner />
      <DataTable
        caption="Organisations"
        columns={columnsOf(labels, asOf)}
        state={state}
        more={more}
        rowId={(one) => one.id}
        href={(one) => withAsOf(`/know/organisations/${one.id}`, asOf)}
        empty={{
          what: nothingThen(asOf, "organisations", "No organisation fits these filters."),
          start: <a href="/know/import">Import organisations from CSV or XLSX</a>,
        }}
        view={view}
        onView={(next) => change({ ...next })}
        isServerSide
        serverSorts={SORTS.organisation}
        actions={
          <>
            <CountryFilter value={country} onChange={(next) => change({ country: next })} />
            <HeldFilter value={held} onChange={(next) => change({ state: next })} />
          </>
        }
      />
    </Page>
  );
}

function columnsOf(
  labels: Readonly<Record<string, string>>,
  asOf: string | undefined,
): readonly Column<registry.Organisation>[] {
  return [
    { id: "name", header: "Organisation", value: (one) => one.name },
    countryColumn(),
    { id: "lei", header: "LEI", value: (one) => one.lei, width: 190 },
    {
      id: "parent",
      header: "Belongs to",
      value: (one) => (one.parent ? (labels[one.parent] ?? one.parent) : undefined),
      cell: (one) =>
        one.parent && (
          <a href={withAsOf(`/know/organisations/${one.parent}`, asOf)}>{labels[one.parent] ?? one.parent}</a>
        ),
      width: 240,
    },
    { id: "source", header: "Source", value: (one) => one.evidence.source, width: 220 },
    observedColumn(),
    updatedColumn(),
    { id: "aliases", header: "Other names", value: (one) => one.aliases.join("; "), width: 220, isExtra: true },
    { id: "id", header: "Identifier", value: (one) => one.id, width: 300, isExtra: true },
  ];
}
