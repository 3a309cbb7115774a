/** One site: what is known of it, what it makes from what, who is around it in the network, its tier and why. */
import { designation, type Output, registry, THREAT_TEXTS } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer, useListing } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import { Loaded } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Quantity } from "../../ui/quantity.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { countryName } from "../country-name.ts";
import { SiteTierView } from "../designation/site-tier.tsx";
import { TIER_LOOKS, tierName } from "../looks.ts";
import { AsOfBanner, AsOfControl, withAsOf } from "../as-of/as-of.tsx";
import { ObjectActions } from "../form/object-actions.tsx";
import { AddLink } from "../form/add-link.tsx";
import { AssetTable } from "./asset-table.tsx";
import { ObjectFacts } from "./evidence.tsx";
import { History } from "./history.tsx";
import { NetworkAround } from "./network-around.tsx";
import { commonFacts, MergedNote, objectState } from "./object-page.tsx";
import { RecipeTable } from "./recipe-table.tsx";
import { RouteTable } from "./route-table.tsx";
import { StockTable } from "./stock-table.tsx";

const route = getRouteApi("/shell/know/sites/$siteId");

const TABS = [
  { name: "facts", label: "Facts" },
  { name: "makes", label: "What it makes" },
  { name: "network", label: "Network" },
  { name: "assets", label: "Assets" },
  { name: "stocks", label: "Stocks" },
  { name: "routes", label: "Routes" },
  { name: "tier", label: "Tier and reasons" },
  { name: "history", label: "History" },
] as const;

export function SitePage() {
  const { siteId } = route.useParams();
  const { tab = "facts", asOf, ...view } = route.useSearch();
  const change = useSearchChange();
  const { state, etag } = useAnswer(registry.sites.get, { params: { id: siteId }, query: defined({ asOf }) });
  const site = state.kind === "ready" ? state.value : undefined;
  return (
    <Page
      breadcrumbs={[{ label: "Sites", href: withAsOf("/know/sites", asOf) }]}
      title={site?.name ?? "Site"}
      state={
        site && (
          <>
            <StateBadge state={tierName(site.tier)} looks={TIER_LOOKS} />
            {objectState(site)}
          </>
        )
      }
      meaning={
        site && (
          <>
            {capital(site.kind)} in {countryName(site.country)}, of{" "}
            <a href={withAsOf(`/know/organisations/${site.organisation}`, asOf)}>
              {site.labels[site.organisation] ?? "an organisation"}
            </a>
          </>
        )
      }
      actions={
        <>
          <AsOfControl />
          {site && asOf === undefined && (
            <ObjectActions kind="site" id={siteId} name={site.name} state={site.state} etag={etag} />
          )}
        </>
      }
    >
      <AsOfBanner except="Its tier and history are those of now." />
      <Loaded state={state} lines={8}>
        {(loaded) => (
          <>
            <MergedNote object={loaded} href={(id) => `/know/sites/${id}`} />
            <Tabs
              label="Site"
              tabs={TABS}
              chosen={tab}
              onChoose={(name) =>
                change({ tab: name === "facts" ? undefined : name, filter: undefined, sort: undefined, row: undefined })
              }
            >
              {tab === "facts" && <SiteFacts site={loaded} />}
              {tab === "makes" && (
                <RecipeTable query={{ site: siteId }} view={view} onView={(next) => change({ ...next })} />
              )}
              {tab === "network" && <NetworkAround of={{ site: siteId }} name={loaded.name} />}
              {tab === "assets" && (
                <AssetTable
                  site={siteId}
                  view={view}
                  onView={(next) => change({ ...next })}
                  actions={<AddLink kind="asset" known={{ site: siteId }} />}
                />
              )}
              {tab === "stocks" && <StockTable site={siteId} view={view} onView={(next) => change({ ...next })} />}
              {tab === "routes" && <RouteTable site={siteId} view={view} onView={(next) => change({ ...next })} />}
              {tab === "tier" && <SiteTier siteId={siteId} />}
              {tab === "history" && <SiteHistory siteId={siteId} />}
            </Tabs>
          </>
        )}
      </Loaded>
    </Page>
  );
}

type SiteAnswer = Output<typeof registry.sites.get>;

function SiteFacts({ site }: { site: SiteAnswer }) {
  const { position } = site;
  return (
    <ObjectFacts
      id={site.id}
      label="Facts of the site"
      evidence={site.facts}
      facts={[
        { field: "kind", label: "Kind", value: site.kind },
        { field: "country", label: "Country", value: countryName(site.country) },
        { field: "address", label: "Address", value: site.address },
        { field: "position", label: "Position", value: position && `${position.latitude}°, ${position.longitude}°` },
        { field: "gln", label: "GLN", value: site.gln, hint: "GS1 Global Location Number" },
        {
          field: "publicSafety",
          label: "Public safety",
          value: site.publicSafety,
          hint: "Tier of establishment after directive 2012/18/EU",
        },
        {
          field: "replaceDays",
          label: "Time to replace",
          value: site.replaceDays === undefined ? undefined : <Quantity value={site.replaceDays} unit="d" />,
          hint: "How long it would take to replace what this site does, from nothing",
        },
        {
          field: "hazards",
          label: "Hazards",
          value:
            site.hazards.length === 0
              ? undefined
              : site.hazards.map((hazard) => (
                  <div key={`${hazard.threat} ${hazard.level}`}>
                    {THREAT_TEXTS[hazard.threat].title}, level {hazard.level} of 5
                    {hazard.note && <span className="dimmed"> {hazard.note}</span>}
                  </div>
                )),
        },
        ...commonFacts(site),
      ]}
    />
  );
}

function SiteTier({ siteId }: { siteId: string }) {
  const { state } = useAnswer(designation.getSiteTier, { params: { id: siteId } });
  const history = useListing(designation.listSiteTierHistory, { params: { id: siteId } });
  return <Loaded state={state}>{(tier) => <SiteTierView tier={tier} history={history} />}</Loaded>;
}

function SiteHistory({ siteId }: { siteId: string }) {
  return <History kind="site" id={siteId} listing={useListing(registry.sites.history, { params: { id: siteId } })} />;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
