/**
 * A firm network laid out for the fast cascade. Firms are numbered by falling degree, so that the hubs, which most cascades
 * touch, lie side by side. Downstream every link pushes into a slot of its buyer: slot f collects the non-essential inputs
 * of firm f, the slots after the firms collect one essential input group each, so that essentiality vanishes from the
 * inner loop. Upstream every link pushes into its supplier. Plain typed arrays: a layout can be sent to a worker as it is.
 * Indexing with `!` is bounded by the compressed rows.
 */
import type { FirmNetwork } from "./firm-network.ts";

export interface PushRows {
  /** [firms + 1] */
  readonly start: Int32Array;
  readonly target: Int32Array;
  readonly share: Float64Array;
}

/** The same links by the firm that suffers: groups of firm f are `groupStart[f]` and on, links of group g `linkStart[g]` and on. */
export interface PullRows {
  readonly groupStart: Int32Array;
  readonly linkStart: Int32Array;
  readonly source: Int32Array;
  readonly share: Float64Array;
}

export interface CascadeLayout {
  readonly firmCount: number;
  /** [firms], the firm of the network that stands at a place of this layout. */
  readonly firmAt: Int32Array;
  /** [firms], the inverse of `firmAt`. */
  readonly placeOf: Int32Array;
  readonly down: PushRows;
  readonly up: PushRows;
  readonly downPull: PullRows;
  readonly upPull: PullRows;
  /** [essential groups], the buyer whose group a slot past the firms is. */
  readonly slotFirm: Int32Array;
  readonly weight: Float64Array;
  readonly weightTotal: number;
  readonly outStrength: Float64Array;
  readonly marketOf: Int32Array;
  readonly marketTotal: Float64Array;
  /** Members of market m are `marketMember[k]` for `marketStart[m] <= k < marketStart[m + 1]`. */
  readonly marketStart: Int32Array;
  readonly marketMember: Int32Array;
}

/** O(links). */
export function cascadeLayout(network: FirmNetwork): CascadeLayout {
  const firmAt = byFallingDegree(network);
  const placeOf = new Int32Array(firmAt.length);
  for (let place = 0; place < firmAt.length; place++) placeOf[firmAt[place]!] = place;
  const arranged = (values: Float64Array) => Float64Array.from(firmAt, (firm) => values[firm]!);
  const { down, slotFirm } = downstream(network, firmAt, placeOf);
  const up = upstream(network, firmAt, placeOf);
  return {
    firmCount: firmAt.length,
    firmAt,
    placeOf,
    down,
    up,
    downPull: pullRows(down, firmAt.length, slotFirm),
    upPull: pullRows(up, firmAt.length, new Int32Array(0)),
    slotFirm,
    weight: arranged(network.weight),
    weightTotal: network.weightTotal,
    outStrength: arranged(network.outStrength),
    ...markets(network, firmAt),
  };
}

function byFallingDegree(network: FirmNetwork): Int32Array {
  const { bySupplier, byBuyer } = network;
  const degree = Int32Array.from(
    network.firms,
    (_, i) => bySupplier.start[i + 1]! - bySupplier.start[i]! + byBuyer.start[i + 1]! - byBuyer.start[i]!,
  );
  return Int32Array.from(network.firms, (_, i) => i).sort((a, b) => degree[b]! - degree[a]! || a - b);
}

function downstream(
  network: FirmNetwork,
  firmAt: Int32Array,
  placeOf: Int32Array,
): Pick<CascadeLayout, "down" | "slotFirm"> {
  const { byBuyer, sectorOf, essentiality, inStrength, inputShare } = network;
  const sectorCount = network.sectors.length;
  // slot and share of every link in buyer order; the supplier-ordered rows below pick them up link by link
  const slotOfLink = new Int32Array(byBuyer.target.length).fill(-1);
  const shareOfLink = new Float64Array(byBuyer.target.length);
  const slotFirm: number[] = [];
  const bought = new Float64Array(sectorCount);
  const slotOfSector = new Int32Array(sectorCount);
  for (let place = 0; place < firmAt.length; place++) {
    const buyer = firmAt[place]!;
    const [start, end] = [byBuyer.start[buyer]!, byBuyer.start[buyer + 1]!];
    for (let k = start; k < end; k++) {
      const sector = sectorOf[byBuyer.target[k]!]!;
      bought[sector] = 0;
      slotOfSector[sector] = -1;
    }
    for (let k = start; k < end; k++) bought[sectorOf[byBuyer.target[k]!]!]! += byBuyer.value[k]!;
    for (let k = start; k < end; k++) {
      const sector = sectorOf[byBuyer.target[k]!]!;
      const code = essentiality[sector * sectorCount + sectorOf[buyer]!]!;
      if (code === 0) continue;
      if (code === 2 && slotOfSector[sector] === -1) slotOfSector[sector] = firmAt.length + slotFirm.push(place) - 1;
      slotOfLink[k] = code === 2 ? slotOfSector[sector]! : place;
      shareOfLink[k] = (byBuyer.value[k]! / (code === 2 ? bought[sector]! : inStrength[buyer]!)) * inputShare[buyer]!;
    }
  }
  return {
    down: bySupplierPlace(byBuyer, firmAt, placeOf, slotOfLink, shareOfLink),
    slotFirm: Int32Array.from(slotFirm),
  };
}

/** The links of `slotOfLink`, in buyer order, as rows of their suppliers; links without a slot are negligible and left out. */
function bySupplierPlace(
  byBuyer: FirmNetwork["byBuyer"],
  firmAt: Int32Array,
  placeOf: Int32Array,
  slotOfLink: Int32Array,
  shareOfLink: Float64Array,
): PushRows {
  const start = new Int32Array(firmAt.length + 1);
  for (let k = 0; k < slotOfLink.length; k++) if (slotOfLink[k]! >= 0) start[placeOf[byBuyer.target[k]!]! + 1]!++;
  for (let place = 0; place < firmAt.length; place++) start[place + 1]! += start[place]!;
  const next = start.slice();
  const target = new Int32Array(start[firmAt.length]!);
  const share = new Float64Array(target.length);
  for (let place = 0; place < firmAt.length; place++) {
    const buyer = firmAt[place]!;
    for (let k = byBuyer.start[buyer]!; k < byBuyer.start[buyer + 1]!; k++) {
      if (slotOfLink[k]! < 0) continue;
      const at = next[placeOf[byBuyer.target[k]!]!]!++;
      target[at] = slotOfLink[k]!;
      share[at] = shareOfLink[k]!;
    }
  }
  return { start, target, share };
}

function upstream(network: FirmNetwork, firmAt: Int32Array, placeOf: Int32Array): PushRows {
  const { byBuyer, revenue } = network;
  const start = new Int32Array(firmAt.length + 1);
  const target = new Int32Array(byBuyer.target.length);
  const share = new Float64Array(byBuyer.target.length);
  let size = 0;
  for (let place = 0; place < firmAt.length; place++) {
    const buyer = firmAt[place]!;
    for (let k = byBuyer.start[buyer]!; k < byBuyer.start[buyer + 1]!; k++) {
      const supplier = byBuyer.target[k]!;
      target[size] = placeOf[supplier]!;
      share[size] = byBuyer.value[k]! / revenue[supplier]!;
      size++;
    }
    start[place + 1] = size;
  }
  return { start, target, share };
}

/** `rows` by their targets: slot f is the first group of firm f, the slots after the firms follow the firm they belong to. */
function pullRows(rows: PushRows, firmCount: number, slotFirm: Int32Array): PullRows {
  const slotCount = firmCount + slotFirm.length;
  const groupStart = new Int32Array(firmCount + 1);
  for (const firm of slotFirm) groupStart[firm + 1]!++;
  for (let firm = 0; firm < firmCount; firm++) groupStart[firm + 1]! += groupStart[firm]! + 1;
  const nextGroup = groupStart.slice();
  const groupOf = new Int32Array(slotCount);
  for (let slot = 0; slot < slotCount; slot++) {
    const firm = slot < firmCount ? slot : slotFirm[slot - firmCount]!;
    groupOf[slot] = nextGroup[firm]!++;
  }
  const linkStart = new Int32Array(slotCount + 1);
  for (const slot of rows.target) linkStart[groupOf[slot]! + 1]!++;
  for (let group = 0; group < slotCount; group++) linkStart[group + 1]! += linkStart[group]!;
  const next = linkStart.slice();
  const source = new Int32Array(rows.target.length);
  const share = new Float64Array(rows.target.length);
  for (let from = 0; from < firmCount; from++) {
    for (let k = rows.start[from]!; k < rows.start[from + 1]!; k++) {
      const at = next[groupOf[rows.target[k]!]!]!++;
      source[at] = from;
      share[at] = rows.share[k]!;
    }
  }
  return { groupStart, linkStart, source, share };
}

function markets(
  network: FirmNetwork,
  firmAt: Int32Array,
): Pick<CascadeLayout, "marketOf" | "marketTotal" | "marketStart" | "marketMember"> {
  const marketOf = Int32Array.from(firmAt, (firm) => network.marketOf[firm]!);
  const marketTotal = new Float64Array(network.marketCount);
  const marketStart = new Int32Array(network.marketCount + 1);
  for (let place = 0; place < firmAt.length; place++) {
    marketTotal[marketOf[place]!]! += network.outStrength[firmAt[place]!]!;
    marketStart[marketOf[place]! + 1]!++;
  }
  for (let market = 0; market < network.marketCount; market++) marketStart[market + 1]! += marketStart[market]!;
  const next = marketStart.slice();
  const marketMember = new Int32Array(firmAt.length);
  for (let place = 0; place < firmAt.length; place++) marketMember[next[marketOf[place]!]!++] = place;
  return { marketOf, marketTotal, marketStart, marketMember };
}
