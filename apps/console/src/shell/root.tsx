/** The two parents of all routes: pages for everyone, and pages behind a session. */
import { createRootRoute, createRoute, Outlet, redirect } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { isSignedOut, queryClient } from "./api.ts";
import { PagePending } from "./page-pending.tsx";
import { RouteError } from "./route-error.tsx";
import { meQuery } from "./session.tsx";
import { Frame, Shell } from "./shell.tsx";

export const rootRoute = createRootRoute({
  component: () => (
    <Frame>
      <Outlet />
    </Frame>
  ),
  errorComponent: RouteError,
  notFoundComponent: () => (
    <Suspense fallback={<PagePending />}>
      <NotFound />
    </Suspense>
  ),
});

const NotFound = lazy(() => import("./not-found.tsx").then((module) => ({ default: module.NotFound })));

/** Every page below it has someone who is signed in. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  component: () => <Shell />,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (!isSignedOut(error)) throw error;
      throw redirect({ href: `/sign-in?${new URLSearchParams({ returnTo: location.href })}` });
    }
  },
});
