/**
 * The syntax tree of a STIX pattern, STIX 2.1 section 9. Operators hold all their operands in one list, so that the
 * depth of a tree is the depth of its parentheses, not the number of its terms.
 */
import type { Net } from "../address.ts";
import type { Regex } from "../regex/regex.ts";
import type { Instant } from "../timestamp.ts";

export interface Pattern {
  readonly text: string;
  readonly root: ObservationNode;
  /** True when the text has the form of STIX 2.0 that 2.1 replaced: `START '…' STOP '…'`. */
  readonly legacy: boolean;
}

/** What holds over observations. FOLLOWEDBY is left-associative: each operand comes after all before it. */
export type ObservationNode =
  | { readonly kind: "block"; readonly comparison: ComparisonNode }
  | { readonly kind: "and" | "or" | "followedby"; readonly operands: readonly ObservationNode[] }
  | {
      readonly kind: "startstop";
      readonly operand: ObservationNode;
      readonly startMicros: number;
      readonly stopMicros: number;
    }
  | { readonly kind: "within"; readonly operand: ObservationNode; readonly windowMicros: number }
  | { readonly kind: "repeats"; readonly operand: ObservationNode; readonly times: number };

/** What holds over one object of one observation. */
export type ComparisonNode =
  | { readonly kind: "and" | "or"; readonly operands: readonly ComparisonNode[] }
  | TestNode
  | { readonly kind: "exists"; readonly path: ObjectPath; readonly negated: boolean };

export interface TestNode {
  readonly kind: "test";
  readonly path: ObjectPath;
  readonly negated: boolean;
  readonly test: Test;
}

export type Test =
  | { readonly operator: "=" | "!=" | "<" | "<=" | ">" | ">="; readonly literal: Literal }
  | { readonly operator: "IN"; readonly literals: readonly Literal[] }
  | { readonly operator: "LIKE"; readonly text: string }
  /** For octets when the path ends in `_hex` or `_bin`; undefined when its text can't be octets, so that it never matches. */
  | { readonly operator: "MATCHES"; readonly text: string; readonly regex: Regex | undefined }
  | { readonly operator: "ISSUBSET" | "ISSUPERSET"; readonly net: Net };

export type Literal =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "bytes"; readonly value: Uint8Array }
  | { readonly kind: "timestamp"; readonly value: Instant };

export interface ObjectPath {
  readonly type: string;
  readonly steps: readonly PathStep[];
}

/** A property or key, an index into a list, or `*` for each of its items. */
export type PathStep = { readonly key: string } | { readonly index: number } | "*";
