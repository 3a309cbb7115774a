/** An answer as it is calculated, hashed and stored: ids and figures. Names, places and sentences come when it is read. */
import type { simulation } from "@holdfast/api";
import type { Treatment } from "./treatment.ts";

export interface RawStop {
  readonly site: string;
  readonly isHit: boolean;
  readonly missingFrom: number | null;
  readonly shortFrom: number;
  readonly shortUntil: number;
  readonly lostPpm: number;
  readonly causeItem: string | null;
}

export interface RawProduct {
  readonly site: string;
  readonly item: string;
  readonly missingFrom: number | null;
  readonly unservedFrom: number;
  readonly unservedUntil: number;
  readonly unservedUnits: number;
  readonly unservedPpm: number;
  readonly lossMinor: number;
}

export interface RawAlternative {
  readonly buyer: string;
  readonly item: string;
  readonly supplier: string;
  readonly status: "qualified" | "unqualified";
  readonly switchDays: number;
  readonly savesMinor: number;
}

export interface RawPoolMember {
  readonly organisation: string;
  readonly putsInUnits: number;
  readonly takesOutUnits: number;
  readonly lossAloneMinor: number;
  readonly lossPooledMinor: number;
}

export interface RawPool {
  readonly pool: string;
  readonly rule: simulation.Pool["rule"];
  readonly members: readonly RawPoolMember[];
}

type Kept =
  | "currency"
  | "horizonDays"
  | "lossMinor"
  | "valueAddedLostMinor"
  | "dualityGap"
  | "survive"
  | "recoverDays"
  | "isExposed"
  | "gapDays"
  | "timeline"
  | "truncated"
  | "complete";

export interface RawAnswer extends Pick<simulation.Answer, Kept> {
  readonly counts: Omit<simulation.Answer["counts"], "countries">;
  readonly sites: readonly RawStop[];
  readonly products: readonly RawProduct[];
  readonly alternatives: readonly RawAlternative[];
  readonly pools: readonly RawPool[];
  readonly treatments: readonly Treatment[];
}

/** What makes a result the same: equal keys give equal bytes. */
export interface ResultKey {
  readonly inputHash: string;
  readonly assumptionsHash: string;
  readonly modelVersion: string;
  readonly seed: number | null;
}
