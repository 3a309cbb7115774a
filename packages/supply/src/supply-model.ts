/**
 * The one model of a supply network that every calculation reads (reference sheet section 1). A process makes one item at
 * one site; its recipe is an AND of input groups, each group an OR (or "at least q") of arcs from other processes. Power,
 * water, ports and IT systems are items of kind service. This file says what a model looks like as data; reading and
 * checking it is in supply-network.ts. Rates are units per day, times are days, money is one currency.
 */

/** 0 negligible, 1 non-essential (lowers output in proportion to its cost share), 2 essential (stops output). */
export type GroupEssentiality = 0 | 1 | 2;

/** A number, or a number that says how sure it is. Missing numbers stay missing; filled ones say so. */
export type Amount = number | Estimate;

export interface Estimate {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  readonly origin: "measured" | "stated" | "estimated" | "default";
}

export interface SupplyModel {
  readonly items: readonly Item[];
  readonly sites: readonly Site[];
  readonly processes: readonly Process[];
  readonly hazards?: readonly Hazard[];
}

export interface Item {
  readonly id: string;
  readonly unit: string;
  readonly kind: "material" | "part" | "product" | "service";
  readonly sector?: string;
  /** Money per unit. */
  readonly price?: Amount;
}

export interface Site {
  readonly id: string;
  readonly owner?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  /** River basin, port, grid or other things that several sites lose together, by name. */
  readonly exposures?: readonly string[];
  readonly latitude?: number;
  readonly longitude?: number;
  /** Time to recover after the site stopped entirely. */
  readonly recoveryDays?: Amount;
}

export interface Process {
  readonly id: string;
  readonly site: string;
  readonly item: string;
  readonly capacityPerDay: Amount;
  readonly ratePerDay: Amount;
  readonly stock?: Amount;
  /** Final demand outside the network. */
  readonly demandPerDay?: Amount;
  readonly marginPerUnit?: Amount;
  readonly valueAddedPerDay?: Amount;
  readonly recoveryDays?: Amount;
  readonly inputs?: readonly InputGroup[];
}

export interface InputGroup {
  readonly id: string;
  readonly quantityPerUnit: Amount;
  readonly essentiality: GroupEssentiality;
  /** Part of the process's cost; needed for non-essential groups. */
  readonly costShare?: Amount;
  readonly inventoryDays?: Amount;
  /** How many suppliers must be alive, default 1. */
  readonly quorum?: number;
  readonly arcs: readonly Arc[];
}

export interface Arc {
  readonly supplier: string;
  /** Part of the group's nominal consumption; of the used arcs of a group they add up to 1. */
  readonly share?: Amount;
  /** What the lane or the contract can carry. */
  readonly capacityPerDay?: Amount;
  readonly lagDays?: Amount;
  readonly status: "used" | "qualified" | "unqualified";
  /** Until a source that is not used today delivers. */
  readonly switchDays?: Amount;
}

/** A kind of event that stops sites. */
export interface Hazard {
  readonly id: string;
  /** What an event hits: one site, or every site with this country, owner or exposure. */
  readonly scope: { readonly kind: "site" | "country" | "owner" | "exposure"; readonly value: string };
  readonly category?: string;
  /** Events per year, as a number or a calibrated 90 % interval. */
  readonly ratePerYear: Amount;
  /** Probability that a site in scope stops, given the event. */
  readonly vulnerability: Amount;
  /** 90 % interval of the downtime; lognormal. */
  readonly downtimeDays: { readonly low: number; readonly high: number };
  /** Part of capacity that is lost, default all of it. */
  readonly depth?: Amount;
  /** Where the numbers come from. */
  readonly source?: string;
}
