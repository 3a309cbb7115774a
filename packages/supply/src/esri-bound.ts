/**
 * Upper bounds of the index of every firm from a few sweeps over the links (reference sheet section 2, adjoint screening).
 * Losses never exceed those of the linear cascade x <- shock + L x, whose total is linear in the shock, so that one adjoint
 * solve v = s + L' v prices every firm at once. Upstream L is the cascade before clipping. Downstream the largest of a
 * firm's groups is at most their sum; with replaceability each seller's share is discounted by the most its replaceability
 * can reach while the network loses no more than a budget, and the budget is then checked against the bound itself.
 * Invariant: never below the exact value, neither the stopped one nor the fixed point. Where the sweeps can't certify a
 * bound (a closed loop keeps all its losses), the bound is 1.
 * Indexing with `!` is bounded by the layout.
 */
import type { CascadeLayout, PushRows } from "./cascade-layout.ts";

const WINDOW = 8; // sweeps between two looks at the decay: loops of period 2, 4 and 8 decay evenly over it
const SWEEPS_MAX = 96;
const REMAINDER = 1e-3; // stop when no bound would fall by more than this part of itself
const SLOWEST_DECAY = 0.98; // per window; a loop that decays more slowly gets no bound
const NEGLIGIBLE = 1e-30; // parts of the total below this are dropped, so that no sum becomes subnormal; covered by the slack
const SLACK = 1e-9; // covers the rounding of both sides
const LOSS_BUDGETS = [0.01, 0.2] as const; // of all output; tried from the tightest

export interface EsriBounds {
  /** [firms], in the order of the network; every value in [0, 1]. */
  readonly esri: Float64Array;
  readonly esriDown: Float64Array;
  readonly esriUp: Float64Array;
}

/** Bounds for every firm stopped alone and entirely. O(links) per sweep, at most 128 sweeps for each of a few solves. */
export function esriBounds(layout: CascadeLayout, options: { replaceability?: boolean } = {}): EsriBounds {
  const share = layout.weight.map((part) => part / layout.weightTotal);
  const up = solve(layout.up, share, undefined);
  const downRows = byFirm(layout);
  const down = options.replaceability ? discounted(layout, downRows, share) : solve(downRows, share, undefined);
  const bounds = {
    esri: new Float64Array(layout.firmCount),
    esriDown: new Float64Array(layout.firmCount),
    esriUp: new Float64Array(layout.firmCount),
  };
  for (let place = 0; place < layout.firmCount; place++) {
    const firm = layout.firmAt[place]!;
    bounds.esriDown[firm] = capped(down[place]!);
    bounds.esriUp[firm] = capped(up[place]!);
    // the stopped firm itself counts in both directions, and once in their maximum
    bounds.esri[firm] = capped(down[place]! + up[place]! - share[place]!);
  }
  return bounds;
}

function capped(bound: number): number {
  return Math.min(1, bound * (1 + SLACK) + SLACK ** 1.5);
}

/** Downstream rows whose targets are firms and not slots. */
function byFirm({ down, slotFirm, firmCount }: CascadeLayout): PushRows {
  return {
    start: down.start,
    target: down.target.map((slot) => (slot < firmCount ? slot : slotFirm[slot - firmCount]!)),
    share: down.share,
  };
}

/**
 * Downstream bounds with replaceability. If the network never loses more output than a budget B, then sigma_i is at most
 * out_i / (market total - B); if the bound that follows is itself at most B, the assumption held at every pass.
 */
function discounted(layout: CascadeLayout, rows: PushRows, share: Float64Array): Float64Array {
  let outTotal = 0;
  for (const out of layout.outStrength) outTotal += out;
  const outShare = layout.outStrength.map((out) => out / outTotal);
  const countsOutput = layout.weight.every((part, place) => part === layout.outStrength[place]);
  const bound = new Float64Array(layout.firmCount).fill(Number.POSITIVE_INFINITY);
  for (const budget of LOSS_BUDGETS) {
    const sigma = layout.outStrength.map((out, place) => {
      const rest = layout.marketTotal[layout.marketOf[place]!]! - budget * outTotal;
      return out < rest ? out / rest : 1;
    });
    const lostOutput = solve(rows, outShare, sigma);
    const lostWeight = countsOutput ? lostOutput : solve(rows, share, sigma);
    for (let place = 0; place < bound.length; place++)
      if (lostOutput[place]! * (1 + SLACK) <= budget) bound[place] = Math.min(bound[place]!, lostWeight[place]!);
    if (bound.every((value) => value < Number.POSITIVE_INFINITY)) break;
  }
  return bound;
}

/**
 * An upper bound of v = source + D L v, L the rows and D = diag(scale), infinite where none is certified. With d_k the k-th
 * increment and d_(k+w) <= q d_k in every component, v <= v_k + (d_k + … + d_(k+w-1)) / (1 - q).
 */
function solve(rows: PushRows, source: Float64Array, scale: Float64Array | undefined): Float64Array {
  const count = source.length;
  const sum = new Float64Array(count); // of the increments before the window
  const window = new Float64Array(count);
  const decay = new Float64Array(count);
  const before = new Float64Array(count);
  let [increment, next] = [source.slice(), new Float64Array(count)];
  let lastMass = Number.POSITIVE_INFINITY;
  for (let sweeps = 0; sweeps < SWEEPS_MAX; sweeps += WINDOW) {
    for (let i = 0; i < count; i++) sum[i]! += window[i]!;
    before.set(increment);
    window.fill(0);
    for (let k = 0; k < WINDOW; k++) {
      for (let i = 0; i < count; i++) window[i]! += increment[i]!;
      sweep(rows, increment, scale, next);
      [increment, next] = [next, increment];
    }
    for (let i = 0; i < count; i++) decay[i] = increment[i] === 0 ? 0 : increment[i]! / before[i]!;
    const mass = window.reduce((total, part) => total + part, 0);
    if (isSettled(sum, window, decay) || mass > 2 * lastMass) break; // what grows so fast will not decay
    lastMass = mass;
  }
  const open = withDependents(rows, decay);
  let q = 0;
  for (let i = 0; i < count; i++) if (open[i] === 0 && decay[i]! > q) q = decay[i]!;
  return sum.map((known, i) => (open[i] === 1 ? Number.POSITIVE_INFINITY : known + window[i]! / (1 - q)));
}

function sweep(
  { start, target, share }: PushRows,
  from: Float64Array,
  scale: Float64Array | undefined,
  to: Float64Array,
): void {
  for (let i = 0; i < from.length; i++) {
    let sum = 0;
    for (let k = start[i]!; k < start[i + 1]!; k++) sum += share[k]! * from[target[k]!]!;
    if (scale) sum *= scale[i]!;
    to[i] = sum < NEGLIGIBLE ? 0 : sum;
  }
}

function isSettled(sum: Float64Array, window: Float64Array, decay: Float64Array): boolean {
  let slowest = 0;
  let largest = 0;
  for (let i = 0; i < window.length; i++) {
    slowest = Math.max(slowest, decay[i]!);
    if (window[i]! > 0) largest = Math.max(largest, window[i]! / (sum[i]! + window[i]!));
  }
  return slowest < SLOWEST_DECAY && (slowest * largest) / (1 - slowest) < REMAINDER;
}

/** 1 for every row without a certified decay and every row that draws on one, however far. */
function withDependents({ start, target }: PushRows, decay: Float64Array): Uint8Array {
  const open = Uint8Array.from(decay, (each) => (each < SLOWEST_DECAY ? 0 : 1));
  for (let changed = open.includes(1); changed; ) {
    changed = false;
    for (let i = 0; i < open.length; i++) {
      if (open[i] === 1) continue;
      for (let k = start[i]!; k < start[i + 1]!; k++) {
        if (open[target[k]!] === 0) continue;
        open[i] = 1;
        changed = true;
        break;
      }
    }
  }
  return open;
}
