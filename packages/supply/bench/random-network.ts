/** A synthetic firm network with the skew of real ones: few hubs, most firms with two or three partners. Same seed, same network. */
import { firmNetwork, type FirmNetwork, uniformStream } from "../src/index.ts";

const TAIL = 1.25; // Pareto index of a firm's attraction; gives hubs with 2 % of all links, as in value-added-tax networks
const SECTORS = 56;

export function randomNetwork(options: { firms: number; links: number; seed: number }): FirmNetwork {
  const draw = uniformStream(options.seed);
  const sell = sampler(options.firms, draw);
  const buy = sampler(options.firms, draw);
  const codes = Uint8Array.from({ length: SECTORS ** 2 }, () => [0, 0, 1, 1, 1, 2][Math.floor(draw() * 6)]!); // 6 entries
  const sectors = Array.from({ length: SECTORS }, (_, i) => `S${i}`);
  const seen = new Set<number>();
  const supplier: number[] = [];
  const buyer: number[] = [];
  const value: number[] = [];
  while (value.length < options.links) {
    const [from, to] = [sell(), buy()];
    const pair = from * options.firms + to;
    if (from === to || seen.has(pair)) continue;
    seen.add(pair);
    supplier.push(from);
    buyer.push(to);
    value.push(Math.exp(6.9 + 2 * (draw() + draw() + draw() - 1.5) * 2));
  }
  return firmNetwork({
    firms: Array.from({ length: options.firms }, (_, i) => String(i)),
    sectorOfFirm: Array.from({ length: options.firms }, () => sectors[Math.floor(draw() * SECTORS)]!), // draw() < 1
    supplier,
    buyer,
    value,
    essentiality: { sectors, codes },
  });
}

/** Draws indices with Pareto-distributed weights. */
function sampler(count: number, draw: () => number): () => number {
  const cumulated = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) cumulated[i] = sum += draw() ** (-1 / TAIL);
  return () => {
    const wanted = draw() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulated[middle]! < wanted)
        low = middle + 1; // low <= middle < high <= count - 1
      else high = middle;
    }
    return low;
  };
}
