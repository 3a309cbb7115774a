/** Every route of the console. Pages are loaded when they are first shown. */
import { createRouter } from "@tanstack/react-router";
import { knowRoutes } from "./know/routes.ts";
import { platformRoutes, publicRoutes } from "./platform/routes.ts";
import { PagePending } from "./shell/page-pending.tsx";
import { proveRoutes } from "./prove/routes.ts";
import { shareRoutes } from "./share/routes.ts";
import { rootRoute, shellRoute } from "./shell/root.tsx";
import { RouteError } from "./shell/route-error.tsx";
import { parseSearch, stringifySearch } from "./shell/search-params.ts";

const routeTree = rootRoute.addChildren([
  ...publicRoutes,
  shellRoute.addChildren([...knowRoutes, ...proveRoutes, ...shareRoutes, ...platformRoutes]),
]);

export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
  defaultPreload: false,
  defaultErrorComponent: RouteError,
  defaultPendingComponent: PagePending,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
