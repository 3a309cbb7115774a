/**
 * A checked supply network: indices for names, defaults filled in and remembered, nominal flows worked out. Everything in
 * packages/supply that knows processes reads this structure; nothing keeps a copy of its own. Made by network-reader.ts.
 * Invariants: shares of the used arcs of a group add up to 1; a process that sells makes something; no number is negative
 * or missing, and all but arc capacities are finite. Reference sheet section 1.
 */
import type { GroupEssentiality } from "./supply-model.ts";

export interface NetworkItem {
  readonly id: string;
  readonly unit: string;
  readonly kind: "material" | "part" | "product" | "service";
  readonly sector: string;
  readonly price: number;
}

export interface NetworkSite {
  readonly id: string;
  readonly owner: string | undefined;
  readonly country: string | undefined;
  readonly exposures: readonly string[];
  readonly recoveryDays: number;
  /** Indices into the processes. */
  readonly processes: readonly number[];
}

export interface NetworkProcess {
  readonly id: string;
  readonly site: number;
  readonly item: number;
  readonly capacity: number;
  readonly rate: number;
  readonly stock: number;
  readonly demand: number;
  readonly margin: number;
  readonly valueAddedPerDay: number;
  readonly recoveryDays: number;
  readonly groups: readonly NetworkGroup[];
}

export interface NetworkGroup {
  readonly id: string;
  readonly quantity: number;
  readonly essentiality: GroupEssentiality;
  readonly costShare: number;
  /** Units on the shelf at the start. */
  readonly stock: number;
  /** Units on the shelf and on the way: what still arrives when every supplier stops today. */
  readonly cover: number;
  readonly quorum: number;
  readonly arcs: readonly NetworkArc[];
}

export interface NetworkArc {
  /** Index into the processes. */
  readonly supplier: number;
  readonly share: number;
  /** Units per day in normal operation; 0 for arcs that are not used. */
  readonly flow: number;
  readonly capacity: number;
  readonly lagDays: number;
  readonly status: "used" | "qualified" | "unqualified";
  readonly switchDays: number;
}

export interface NetworkHazard {
  readonly id: string;
  readonly category: string;
  /** Indices into the sites. */
  readonly sites: readonly number[];
  readonly ratePerYear: UncertainNumber;
  readonly vulnerability: UncertainNumber;
  readonly downtimeDays: { readonly low: number; readonly high: number };
  readonly depth: number;
}

export interface UncertainNumber {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A number that nobody measured or stated, and where it stands. */
export interface Assumption extends UncertainNumber {
  readonly path: string;
  readonly origin: "estimated" | "default";
}

export interface SupplyNetwork {
  readonly items: readonly NetworkItem[];
  readonly sites: readonly NetworkSite[];
  readonly processes: readonly NetworkProcess[];
  readonly hazards: readonly NetworkHazard[];
  readonly assumptions: readonly Assumption[];
  /** What was accepted and should be looked at, in sentences. */
  readonly notes: readonly string[];
}
