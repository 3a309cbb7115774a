/** The console's one client of its node, and the cache of what it answered. A session that has ended leads to the sign-in page. */
import { createClient } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";

const STALE_MS = 15_000; // what was asked for this long ago is shown, and asked for again
const SIGNED_OUT = ["access/unauthenticated", "access/session-expired", "account/disabled"];

// randomUUID exists in secure contexts only, and a node on a plant's own network may speak plain http
const ports = {
  clock: { now: () => new Date() },
  random: { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) },
};

export const api = createClient({
  origin: "",
  fetch: (url, init) => fetch(url, init),
  newKey: () => uuid7(ports),
});

export function isSignedOut(error: unknown): boolean {
  return error instanceof Problem && SIGNED_OUT.includes(error.code);
}

/** Loads the page anew, so that nothing of the session before stays in memory. */
function leaveWhenSignedOut(error: unknown): void {
  if (!isSignedOut(error) || PUBLIC_PATHS.includes(location.pathname)) return;
  location.assign(`/sign-in?${new URLSearchParams({ returnTo: location.pathname + location.search })}`);
}

/** Pages that need no session. */
export const PUBLIC_PATHS = ["/sign-in", "/set-up"];

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
  mutationCache: new MutationCache({ onError: leaveWhenSignedOut }),
  defaultOptions: {
    queries: {
      staleTime: STALE_MS,
      // a problem is an answer; only silence is worth asking again
      retry: (count, error) => count < 2 && error instanceof Problem && error.code === "client/unreachable",
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
});
