/** All organisations. */
import { registry } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useListing } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Page } from "../../ui/page.tsx";
import { Time } from "../../ui/time.tsx";
import { countryName } from "../country-name.ts";
import { CountryFilter } from "./filters.tsx";
import { listQuery } from "./list-query.ts";

const route = getRouteApi("/shell/know/organisations");

export function OrganisationsPage() {
  const { country, ...view } = route.useSearch();
  const change = useSearchChange();
  const { state, more, labels } = useListing(registry.organisations.list, {
    query: listQuery(view.filter, { country }),
  });
  return (
    <Page
      title="Whom do we depend on?"
      meaning="Companies and bodies of the chain. Two entries for one company are found under Duplicates."
    >
      <DataTable
        caption="Organisations"
        columns={columnsOf(labels)}
        state={state}
        more={more}
        rowId={(one) => one.id}
        href={(one) => `/know/organisations/${one.id}`}
        empty={{
          what: "No organisation fits these filters.",
          start: <a href="/know/import">Import organisations from CSV or XLSX</a>,
        }}
        view={view}
        onView={(next) => change({ ...next })}
        isServerSide
        actions={<CountryFilter value={country} onChange={(next) => change({ country: next })} />}
      />
    </Page>
  );
}

function columnsOf(labels: Readonly<Record<string, string>>): readonly Column<registry.Organisation>[] {
  return [
    { id: "name", header: "Organisation", value: (one) => one.name },
    { id: "country", header: "Country", value: (one) => countryName(one.country), width: 160 },
    { id: "lei", header: "LEI", value: (one) => one.lei, width: 190 },
    {
      id: "parent",
      header: "Belongs to",
      value: (one) => (one.parent ? (labels[one.parent] ?? one.parent) : undefined),
      cell: (one) => one.parent && <a href={`/know/organisations/${one.parent}`}>{labels[one.parent] ?? one.parent}</a>,
      width: 240,
    },
    { id: "source", header: "Source", value: (one) => one.evidence.source, width: 220 },
    {
      id: "observedAt",
      header: "Observed",
      value: (one) => one.evidence.observedAt,
      cell: (one) => <Time at={one.evidence.observedAt} as="age" />,
      width: 110,
    },
    { id: "aliases", header: "Other names", value: (one) => one.aliases.join("; "), width: 220, isExtra: true },
    { id: "id", header: "Identifier", value: (one) => one.id, width: 300, isExtra: true },
  ];
}
