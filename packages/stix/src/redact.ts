/**
 * Redaction of one object, STIX 2.1 sections 3.5 and 3.6: whoever omits or changes anything makes a new object. It gets a
 * new id, a new `created`, its own creator and, if the reader may know the original, a `derived-from` relationship from
 * the original (source) to the copy (target), the direction that section 3.7 writes. Invariant: the copy is valid STIX,
 * and every field that is not in it as it was has a reason. Refuses to hand out what would break a MUST.
 */
import { fail, ok, type Result } from "@holdfast/kernel";
import { deterministicId } from "./deterministic-id.ts";
import { granularMarkings } from "./marking.ts";
import { classOfType, isRecord, type StixObject } from "./object-type.ts";
import type { StixCode } from "./problem-code.ts";
import { covers, parseSelector, selects, type SelectorStep } from "./selector.ts";
import { validateObject } from "./validate.ts";

/** What to do with one place of an object. Without `replacement` it goes. */
export interface RedactionStep {
  readonly selector: string;
  readonly reason: string;
  readonly replacement?: unknown;
}

export interface RedactionContext {
  /** Gives a fresh UUIDv4. */
  readonly newUuid: () => string;
  /** The time of the redaction, with milliseconds. */
  readonly now: string;
  /** The identity that redacts. */
  readonly by: string;
  /** Whether the reader may learn that there is an original. */
  readonly link: boolean;
}

/** A place that is not as it was, and why. */
export interface RedactedField {
  readonly selector: string;
  readonly action: "removed" | "replaced";
  readonly reason: string;
}

export interface Redacted {
  readonly object: StixObject;
  /** The `derived-from` link; undefined when the reader must not know, or the class of object has none. */
  readonly relationship: StixObject | undefined;
  readonly fields: readonly RedactedField[];
}

/** Properties that can't be redacted: they are the object's frame, or are made anew. */
const FRAME: ReadonlySet<string> = new Set(["type", "id", "spec_version", "created", "modified", "created_by_ref"]);

/** A copy of `object` without what `steps` name; the object itself, unchanged, when nothing is to be done. */
export function redact(
  object: StixObject,
  steps: readonly RedactionStep[],
  context: RedactionContext,
): Result<Redacted, StixCode> {
  if (steps.length === 0) return ok({ object, relationship: undefined, fields: [] });
  const edited = edit(object, steps);
  if (!edited.ok) return edited;
  const copy = asNewObject(object, edited.value.body, context);
  const verdict = validateObject(copy);
  const error = verdict.errors[0];
  if (error !== undefined)
    return fail(
      "stix/redaction",
      `without ${steps.map(({ selector }) => `\`${selector}\``).join(", ")} no valid \`${object.type}\` is left: ${error.path} ${error.message}`,
      {
        detail: { rule: error.rule, path: error.path },
      },
    );
  return ok({ object: copy, relationship: linkTo(object, copy, context), fields: edited.value.fields });
}

/** The body after `steps`, markings adjusted, before it gets its new frame. */
export function edit(
  object: StixObject,
  steps: readonly RedactionStep[],
): Result<{ body: Record<string, unknown>; fields: RedactedField[] }, StixCode> {
  const parsed: { path: readonly SelectorStep[]; step: RedactionStep }[] = [];
  for (const step of steps) {
    const path = parseSelector(step.selector);
    if (path === undefined || !selects(object, path))
      return fail("stix/redaction", `\`${step.selector}\` selects nothing in \`${object.id}\``);
    if (FRAME.has(String(path[0])))
      return fail("stix/redaction", `\`${step.selector}\` belongs to the frame of an object`);
    parsed.push({ path, step });
  }
  const gone: (readonly SelectorStep[])[] = [];
  const body = prune(object, [], parsed, gone);
  if (!isRecord(body)) return fail("stix/redaction", `nothing is left of \`${object.id}\``);
  const fields = parsed.map(
    ({ step }): RedactedField => ({
      selector: step.selector,
      action: step.replacement === undefined ? "removed" : "replaced",
      reason: step.reason,
    }),
  );
  return ok({ body: withLiveMarkings(object, { ...body }, gone), fields });
}

interface PlacedStep {
  readonly path: readonly SelectorStep[];
  readonly step: RedactionStep;
}

/**
 * A copy of `value` without the removed places and with the replaced ones; undefined when nothing of it is left, because
 * empty lists and dictionaries are no STIX (2.3, 2.12). Every place that goes is added to `gone`.
 */
function prune(
  value: unknown,
  at: readonly SelectorStep[],
  steps: readonly PlacedStep[],
  gone: (readonly SelectorStep[])[],
): unknown {
  const touching = steps.filter(({ path }) => covers(at, path));
  if (touching.length === 0) return value;
  const exact = touching.filter(({ path }) => path.length === at.length);
  const isRemoved = exact.some(({ step }) => step.replacement === undefined);
  const left = isRemoved ? undefined : exact[0] ? exact[0].step.replacement : pruneInside(value, at, touching, gone);
  if (left === undefined) gone.push(at);
  return left;
}

function pruneInside(
  value: unknown,
  at: readonly SelectorStep[],
  steps: readonly PlacedStep[],
  gone: (readonly SelectorStep[])[],
): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item, i) => prune(item, [...at, i], steps, gone)).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (!isRecord(value)) return value;
  const members = Object.entries(value)
    .map(([name, member]) => [name, prune(member, [...at, name], steps, gone)] as const)
    .filter(([, member]) => member !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

/** Granular markings of what is still there, with the indexes that list items have now. */
function withLiveMarkings(
  original: StixObject,
  body: Record<string, unknown>,
  gone: readonly (readonly SelectorStep[])[],
): Record<string, unknown> {
  const markings: Record<string, unknown>[] = [];
  for (const { selector, markingRef, language } of granularMarkings(original)) {
    const moved = moveSelector(selector, gone);
    if (moved === undefined || !selects(body, moved)) continue;
    const kind = markingRef === undefined ? { lang: language } : { marking_ref: markingRef };
    markings.push({ selectors: [textOf(moved)], ...kind });
  }
  delete body["granular_markings"];
  return markings.length === 0 ? body : { ...body, granular_markings: markings };
}

/** The selector after the removals: list items before it that are gone lower its indexes; undefined when it is gone. */
function moveSelector(
  selector: readonly SelectorStep[],
  gone: readonly (readonly SelectorStep[])[],
): readonly SelectorStep[] | undefined {
  if (gone.some((path) => covers(path, selector))) return undefined;
  return selector.map((step, i) => {
    if (typeof step !== "number") return step;
    const before = gone.filter(
      (path) => path.length === i + 1 && covers(selector.slice(0, i), path) && Number(path[i]) < step,
    );
    return step - before.length;
  });
}

function textOf(selector: readonly SelectorStep[]): string {
  return selector.map((step) => (typeof step === "number" ? `[${step}]` : step)).join(".");
}

/** Gives a body the frame of a new object: its own id, times and creator. */
export function asNewObject(
  original: StixObject,
  body: Readonly<Record<string, unknown>>,
  context: RedactionContext,
): StixObject {
  const { type } = original;
  if (classOfType(type) === "sco")
    return { ...body, type, id: deterministicId({ ...body, type }) ?? `${type}--${context.newUuid()}` };
  const frame = { type, id: `${type}--${context.newUuid()}`, created: context.now, created_by_ref: context.by };
  return type === "marking-definition" ? { ...body, ...frame } : { ...body, ...frame, modified: context.now };
}

/** The link from the original (source) to the copy (target), STIX 2.1 section 3.7. */
export function linkTo(original: StixObject, copy: StixObject, context: RedactionContext): StixObject | undefined {
  const objectClass = classOfType(original.type);
  if (!context.link || copy.id === original.id || objectClass === "sro" || objectClass === "meta") return undefined;
  return {
    type: "relationship",
    spec_version: "2.1",
    id: `relationship--${context.newUuid()}`,
    created: context.now,
    modified: context.now,
    created_by_ref: context.by,
    relationship_type: "derived-from",
    source_ref: original.id,
    target_ref: copy.id,
    ...(copy["object_marking_refs"] === undefined ? {} : { object_marking_refs: copy["object_marking_refs"] }),
  };
}
