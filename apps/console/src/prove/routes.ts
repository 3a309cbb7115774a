/** Routes of the second pillar: is it what it claims to be, and could anyone have changed what is on record? */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../shell/root.tsx";
import { choiceParam, defined, type RawSearch, tableParams, textParam } from "../shell/search-params.ts";

const getParentRoute = () => shellRoute;

export const proveRoutes = [
  createRoute({
    getParentRoute,
    path: "/prove/ledger",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        tab: choiceParam(search["tab"], ["statements", "kinds", "witnesses", "checkpoint", "keys", "forks"]),
        kind: textParam(search["kind"]),
        subject: textParam(search["subject"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./ledger/ledger-page.tsx"), "LedgerPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/prove/ledger/$statementId",
    component: lazyRouteComponent(() => import("./ledger/statement-page.tsx"), "StatementPage"),
  }),
] as const;
