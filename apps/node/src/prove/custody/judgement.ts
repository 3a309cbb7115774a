/** What judging a neighbourhood gives, as it is kept: findings, flows, things, and what is to be looked at again. */

/** A finding as it is kept. */
export interface FoundRow {
  readonly rule: string;
  readonly subject: string;
  readonly isThing: boolean;
  readonly firstEvent: string;
  readonly ordinal: number;
  readonly digest: string;
  readonly at: Date;
  readonly place: string | null;
  readonly amount: string | null;
  readonly unit: string | null;
  readonly explanation: string;
  readonly events: readonly string[];
}

export interface FlowRow {
  readonly thing: string;
  readonly site: string;
  readonly product: string;
  readonly kind: string;
  readonly at: string;
  readonly amount: string | null;
  readonly unit: string;
  readonly event: string;
}

export interface ThingRow {
  readonly id: string;
  readonly level: string;
  readonly lastSeenAt: string;
  readonly lastPlace: string | null;
  readonly eventCount: number;
}

export interface Judgement {
  readonly dirty: readonly string[];
  readonly dirtyEvents: readonly string[];
  readonly found: readonly FoundRow[];
  readonly flows: readonly FlowRow[];
  readonly things: readonly ThingRow[];
  /** Things to look at again, and when. */
  readonly due: readonly { readonly thing: string; readonly at: string }[];
}
