/** Routes of what could happen: questions, scenarios, single points, measures, risks, plans. */
import { registry } from "@holdfast/api";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../shell/root.tsx";
import { choiceParam, defined, type RawSearch, tableParams, textParam } from "../../shell/search-params.ts";

const getParentRoute = () => shellRoute;
const PARTS_LENGTH_MAX = 6_000; // the node takes URLs of 8,192 characters
/** As in the contract, which stays out of the first load. */
const THREATS = [
  "sabotage",
  "equipment-theft",
  "design-theft",
  "insider",
  "cyber",
  "counterfeit",
  "supply-interruption",
  "natural-hazard",
  "coercion",
] as const;
const ANSWER_TABS = ["course", "sites", "products", "map", "alternatives", "pools", "method"] as const;

/** A scenario as scenario-text.ts writes it; read by the page, so that the contract stays out of the first load. */
function partsParam(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= PARTS_LENGTH_MAX ? value : undefined;
}

export const simulationPages = [
  createRoute({
    getParentRoute,
    path: "/know/what-if",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({ parts: partsParam(search["parts"]), tab: choiceParam(search["tab"], ANSWER_TABS) }),
    }),
    component: lazyRouteComponent(() => import("./what-if-page.tsx"), "WhatIfPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/scenarios/$scenarioId",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({ run: textParam(search["run"]), tab: choiceParam(search["tab"], ANSWER_TABS) }),
    }),
    component: lazyRouteComponent(() => import("./scenario-page.tsx"), "ScenarioPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/comparison",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({ left: textParam(search["left"]), right: textParam(search["right"]) }),
    }),
    component: lazyRouteComponent(() => import("./comparison-page.tsx"), "ComparisonPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/single-points",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({ level: choiceParam(search["level"], ["site", "supplier", "country", "item"]) }),
    }),
    component: lazyRouteComponent(() => import("./single-points-page.tsx"), "SinglePointsPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/alternatives",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({ site: textParam(search["site"]), days: textParam(search["days"]) }),
    }),
    component: lazyRouteComponent(() => import("./alternatives-page.tsx"), "AlternativesPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/ranking",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        tab: choiceParam(search["tab"], ["sites", "losses", "alerts", "calibration"]),
        kind: choiceParam(search["kind"], registry.SITE_KINDS),
        country: textParam(search["country"])?.slice(0, 2),
      }),
    }),
    component: lazyRouteComponent(() => import("../risk/ranking-page.tsx"), "RankingPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/ranking/$siteId",
    component: lazyRouteComponent(() => import("../risk/site-measure-page.tsx"), "SiteMeasurePage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/risks",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        state: choiceParam(search["state"], ["open", "accepted", "expired", "closed"]),
        threat: choiceParam(search["threat"], THREATS),
      }),
    }),
    component: lazyRouteComponent(() => import("../risk/risks-page.tsx"), "RisksPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/risks/new",
    component: lazyRouteComponent(() => import("../risk/risk-page.tsx"), "NewRiskPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/risks/$riskId",
    validateSearch: (search: RawSearch) => ({
      ...defined({ tab: choiceParam(search["tab"], ["facts", "accept", "edit", "history"]) }),
    }),
    component: lazyRouteComponent(() => import("../risk/risk-page.tsx"), "RiskPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/plans",
    validateSearch: tableParams,
    component: lazyRouteComponent(() => import("../investment/plans-page.tsx"), "PlansPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/plans/new",
    component: lazyRouteComponent(() => import("../investment/new-plan-page.tsx"), "NewPlanPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/know/plans/$planId",
    validateSearch: (search: RawSearch) => ({
      ...defined({
        tab: choiceParam(search["tab"], ["choice", "losses", "decision"]),
        budget: textParam(search["budget"]),
      }),
    }),
    component: lazyRouteComponent(() => import("../investment/plan-page.tsx"), "PlanPage"),
  }),
] as const;
