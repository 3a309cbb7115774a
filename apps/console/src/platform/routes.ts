/** Routes of the node's own pages: signing in, people, tokens, decisions, jobs, account. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute, shellRoute } from "../shell/root.tsx";
import { choiceParam, defined, type RawSearch, tableParams, textParam } from "../shell/search-params.ts";

export const publicRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/sign-in",
    validateSearch: (search: RawSearch): { returnTo?: string | undefined; problem?: string | undefined } =>
      defined({ returnTo: textParam(search["returnTo"]), problem: textParam(search["problem"]) }),
    component: lazyRouteComponent(() => import("./sign-in-page.tsx"), "SignInPage"),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/set-up",
    component: lazyRouteComponent(() => import("./set-up-page.tsx"), "SetUpPage"),
  }),
] as const;

export const platformRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/people",
    validateSearch: tableParams,
    component: lazyRouteComponent(() => import("./people-page.tsx"), "PeoplePage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/tokens",
    validateSearch: tableParams,
    component: lazyRouteComponent(() => import("./tokens-page.tsx"), "TokensPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/decisions",
    validateSearch: (search: RawSearch) => ({
      ...tableParams(search),
      ...defined({
        tab: choiceParam(search["tab"], ["decisions", "policies"]),
        denied: choiceParam(search["denied"], ["true"]),
        action: textParam(search["action"]),
        principalId: textParam(search["principalId"]),
      }),
    }),
    component: lazyRouteComponent(() => import("./decisions-page.tsx"), "DecisionsPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/jobs",
    validateSearch: tableParams,
    component: lazyRouteComponent(() => import("./jobs-page.tsx"), "JobsPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/jobs/$jobId",
    component: lazyRouteComponent(() => import("./job-page.tsx"), "JobPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/account",
    validateSearch: (search: RawSearch): { tab?: "sessions" | "passkeys" | "password" | undefined } =>
      defined({ tab: choiceParam(search["tab"], ["sessions", "passkeys", "password"]) }),
    component: lazyRouteComponent(() => import("./account-page.tsx"), "AccountPage"),
  }),
] as const;
