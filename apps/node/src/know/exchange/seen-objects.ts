/**
 * Which objects a run has spoken of, and in which row: an open hash table of 12 bytes an entry, so that a million rows cost
 * 24 MB instead of ten times that. Keys are the last 64 bits of the object's id, which are random.
 */

const LOAD = 0.5; // of the table, above which it is doubled

export class SeenObjects {
  #keys = new BigUint64Array(1_024);
  #rows = new Uint32Array(1_024);
  #count = 0;

  /** The row in which `id` was spoken of first, or undefined. Rows count from 1. */
  rowOf(id: string): number | undefined {
    const row = this.#rows[this.#slot(keyOf(id))];
    return row === 0 ? undefined : row;
  }

  /** Keeps the first row. */
  add(id: string, row: number): void {
    if (this.#count >= this.#keys.length * LOAD) this.#grow();
    const key = keyOf(id);
    const slot = this.#slot(key);
    if (this.#rows[slot] !== 0) return;
    this.#keys[slot] = key;
    this.#rows[slot] = row;
    this.#count += 1;
  }

  /** Where `key` is or would be; a free slot has row 0. */
  #slot(key: bigint): number {
    const mask = this.#keys.length - 1;
    let slot = Number(BigInt.asUintN(32, key)) & mask;
    while (this.#rows[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, rows] = [this.#keys, this.#rows];
    this.#keys = new BigUint64Array(keys.length * 2);
    this.#rows = new Uint32Array(rows.length * 2);
    for (const [i, row] of rows.entries()) {
      if (row === 0) continue;
      const slot = this.#slot(keys[i]!); // both arrays have one length
      this.#keys[slot] = keys[i]!; // as above
      this.#rows[slot] = row;
    }
  }
}

function keyOf(id: string): bigint {
  return BigInt(`0x${id.slice(19).replace("-", "")}`);
}

/** A set of row numbers, one bit each. */
export class RowSet {
  #bits = new Uint8Array(1_024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(row: number): boolean {
    return ((this.#bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
  }

  add(row: number): void {
    if (this.has(row)) return;
    if (row >> 3 >= this.#bits.length) {
      const longer = new Uint8Array(Math.max(this.#bits.length * 2, (row >> 3) + 1));
      longer.set(this.#bits);
      this.#bits = longer;
    }
    this.#bits[row >> 3]! |= 1 << (row & 7); // the array was made long enough
    this.#size += 1;
  }
}
