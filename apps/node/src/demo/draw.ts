/** Seeded draws: the same seed gives the same world on every machine. SplitMix64 (Steele, Lea, Flood 2014) over a hashed name. */

/** A stream of draws named by `seed`. */
export class Draw {
  #state: bigint;

  constructor(seed: string) {
    let hash = 0xcbf29ce484222325n; // FNV-1a, 64 bits
    for (const character of seed)
      hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100000001b3n);
    this.#state = hash;
  }

  #next(): bigint {
    this.#state = BigInt.asUintN(64, this.#state + 0x9e3779b97f4a7c15n);
    let z = this.#state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  }

  /** An integer from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Number(this.#next() % BigInt(most - least + 1));
  }

  /** One member. */
  one<Member>(members: readonly Member[]): Member {
    return members[this.whole(0, members.length - 1)]!; // the index is within the array
  }

  /** `count` different members, or all where there are fewer. */
  some<Member>(members: readonly Member[], count: number): Member[] {
    const left = [...members];
    const drawn: Member[] = [];
    while (drawn.length < count && left.length > 0) drawn.push(...left.splice(this.whole(0, left.length - 1), 1));
    return drawn;
  }

  /** Divides 1,000,000 ppm into `count` parts, largest first, none below a tenth of an equal part. */
  shares(count: number): number[] {
    const weights = Array.from({ length: count }, () => this.whole(10, 100));
    const sum = weights.reduce((a, b) => a + b, 0);
    const parts = weights.map((weight) => Math.floor((weight * 1_000_000) / sum)).sort((a, b) => b - a);
    parts[0] = (parts[0] ?? 0) + 1_000_000 - parts.reduce((a, b) => a + b, 0);
    return parts;
  }
}
