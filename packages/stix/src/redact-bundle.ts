/**
 * Redaction of objects that refer to each other. What refers to a withheld object loses the reference, and is withheld
 * itself where it can't be without; what refers to a changed object is re-pointed to the copy, and so becomes a copy too
 * (STIX 2.1 section 3.5). Invariant: no id of a withheld object is anywhere in what comes out, and every object that
 * differs from its original has a new id, except observables whose deterministic id did not change.
 */
import type { Result } from "@holdfast/kernel";
import { classOfType, type StixObject } from "./object-type.ts";
import type { StixCode } from "./problem-code.ts";
import { asNewObject, edit, linkTo, type RedactedField, type RedactionContext, type RedactionStep } from "./redact.ts";
import { referencesOf, repoint } from "./reference.ts";
import { validateObject } from "./validate.ts";

export interface RedactedBundle {
  /** What may go out, in the order of the originals, then the `derived-from` links. */
  readonly objects: readonly StixObject[];
  readonly withheld: readonly { readonly id: string; readonly reason: string }[];
  /** What changed in each object that did, by the id of the original. */
  readonly fields: ReadonlyMap<string, readonly RedactedField[]>;
  /** Ids of the copies by those of their originals. */
  readonly newIds: ReadonlyMap<string, string>;
}

type Decide = (object: StixObject) => Result<readonly RedactionStep[], StixCode>;

/** Redacts `objects`, one version of each id. `decide` gives the steps for an object, or the reason to withhold it. */
export function redactBundle(
  objects: readonly StixObject[],
  decide: Decide,
  context: RedactionContext,
): RedactedBundle {
  const work = new Work(objects, decide, context);
  work.withholdDependents();
  work.nameCopies();
  return work.result();
}

const WITHHELD_TARGET = "it refers to an object that is withheld";

class Work {
  readonly #objects: ReadonlyMap<string, StixObject>;
  readonly #context: RedactionContext;
  readonly #steps = new Map<string, readonly RedactionStep[]>();
  readonly #withheld = new Map<string, string>();
  readonly #referrers = new Map<string, Set<string>>();
  readonly #newIds = new Map<string, string>();
  readonly #fields = new Map<string, readonly RedactedField[]>();

  constructor(objects: readonly StixObject[], decide: Decide, context: RedactionContext) {
    this.#objects = new Map(objects.map((object) => [object.id, object]));
    this.#context = context;
    for (const object of this.#objects.values()) {
      const decision = decide(object);
      if (decision.ok) this.#steps.set(object.id, decision.value);
      else this.#withheld.set(object.id, decision.problem.message);
      for (const { target } of referencesOf(object)) {
        const known = this.#referrers.get(target);
        if (known) known.add(object.id);
        else this.#referrers.set(target, new Set([object.id]));
      }
    }
  }

  /** Removes references to withheld objects until nothing changes; withholds what can't be without them. */
  withholdDependents(): void {
    for (const id of this.#steps.keys())
      if (!this.#isPossible(id)) this.#withhold(id, "without what must go, it is no valid object");
    const queue = [...this.#withheld.keys()];
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      for (const referrer of this.#referrers.get(id) ?? []) {
        const object = this.#objects.get(referrer);
        if (object === undefined || this.#withheld.has(referrer)) continue;
        const steps = referencesOf(object)
          .filter(({ target, selector }) => target === id && selector !== "created_by_ref")
          .map(({ selector }): RedactionStep => ({ selector, reason: WITHHELD_TARGET }));
        this.#steps.set(referrer, [...(this.#steps.get(referrer) ?? []), ...steps]);
        const isMarking = this.#objects.get(id)?.type === "marking-definition"; // losing a marking would open the object
        if (!isMarking && this.#isPossible(referrer)) continue;
        this.#withhold(referrer, WITHHELD_TARGET);
        queue.push(referrer);
      }
    }
    this.#withholdMentions();
  }

  /** Free text can name an id too; what still does so is withheld. */
  #withholdMentions(): void {
    for (let found = true; found; ) {
      found = false;
      for (const id of this.#steps.keys()) {
        if (this.#withheld.has(id)) continue;
        const text = JSON.stringify(this.#bodyOf(id)?.body ?? {});
        if (![...this.#withheld.keys()].some((secret) => text.includes(secret))) continue;
        this.#withhold(id, "its text names an object that is withheld");
        found = true;
      }
    }
  }

  #withhold(id: string, reason: string): void {
    this.#withheld.set(id, reason);
  }

  #isPossible(id: string): boolean {
    const edited = this.#bodyOf(id);
    const object = this.#objects.get(id);
    return (
      edited !== undefined &&
      object !== undefined &&
      validateObject(asNewObject(object, edited.body, this.#context)).valid
    );
  }

  /** The body after the steps of `id`, without a creator that is withheld; undefined when the steps can't be taken. */
  #bodyOf(id: string): { body: Record<string, unknown>; fields: readonly RedactedField[] } | undefined {
    const object = this.#objects.get(id);
    const steps = this.#steps.get(id) ?? [];
    if (object === undefined) return undefined;
    if (steps.length === 0) return { body: { ...object }, fields: [] };
    const edited = edit(object, steps);
    return edited.ok ? edited.value : undefined;
  }

  /** Gives ids to the copies: observables first, whose ids follow from their content, then all that refers to a copy. */
  nameCopies(): void {
    const open = new Set<string>();
    for (const id of this.#kept()) if (this.#isObservable(id)) this.#nameObservable(id, open);
    const queue = [...this.#kept()].filter(
      (id) => this.#newIds.has(id) || (!this.#isObservable(id) && this.#isTouched(id)),
    );
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      const object = this.#objects.get(id);
      if (object === undefined || this.#withheld.has(id)) continue;
      if (!this.#newIds.has(id)) this.#newIds.set(id, `${object.type}--${this.#context.newUuid()}`);
      for (const referrer of this.#referrers.get(id) ?? [])
        if (!this.#newIds.has(referrer) && !this.#isObservable(referrer)) queue.push(referrer);
    }
  }

  /** Recursive over observables' references; one that is being named already (a process and its child) waits no more. */
  #nameObservable(id: string, open: Set<string>): void {
    const object = this.#objects.get(id);
    if (object === undefined || open.has(id)) return;
    open.add(id);
    for (const { target } of referencesOf(object)) if (this.#isObservable(target)) this.#nameObservable(target, open);
    const body = this.#bodyOf(id)?.body;
    const isChanged = this.#isTouched(id) || referencesOf(object).some(({ target }) => this.#newIds.has(target));
    if (body === undefined || !isChanged) return;
    const copy = asNewObject(object, repoint({ ...body, type: object.type, id }, this.#newIds), this.#context);
    if (copy.id !== id) this.#newIds.set(id, copy.id);
  }

  #isTouched(id: string): boolean {
    const creator = this.#objects.get(id)?.["created_by_ref"];
    return (this.#steps.get(id)?.length ?? 0) > 0 || (typeof creator === "string" && this.#withheld.has(creator));
  }

  #isObservable(id: string): boolean {
    const object = this.#objects.get(id);
    return object !== undefined && classOfType(object.type) === "sco";
  }

  *#kept(): Iterable<string> {
    for (const id of this.#objects.keys()) if (!this.#withheld.has(id)) yield id;
  }

  result(): RedactedBundle {
    const objects: StixObject[] = [];
    const links: StixObject[] = [];
    for (const id of this.#kept()) {
      const object = this.#objects.get(id);
      const edited = this.#bodyOf(id);
      if (object === undefined || edited === undefined) continue;
      if (edited.fields.length > 0) this.#fields.set(id, edited.fields);
      const copy = this.#copyOf(object, edited.body);
      objects.push(copy);
      const link = copy === object ? undefined : linkTo(object, copy, this.#context);
      if (link !== undefined) links.push(link);
    }
    const withheld = [...this.#withheld].map(([id, reason]) => ({ id, reason }));
    return { objects: [...objects, ...links], withheld, fields: this.#fields, newIds: this.#newIds };
  }

  #copyOf(object: StixObject, body: Readonly<Record<string, unknown>>): StixObject {
    const newId = this.#newIds.get(object.id);
    const leadsToCopy = referencesOf(object).some(({ target }) => this.#newIds.has(target));
    if (newId === undefined && !leadsToCopy && !this.#isTouched(object.id)) return object;
    const pointed = repoint({ ...body, type: object.type, id: object.id }, this.#newIds);
    return { ...asNewObject(object, pointed, this.#context), id: newId ?? object.id };
  }
}
