/** Routes of the third pillar: what touches us, and what may we tell whom? */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../shell/root.tsx";
import { choiceParam, defined, type RawSearch, tableParams, textParam } from "../shell/search-params.ts";

const getParentRoute = () => shellRoute;

export const shareRoutes = [
  createRoute({
    getParentRoute,
    path: "/share",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        list: choiceParam(search["list"], ["open", "confirmed", "all"]),
        state: choiceParam(search["state"], ["affected", "look"]),
        object: textParam(search["object"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./intel/touches-page.tsx"), "TouchesPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/share/intel/$stixId",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({ tab: choiceParam(search["tab"], ["facts", "graph", "versions", "sightings", "record"]) }),
    }),
    component: lazyRouteComponent(() => import("./intel/object-page.tsx"), "ObjectPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/share/sources",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        tab: choiceParam(search["tab"], ["documents", "objects"]),
        kind: choiceParam(search["kind"], ["csaf", "kev", "warninglist"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./intel/sources-page.tsx"), "SourcesPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/share/collections",
    validateSearch: tableParams,
    component: lazyRouteComponent(() => import("./intel/collections-page.tsx"), "CollectionsPage"),
  }),
] as const;
