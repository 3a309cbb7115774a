/**
 * Nets of many tests, found by the net of a value: those that contain it (ISSUBSET) by looking up each of its prefixes,
 * those inside it (ISSUPERSET) by bisection. Invariant: same answers as `contains` on each net.
 */
import { contains, type Net } from "../address.ts";

export class NetIndex<Entry> {
  readonly #containing = new Map<string, Entry[]>();
  readonly #lengths = new Map<32 | 128, Set<number>>([
    [32, new Set()],
    [128, new Set()],
  ]);
  #inside: { net: Net; entry: Entry }[] = [];
  #isSorted = true;

  /** Finds `entry` for every value inside `net`. */
  addContaining(net: Net, entry: Entry): void {
    const key = keyOf(net.bits, net.length, net.first);
    const entries = this.#containing.get(key);
    if (entries) entries.push(entry);
    else this.#containing.set(key, [entry]);
    this.#lengths.get(net.bits)?.add(net.length);
  }

  /** Finds `entry` for every value that contains `net`. */
  addInside(net: Net, entry: Entry): void {
    this.#inside.push({ net, entry });
    this.#isSorted = false;
  }

  get isEmpty(): boolean {
    return this.#containing.size === 0 && this.#inside.length === 0;
  }

  search(value: Net, found: (entry: Entry) => void): void {
    for (const length of this.#lengths.get(value.bits) ?? []) {
      if (length > value.length) continue;
      const hostBits = BigInt(value.bits - length);
      for (const entry of this.#containing.get(keyOf(value.bits, length, (value.first >> hostBits) << hostBits)) ?? [])
        found(entry);
    }
    this.#searchInside(value, found);
  }

  #searchInside(value: Net, found: (entry: Entry) => void): void {
    if (this.#inside.length === 0) return;
    if (!this.#isSorted) {
      this.#inside = this.#inside.toSorted((a, b) => compareNets(a.net, b.net));
      this.#isSorted = true;
    }
    let [low, high] = [0, this.#inside.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareNets(this.#inside[middle]!.net, { ...value, length: 0 }) < 0)
        low = middle + 1; // middle is within the list
      else high = middle;
    }
    const end = value.first + (1n << BigInt(value.bits - value.length));
    for (let i = low; i < this.#inside.length; i += 1) {
      const { net, entry } = this.#inside[i]!; // i is within the list
      if (net.bits !== value.bits || net.first >= end) return;
      if (contains(value, net)) found(entry);
    }
  }
}

function keyOf(bits: number, length: number, first: bigint): string {
  return `${bits}/${length}/${first.toString(36)}`;
}

function compareNets(a: Net, b: Net): number {
  if (a.bits !== b.bits) return a.bits - b.bits;
  if (a.first !== b.first) return a.first < b.first ? -1 : 1;
  return a.length - b.length;
}
