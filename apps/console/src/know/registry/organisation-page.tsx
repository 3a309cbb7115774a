/** One organisation: what is known of it, its sites, whom it supplies and who supplies it. */
import { type Output, registry } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer, useListing } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import { DataTable } from "../../table/data-table.tsx";
import type { TableView } from "../../table/column.ts";
import { Loaded } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { countryName } from "../country-name.ts";
import { AsOfBanner, AsOfControl, useAsOf, withAsOf } from "../as-of/as-of.tsx";
import { AddLink } from "../form/add-link.tsx";
import { ObjectActions } from "../form/object-actions.tsx";
import { ObjectFacts } from "./evidence.tsx";
import { History } from "./history.tsx";
import { listQuery, serverSort, SORTS } from "./list-query.ts";
import { NetworkAround } from "./network-around.tsx";
import { commonFacts, MergedNote, objectState } from "./object-page.tsx";
import { siteColumns } from "./site-columns.tsx";

const route = getRouteApi("/shell/know/organisations/$organisationId");

export function OrganisationPage() {
  const { organisationId } = route.useParams();
  const { tab = "facts", asOf, ...view } = route.useSearch();
  const change = useSearchChange();
  const { state, etag } = useAnswer(registry.organisations.get, {
    params: { id: organisationId },
    query: defined({ asOf }),
  });
  const organisation = state.kind === "ready" ? state.value : undefined;
  return (
    <Page
      breadcrumbs={[{ label: "Organisations", href: withAsOf("/know/organisations", asOf) }]}
      title={organisation?.name ?? "Organisation"}
      state={organisation && objectState(organisation)}
      meaning={organisation && `In ${countryName(organisation.country)}.`}
      actions={
        <>
          <AsOfControl />
          {organisation && asOf === undefined && (
            <ObjectActions
              kind="organisation"
              id={organisationId}
              name={organisation.name}
              state={organisation.state}
              etag={etag}
            />
          )}
        </>
      }
    >
      <AsOfBanner except="Its history is that of now." />
      <Loaded state={state} lines={6}>
        {(loaded) => (
          <>
            <MergedNote object={loaded} href={(id) => `/know/organisations/${id}`} />
            <Tabs
              label="Organisation"
              tabs={[
                { name: "facts", label: "Facts" },
                { name: "sites", label: "Sites" },
                { name: "network", label: "Network" },
                { name: "history", label: "History" },
              ]}
              chosen={tab}
              onChoose={(name) =>
                change({ tab: name === "facts" ? undefined : name, filter: undefined, row: undefined })
              }
            >
              {tab === "facts" && <OrganisationFacts organisation={loaded} />}
              {tab === "sites" && (
                <SitesOf organisation={organisationId} view={view} onView={(next) => change({ ...next })} />
              )}
              {tab === "network" && <NetworkAround of={{ organisation: organisationId }} name={loaded.name} />}
              {tab === "history" && <OrganisationHistory organisationId={organisationId} />}
            </Tabs>
          </>
        )}
      </Loaded>
    </Page>
  );
}

type OrganisationAnswer = Output<typeof registry.organisations.get>;

function OrganisationFacts({ organisation }: { organisation: OrganisationAnswer }) {
  const { parent, labels } = organisation;
  return (
    <ObjectFacts
      id={organisation.id}
      label="Facts of the organisation"
      evidence={organisation.facts}
      facts={[
        { field: "country", label: "Country", value: countryName(organisation.country) },
        { field: "lei", label: "LEI", value: organisation.lei, hint: "Legal Entity Identifier, ISO 17442" },
        { field: "address", label: "Address", value: organisation.address },
        {
          field: "website",
          label: "Website",
          value: organisation.website && (
            <a href={organisation.website} rel="noreferrer" target="_blank">
              {organisation.website}
            </a>
          ),
        },
        {
          field: "parent",
          label: "Belongs to",
          value: parent && <a href={`/know/organisations/${parent}`}>{labels[parent] ?? parent}</a>,
        },
        ...commonFacts(organisation),
      ]}
    />
  );
}

function SitesOf({
  organisation,
  view,
  onView,
}: {
  organisation: string;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const asOf = useAsOf();
  const { state, more, labels } = useListing(registry.sites.list, {
    query: listQuery(view.filter, { organisation, asOf, sort: serverSort(view.sort, SORTS.site) }),
  });
  return (
    <DataTable
      caption="Sites of the organisation"
      columns={siteColumns(labels, asOf).filter((column) => column.id !== "organisation")}
      state={state}
      more={more}
      rowId={(site) => site.id}
      href={(site) => withAsOf(`/know/sites/${site.id}`, asOf)}
      empty={{ what: "No site of it is in the registry. Its sites say what stops when it does." }}
      view={view}
      onView={onView}
      isServerSide
      serverSorts={SORTS.site}
      actions={<AddLink kind="site" known={{ organisation }} />}
    />
  );
}

function OrganisationHistory({ organisationId }: { organisationId: string }) {
  return (
    <History
      kind="organisation"
      id={organisationId}
      listing={useListing(registry.organisations.history, { params: { id: organisationId } })}
    />
  );
}
