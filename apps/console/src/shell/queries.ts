/** Asking the node from a page: one answer, a list that comes in pages, or an act. What comes back is what blocks show. */
import { type CallOptions, type Input, type Output, type Route } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import type { Failure, LoadState } from "../ui/load-state.ts";
import { api } from "./api.ts";
import { failureOf, fieldErrors } from "./failure.ts";

interface Asked<Value> {
  readonly data: Value | undefined;
  readonly error: Error | null;
  readonly isError: boolean;
  readonly dataUpdatedAt: number;
  readonly refetch: () => unknown;
}

/** A query as one of the designed states. An old answer that could not be refreshed is stale, and still shown. */
export function stateOf<Value>(asked: Asked<Value>): LoadState<Value> {
  const { data, error, isError, dataUpdatedAt, refetch } = asked;
  if (data !== undefined)
    return { kind: "ready", value: data, ...(isError ? { staleSince: new Date(dataUpdatedAt) } : {}) };
  if (!error) return { kind: "loading" };
  if (error instanceof Problem && error.code === "access/denied") return { kind: "forbidden", why: error.message };
  return { kind: "failed", failure: failureOf(error), retry: () => void refetch() };
}

export interface AskOptions {
  /** Ask nothing yet; the state is then loading. */
  readonly isOff?: boolean;
  /** Ask again after this time; false when there is nothing left to wait for. */
  readonly everyMs?: number | false;
}

/** The schema of what `route` takes, for forms. @throws Error when it takes no body */
export function schemaOf<R extends Route>(route: R): NonNullable<R["body"]> {
  if (!route.body) throw new Error(`${route.id} takes no body`);
  return route.body;
}

/** What `route` answers, with the ETag that an edit needs. */
export function useAnswer<R extends Route>(route: R, input: Input<R>, options: AskOptions = {}) {
  const asked = useQuery({
    queryKey: [route.id, input],
    queryFn: ({ signal }) => api.call(route, input, { signal }),
    enabled: !options.isOff,
    ...(options.everyMs === undefined ? {} : { refetchInterval: options.everyMs }),
  });
  const { data, error, isError, dataUpdatedAt, refetch } = asked;
  const state = useMemo(
    () => stateOf({ data: data?.body, error, isError, dataUpdatedAt, refetch }),
    [data, error, isError, dataUpdatedAt, refetch],
  );
  return { state, etag: data?.etag, refetch };
}

/** A route that answers with pages. */
type Listed<R> = Output<R> extends { items: readonly (infer Item)[]; next: string | null } ? Item : never;

export interface Listing<Item> {
  readonly state: LoadState<readonly Item[]>;
  /** The next page, for the table's `more`; undefined on the last one. */
  readonly more: { readonly isLoading: boolean; readonly load: () => void } | undefined;
  /** Names of what the items mention by id, where the route gives them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Units of the items that are mentioned, by id, where the route gives them. */
  readonly units: Readonly<Record<string, string>>;
}

/** The items of a list, page after page as the reader gets there. */
export function useListing<R extends Route>(route: R, input: Input<R>, options: AskOptions = {}): Listing<Listed<R>> {
  const asked = useInfiniteQuery({
    queryKey: [route.id, "pages", input],
    queryFn: async ({ signal, pageParam }) => {
      const query = { ...queryOf(input), ...(pageParam === "" ? {} : { after: pageParam }) };
      // the route takes a page's query, which `Listed` makes sure of
      const { body } = await api.call(route, { ...asObject(input), query } as Input<R>, { signal });
      return body as {
        items: Listed<R>[];
        next: string | null;
        labels?: Record<string, string>;
        units?: Record<string, string>;
      }; // as above
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData, // a new filter shows the old rows until its own are there
    enabled: !options.isOff,
    ...(options.everyMs === undefined ? {} : { refetchInterval: options.everyMs }),
  });
  const { data, error, isError, dataUpdatedAt, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = asked;
  const value = useMemo(() => data?.pages.flatMap((page) => page.items), [data]);
  const [labels, units] = useMemo(() => {
    const pages = data?.pages ?? [];
    return [
      Object.assign({}, ...pages.map((page) => page.labels)),
      Object.assign({}, ...pages.map((page) => page.units)),
    ];
  }, [data]);
  const state = useMemo(
    () => stateOf({ data: value, error, isError, dataUpdatedAt, refetch }),
    [value, error, isError, dataUpdatedAt, refetch],
  );
  const load = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  return { state, more: hasNextPage ? { isLoading: isFetchingNextPage, load } : undefined, labels, units };
}

function asObject(input: unknown): object {
  return typeof input === "object" && input !== null ? input : {};
}

function queryOf(input: unknown): object {
  return asObject("query" in asObject(input) ? (input as { query: unknown }).query : {}); // just looked for
}

export type Done<R> =
  | { readonly ok: true; readonly body: Output<R> }
  | { readonly ok: false; readonly failure: Failure };

/** Doing something. With `isLeaving` the page is left afterwards, and asks nothing again. `act` never throws: it resolves to the answer or to why there is none, which `failure` shows too. */
export function useAct<R extends Route>(route: R, options: { readonly isLeaving?: boolean } = {}) {
  const client = useQueryClient();
  const { mutateAsync, isPending, error, reset } = useMutation({
    mutationFn: (call: { input: Input<R>; options: CallOptions }) => api.call(route, call.input, call.options),
    // whatever was done, what is on screen may have changed by it
    onSuccess: () => (options.isLeaving ? undefined : void client.invalidateQueries()),
  });
  const act = useCallback(
    async (input: Input<R>, callOptions: CallOptions = {}): Promise<Done<R>> => {
      try {
        return { ok: true, body: (await mutateAsync({ input, options: callOptions })).body };
      } catch (failed) {
        return { ok: false, failure: failureOf(failed) };
      }
    },
    [mutateAsync],
  );
  const failure = error ? failureOf(error) : undefined;
  return { act, isBusy: isPending, failure, fields: fieldErrors(error), reset };
}
