/** Routes of the first pillar: what we depend on, and what happens if it fails. */
import { registry } from "@holdfast/api";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../shell/root.tsx";
import { simulationPages } from "./simulation/pages.ts";
import { choiceParam, defined, instantParam, type RawSearch, tableParams, textParam } from "../shell/search-params.ts";

const getParentRoute = () => shellRoute;

/** Two capital letters, or nothing. */
function countryParam(value: unknown): string | undefined {
  const text = textParam(value);
  return text && /^[A-Z]{2}$/.test(text) ? text : undefined;
}

/** The instant at which the registry is looked at, and whether at what was retired. */
const asOfParam = (search: RawSearch) => ({ asOf: instantParam(search["asOf"]) });
const heldParams = (search: RawSearch) => ({ ...asOfParam(search), state: choiceParam(search["state"], ["retired"]) });

/** What a new object may begin with. */
const ADD_PARAMS = ["site", "item", "organisation", "parent", "from", "to", "name", "country"] as const;
type AddParams = { readonly [Name in (typeof ADD_PARAMS)[number]]?: string };

export const knowRoutes = [
  createRoute({
    getParentRoute,
    path: "/",
    component: lazyRouteComponent(() => import("./overview-page.tsx"), "OverviewPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/sites",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        ...heldParams(search),
        tab: choiceParam(search["tab"], ["table", "map"]),
        kind: choiceParam(search["kind"], registry.SITE_KINDS),
        country: countryParam(search["country"]),
        tier: choiceParam(search["tier"], ["1", "2", "3"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./registry/sites-page.tsx"), "SitesPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/sites/$siteId",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        ...asOfParam(search),
        tab: choiceParam(search["tab"], ["facts", "makes", "network", "assets", "stocks", "routes", "tier", "history"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./registry/site-page.tsx"), "SitePage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/organisations",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({ ...heldParams(search), country: countryParam(search["country"]) }),
    }),
    component: lazyRouteComponent(() => import("./registry/organisations-page.tsx"), "OrganisationsPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/organisations/$organisationId",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        ...asOfParam(search),
        tab: choiceParam(search["tab"], ["facts", "sites", "network", "history"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./registry/organisation-page.tsx"), "OrganisationPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/assets",
    validateSearch: (search: RawSearch) => ({ ...tableParams(search), ...defined(heldParams(search)) }),
    component: lazyRouteComponent(() => import("./registry/assets-page.tsx"), "AssetsPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/assets/$assetId",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({ ...asOfParam(search), tab: choiceParam(search["tab"], ["facts", "history"]) }),
    }),
    component: lazyRouteComponent(() => import("./registry/asset-page.tsx"), "AssetPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/items",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({ ...heldParams(search), kind: choiceParam(search["kind"], registry.ITEM_KINDS) }),
    }),
    component: lazyRouteComponent(() => import("./registry/items-page.tsx"), "ItemsPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/items/$itemId",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        ...asOfParam(search),
        tab: choiceParam(search["tab"], ["origin", "network", "makers", "facts", "history"]),
        site: textParam(search["site"]),
        level: choiceParam(search["level"], ["materials", "countries", "suppliers", "sites"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./risk/item-page.tsx"), "ItemPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/add/$kind",
    validateSearch: (search: RawSearch) =>
      defined(Object.fromEntries(ADD_PARAMS.map((name) => [name, textParam(search[name])]))) as AddParams, // the names above
    component: lazyRouteComponent(() => import("./form/add-page.tsx"), "AddPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/edit/$kind/$id",
    validateSearch: (search: RawSearch): { version?: string | undefined } => {
      const version = textParam(search["version"]);
      return defined({ version: version && /^\d{1,9}$/.test(version) ? version : undefined });
    },
    component: lazyRouteComponent(() => import("./form/edit-page.tsx"), "EditPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/minerals",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        stage: choiceParam(search["stage"], registry.MINERAL_STAGES),
        country: countryParam(search["country"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./mineral/minerals-page.tsx"), "MineralsPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/minerals/$mineralId",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({ series: textParam(search["series"]) }),
    }),
    component: lazyRouteComponent(() => import("./mineral/mineral-page.tsx"), "MineralPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/single-sources",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        level: choiceParam(search["level"], ["site", "supplier", "country"]),
        essentiality: choiceParam(search["essentiality"], registry.ESSENTIALITIES),
        bought: choiceParam(search["bought"], ["goods", "services", "both"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./risk/single-sources-page.tsx"), "SingleSourcesPage"),
  }),
  ...simulationPages,
  createRoute({
    getParentRoute,
    path: "/know/designation",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        tab: choiceParam(search["tab"], ["sites", "criteria", "versions"]),
        tier: choiceParam(search["tier"], ["1", "2", "3"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./designation/designation-page.tsx"), "DesignationPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/designation/new",
    component: lazyRouteComponent(() => import("./designation/propose-page.tsx"), "ProposePage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/designation/$criteriaId",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({ tab: choiceParam(search["tab"], ["rules", "changes", "edit"]) }),
    }),
    component: lazyRouteComponent(() => import("./designation/criteria-page.tsx"), "CriteriaPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/duplicates",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        tab: choiceParam(search["tab"], ["suspects", "merges"]),
        kind: choiceParam(search["kind"], registry.MERGE_KINDS),
      }),
    }),
    component: lazyRouteComponent(() => import("./registry/duplicates-page.tsx"), "DuplicatesPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/import",
    validateSearch: tableParams,
    component: lazyRouteComponent(() => import("./exchange/imports-page.tsx"), "ImportsPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/import/$importId",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({ step: choiceParam(search["step"], ["columns", "report"]) }),
    }),
    component: lazyRouteComponent(() => import("./exchange/import-page.tsx"), "ImportPage"),
  }),
] as const;
