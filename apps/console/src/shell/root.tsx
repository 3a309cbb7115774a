/** The two parents of all routes: pages for everyone, and pages behind a session. */
import { createRootRoute, createRoute, Outlet, redirect } from "@tanstack/react-router";
import { EmptyState } from "../ui/notice.tsx";
import { Page } from "../ui/page.tsx";
import { isSignedOut, queryClient } from "./api.ts";
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
    <main>
      <Page title="There is no such page">
        <EmptyState what="The address leads nowhere." start={<a href="/">Go to the overview</a>} />
      </Page>
    </main>
  ),
});

/** Every page below it has someone who is signed in. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (!isSignedOut(error)) throw error;
      throw redirect({ href: `/sign-in?${new URLSearchParams({ returnTo: location.href })}` });
    }
  },
});
