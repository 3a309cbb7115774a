/**
 * Selectors of granular markings, STIX 2.1 section 7.2.3.1: names and `[n]` separated by dots, from the marked object
 * down. Invariant: a selector covers what it selects and everything below. Refuses what is not present in the object.
 */
import { isRecord } from "./object-type.ts";

/** Steps of one selector; far above the depth of any STIX object. */
export const MAX_SELECTOR_STEPS = 100;

export type SelectorStep = string | number;

/** The steps of `selector`, or undefined when its syntax is wrong. */
export function parseSelector(selector: string): readonly SelectorStep[] | undefined {
  const parts = selector.split(".", MAX_SELECTOR_STEPS + 1);
  if (parts.length > MAX_SELECTOR_STEPS) return undefined;
  const steps: SelectorStep[] = [];
  for (const [i, part] of parts.entries()) {
    const index = /^\[(0|[1-9]\d{0,8})\]$/.exec(part);
    if (index !== null && i > 0) steps.push(Number(index[1]));
    else if (/^[a-zA-Z0-9_-]{1,250}$/.test(part)) steps.push(part);
    else return undefined;
  }
  return steps;
}

/** True when `steps` lead to something that is present in `object`. */
export function selects(object: unknown, steps: readonly SelectorStep[]): boolean {
  let value = object;
  for (const step of steps) {
    if (typeof step === "number") {
      if (!Array.isArray(value) || step >= value.length) return false;
      value = value[step];
    } else {
      if (!isRecord(value) || !Object.hasOwn(value, step)) return false;
      value = value[step];
    }
  }
  return value !== undefined;
}

/** True when what `outer` selects includes what `inner` selects. */
export function covers(outer: readonly SelectorStep[], inner: readonly SelectorStep[]): boolean {
  return outer.length <= inner.length && outer.every((step, i) => step === inner[i]);
}
