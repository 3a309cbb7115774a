/**
 * A simple event query (EPCIS 2.0 8.2.7.1) as conditions, independent of how it was written. Values of one condition are
 * alternatives, conditions are joined by "and". Values are in the form of event-facts.ts.
 */
import type { TermKind } from "./prepare.ts";

export type Comparison = "GT" | "GE" | "LT" | "LE";
export type TimeField = "eventTime" | "recordTime" | "errorTime";

export type Condition =
  | { readonly kind: "word"; readonly word: TermKind; readonly terms: readonly string[]; readonly within: boolean }
  | { readonly kind: "action"; readonly actions: readonly string[] }
  | { readonly kind: "time"; readonly field: TimeField; readonly comparison: "GE" | "LT"; readonly ms: number }
  | { readonly kind: "id"; readonly roles: number; readonly ids: readonly string[] }
  /** Any fact under one of the dimensions with one of the values. */
  | { readonly kind: "equal"; readonly dimensions: readonly string[]; readonly values: readonly string[] }
  | { readonly kind: "has"; readonly dimensions: readonly string[] }
  | {
      readonly kind: "compare";
      readonly dimensions: readonly string[];
      readonly comparison: Comparison;
      readonly value: { readonly decimal: string } | { readonly ms: number };
    }
  /** The event is an error declaration. */
  | { readonly kind: "error" };

/** `eventTime`, `recordTime`, or the dimension of an extension field. */
export type OrderField = "eventTime" | "recordTime" | { readonly dimension: string };

export interface EventQuery {
  readonly conditions: readonly Condition[];
  readonly orderBy: OrderField | undefined;
  readonly direction: "ASC" | "DESC";
  /** Only the first so many, in the order asked for. */
  readonly eventCountLimit: number | undefined;
  /** More than so many is an error. */
  readonly maxEventCount: number | undefined;
}
