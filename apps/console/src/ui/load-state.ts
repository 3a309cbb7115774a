/**
 * What there is to show of something that is fetched: the six designed states. Empty is a ready value without rows, and is
 * told by whoever knows what would be there; partial and stale are ready values with a remark.
 */

/** A failure as people read it: what happened, its code, and what to do now. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
  /** What to quote to whoever runs the node. */
  readonly reference?: string;
}

export type LoadState<Value> =
  | { readonly kind: "loading" }
  | {
      readonly kind: "ready";
      readonly value: Value;
      /** Why there is less than all of it: "the first 1 000 of 100 000". */
      readonly partial?: string;
      /** Since when the value could not be refreshed. */
      readonly staleSince?: Date;
    }
  | { readonly kind: "forbidden"; readonly why: string }
  | { readonly kind: "failed"; readonly failure: Failure; readonly retry?: () => void };

/** The same state of something derived from its value. */
export function mapState<From, To>(state: LoadState<From>, map: (value: From) => To): LoadState<To> {
  return state.kind === "ready" ? { ...state, value: map(state.value) } : state;
}

export function ready<Value>(value: Value): LoadState<Value> {
  return { kind: "ready", value };
}
