/**
 * A client's walk through the pages of a collection (TAXII 2.1): what to ask next, given the page that came. Invariant:
 * the walk ends, whatever the server says: each step makes progress or is refused. A page with `more` and `next` repeats
 * the same query with `next`; one with `more` alone goes on after `X-TAXII-Date-Added-Last`, overlapping nothing.
 */
import { fail, ok, type Result } from "@holdfast/kernel";
import type { StixCode } from "../problem-code.ts";
import { compareTimestamps, isTimestamp } from "../timestamp.ts";

/** Pages of one walk; a server that never ends is left after so many. */
export const MAX_WALK_PAGES = 1_000_000;
/** Empty pages one after another that promise more; a filter can make a few. */
export const MAX_EMPTY_PAGES = 20;

export interface WalkState {
  /** The time to go on after; what the next poll starts from when the walk is done. */
  readonly addedAfter: string | undefined;
  readonly next: string | undefined;
  readonly pages: number;
  /** Empty pages in a row. */
  readonly emptyPages: number;
  readonly isDone: boolean;
  /** Where this walk began: the `added_after` that `next` belongs to. */
  readonly origin: string | undefined;
}

export interface WalkPage {
  readonly more: boolean;
  readonly next: string | undefined;
  readonly objectCount: number;
  /** The `X-TAXII-Date-Added-Last` header. */
  readonly dateAddedLast: string | undefined;
}

export function startWalk(addedAfter: string | undefined): WalkState {
  return { addedAfter, next: undefined, pages: 0, emptyPages: 0, isDone: false, origin: addedAfter };
}

/** The `added_after` and `next` of the request that `state` stands before. */
export function requestOf(state: WalkState): { addedAfter: string | undefined; next: string | undefined } {
  return state.next === undefined
    ? { addedAfter: state.addedAfter, next: undefined }
    : { addedAfter: state.origin, next: state.next };
}

/** The state after `page`. Refuses a server that says there is more and gives no way on. */
export function advanceWalk(state: WalkState, page: WalkPage): Result<WalkState, StixCode> {
  const last = page.dateAddedLast !== undefined && isTimestamp(page.dateAddedLast) ? page.dateAddedLast : undefined;
  const addedAfter = later(state.addedAfter, last);
  const pages = state.pages + 1;
  if (!page.more) return ok({ ...state, addedAfter, next: undefined, pages, isDone: true });
  if (pages >= MAX_WALK_PAGES) return fail("stix/taxii", `the server gave ${pages} pages and promises more`);
  if (page.next !== undefined) {
    const emptyPages = page.objectCount === 0 ? state.emptyPages + 1 : 0;
    if (page.next === state.next || emptyPages > MAX_EMPTY_PAGES)
      return fail("stix/taxii", "the server promises more and repeats itself: its page made no progress");
    return ok({ ...state, addedAfter, next: page.next, pages, emptyPages });
  }
  if (last === undefined || (state.addedAfter !== undefined && compareTimestamps(last, state.addedAfter) <= 0))
    return fail(
      "stix/taxii",
      "the server promises more and names neither `next` nor a later `X-TAXII-Date-Added-Last`",
    );
  return ok({ addedAfter, next: undefined, pages, emptyPages: 0, isDone: false, origin: addedAfter });
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareTimestamps(a, b) >= 0 ? a : b;
}
