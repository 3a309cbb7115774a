/** Routes of simulation: questions, scenarios, comparisons, single points. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../shell/root.tsx";
import { choiceParam, defined, type RawSearch, tableParams, textParam } from "../../shell/search-params.ts";

const getParentRoute = () => shellRoute;
const PARTS_LENGTH_MAX = 6_000; // the node takes URLs of 8,192 characters
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
] as const;
