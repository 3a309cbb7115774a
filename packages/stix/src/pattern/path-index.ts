/**
 * What is watched at one object path: given the values at the path, finds the watches that fire, in about the time of a
 * look-up each, however many there are. Invariant: fires exactly the watches that hold, and may fire one more than once.
 */
import { parseNet } from "../address.ts";
import { foldForSearch } from "../regex/required-text.ts";
import { latin1 } from "./comparison.ts";
import { NetIndex } from "./net-index.ts";
import { SubstringIndex } from "./substring-index.ts";
import type { ObjectPath } from "./syntax.ts";
import type { Watch } from "./trigger.ts";

/** A block to look at; when `implies`, it is met. */
export interface Posting {
  readonly block: number;
  readonly implies: boolean;
}

interface Threshold {
  readonly value: number;
  readonly inclusive: boolean;
  readonly posting: Posting;
}

export class PathIndex {
  readonly path: ObjectPath;
  readonly #texts = new Map<string, Posting[]>();
  readonly #numbers = new Map<number, Posting[]>();
  readonly #booleans = new Map<boolean, Posting[]>();
  readonly #present: Posting[] = [];
  readonly #substrings = new SubstringIndex();
  readonly #ofSubstring: Posting[][] = [];
  readonly #nets = new NetIndex<Posting>();
  readonly #all: Posting[] = [];
  #above: Threshold[] = [];
  #below: Threshold[] = [];
  #isSorted = true;

  constructor(path: ObjectPath) {
    this.path = path;
  }

  add(watch: Exclude<Watch, { kind: "object" }>, posting: Posting): void {
    this.#all.push({ block: posting.block, implies: false });
    switch (watch.kind) {
      case "text":
        return append(this.#texts, watch.text, posting);
      case "number":
        return append(this.#numbers, watch.value, posting);
      case "boolean":
        return append(this.#booleans, watch.value, posting);
      case "above":
      case "below":
        this.#isSorted = false;
        (watch.kind === "above" ? this.#above : this.#below).push({
          value: watch.value,
          inclusive: watch.inclusive,
          posting,
        });
        return;
      case "substring": {
        const number = this.#substrings.add(watch.text);
        (this.#ofSubstring[number] ??= []).push(posting);
        return;
      }
      case "insideNet":
        return this.#nets.addContaining(watch.net, posting);
      case "containingNet":
        return this.#nets.addInside(watch.net, posting);
      case "present":
        this.#present.push(posting);
    }
  }

  /** Fires every watch, for values that are too many to look at here. */
  all(fire: (posting: Posting) => void): void {
    for (const posting of this.#all) fire(posting);
  }

  /** Calls `fire` for every watch that holds for one of `values`. */
  search(values: readonly unknown[], fire: (posting: Posting) => void): void {
    if (values.length > 0) for (const posting of this.#present) fire(posting);
    for (const value of values) {
      if (typeof value === "string") this.#searchText(value, value, fire);
      else if (typeof value === "number") this.#searchNumber(value, fire);
      else if (typeof value === "boolean") for (const posting of this.#booleans.get(value) ?? []) fire(posting);
      else if (value instanceof Uint8Array) this.#searchText(latin1(value), undefined, fire);
    }
  }

  /** `address` is the value where it may be an address: octets are none. */
  #searchText(text: string, address: string | undefined, fire: (posting: Posting) => void): void {
    for (const posting of this.#texts.get(text) ?? []) fire(posting);
    if (this.#substrings.size > 0) {
      const isNormal = address === undefined || !/[^\0-\u007f]/.test(text); // octets and ASCII are NFC as they are
      const subject = foldForSearch(isNormal ? text : text.normalize("NFC"));
      this.#substrings.search(subject, (number) => {
        for (const posting of this.#ofSubstring[number]!) fire(posting); // every number was given with a posting
      });
    }
    if (address === undefined || this.#nets.isEmpty) return;
    const net = parseNet(address);
    if (net !== undefined) this.#nets.search(net, fire);
  }

  #searchNumber(value: number, fire: (posting: Posting) => void): void {
    for (const posting of this.#numbers.get(value) ?? []) fire(posting);
    if (!this.#isSorted) {
      this.#above = this.#above.toSorted((a, b) => a.value - b.value);
      this.#below = this.#below.toSorted((a, b) => b.value - a.value);
      this.#isSorted = true;
    }
    for (const { value: limit, inclusive, posting } of this.#above) {
      if (value < limit) break;
      if (value > limit || inclusive) fire(posting);
    }
    for (const { value: limit, inclusive, posting } of this.#below) {
      if (value > limit) break;
      if (value < limit || inclusive) fire(posting);
    }
  }
}

function append<Key>(map: Map<Key, Posting[]>, key: Key, posting: Posting): void {
  const list = map.get(key);
  if (list) list.push(posting);
  else map.set(key, [posting]);
}
