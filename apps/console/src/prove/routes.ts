/** Routes of the second pillar: is it what it claims to be, and could anyone have changed what is on record? */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../shell/root.tsx";
import { choiceParam, defined, type RawSearch, tableParams, textParam } from "../shell/search-params.ts";

const getParentRoute = () => shellRoute;

export const proveRoutes = [
  createRoute({
    getParentRoute,
    path: "/prove/lots",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        level: choiceParam(search["level"], ["lot", "instance", "product", "every"]),
        text: textParam(search["text"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./thread/lots-page.tsx"), "LotsPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/prove/lots/$lotId",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        tab: choiceParam(search["tab"], ["origin", "products", "events", "map", "findings", "credentials", "evidence"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./thread/lot-page.tsx"), "LotPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/prove/findings",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        state: choiceParam(search["state"], ["open", "resolved", "undone", "all"]),
        rule: textParam(search["rule"]),
        whose: choiceParam(search["whose"], ["me", "nobody"]),
        open: textParam(search["open"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./thread/findings-page.tsx"), "FindingsPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/prove/balance",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        from: textParam(search["from"]),
        to: textParam(search["to"]),
        site: textParam(search["site"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./thread/balance-page.tsx"), "BalancePage"),
  }),
  createRoute({
    getParentRoute,
    path: "/prove/captures",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        tab: choiceParam(search["tab"], ["captures", "subscriptions"]),
        open: textParam(search["open"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./thread/captures-page.tsx"), "CapturesPage"),
  }),
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
