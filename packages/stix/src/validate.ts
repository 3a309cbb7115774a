/**
 * Validation of STIX 2.1 documents: one object or a bundle. Errors are broken MUSTs, warnings broken SHOULDs.
 * Invariant: the verdict depends on the document alone, and time grows with its size only. Unknown properties, objects
 * and extensions are allowed where the standard allows them. References are checked for form and type, not followed:
 * an identifier may name an object that the reader doesn't have (STIX 2.1 section 3.3).
 */
import { checkBundle } from "./bundle-rule.ts";
import { COMMON_NAMES, COMMON_PROPERTIES, commonUse, RESERVED_NAMES } from "./common-rule.ts";
import { deterministicId } from "./deterministic-id.ts";
import { MAX_DOCUMENT_DEPTH } from "./document.ts";
import { checkCustomName, checkExtensions, type Declared } from "./extension-rule.ts";
import { below, Report, type Verdict } from "./finding.ts";
import { isTypeName, parseIdentifier } from "./identifier.ts";
import { META_RULES } from "./meta-rule.ts";
import { classOfType, isRecord, type ObjectClass } from "./object-type.ts";
import { anyValue, type Check, list, type Scope } from "./property-check.ts";
import { SCO_RULES } from "./sco-rule.ts";
import { suffixCheck } from "./sco-extension-rule.ts";
import { SDO_RULES } from "./sdo-rule.ts";
import { parseSelector, selects } from "./selector.ts";
import { SRO_RULES } from "./sro-rule.ts";
import { checkPresence, ordered, type StructureRule } from "./structure-check.ts";

const RULES: Readonly<Record<string, StructureRule>> = { ...SDO_RULES, ...SRO_RULES, ...SCO_RULES, ...META_RULES };
const createdBeforeModified = ordered("created", "modified", { strict: false });

/** The verdict on `document`, a parsed JSON value that should be a STIX object or a bundle. */
export function validateStix(document: unknown): Verdict {
  const report = new Report();
  reportStix(document, report);
  return report.verdict();
}

/** Adds what is wrong with `document` to `report`. */
export function reportStix(document: unknown, report: Report): void {
  if (!isRecord(document)) report.error("type", "", "expected a STIX object or a bundle", document);
  else if (isTooDeep(document)) report.error("depth", "", `nesting deeper than ${MAX_DOCUMENT_DEPTH}`);
  else if (document["type"] === "bundle") checkBundle(document, { report }, checkObject);
  else checkObject(document, "", { report });
}

/** The verdict on one object; a bundle is refused. */
export function validateObject(object: unknown): Verdict {
  const report = new Report();
  if (!isRecord(object)) report.error("type", "", "expected a STIX object", object);
  else if (isTooDeep(object)) report.error("depth", "", `nesting deeper than ${MAX_DOCUMENT_DEPTH}`);
  else checkObject(object, "", { report });
  return report.verdict();
}

/** Checks one object at `path` and returns the extension definitions that it uses. */
function checkObject(object: Readonly<Record<string, unknown>>, path: string, { report }: Scope): readonly string[] {
  const type = object["type"];
  if (typeof type !== "string") {
    report.error("required", below(path, "type"), "`type` is required and a string", type);
    return [];
  }
  if (type === "bundle") {
    report.error("container", path, "a bundle is no STIX object and can't be inside another", object);
    return [];
  }
  const scope: Scope = { report, defanged: object["defanged"] === true };
  const declared = checkExtensions(object["extensions"], type, below(path, "extensions"), scope);
  const objectClass = checkType(object, type, declared, path, report);
  checkId(object, type, objectClass, path, report);
  checkCommon(object, type, objectClass, path, scope);
  checkOwn(object, type, declared, path, scope);
  checkSelectors(object, path, report);
  if (type === "observed-data" && isRecord(object["objects"]))
    checkContainer(object["objects"], below(path, "objects"), report);
  return declared.definitions;
}

/** The class of the object: known, declared by an extension, or undefined for a custom object. */
function checkType(
  object: Readonly<Record<string, unknown>>,
  type: string,
  declared: Declared,
  path: string,
  report: Report,
): ObjectClass | undefined {
  const known = classOfType(type);
  if (known !== undefined) {
    if (declared.newClass !== undefined)
      report.error(
        "extension",
        below(path, "extensions"),
        `an extension must not redefine \`${type}\``,
        object["extensions"],
      );
    return known;
  }
  if (!isTypeName(type))
    report.error(
      "name",
      below(path, "type"),
      "a type name starts with a letter and has 3 to 250 characters of a-z, 0-9 and single `-`",
      type,
    );
  if (declared.newClass === undefined)
    report.warn("custom-object", below(path, "type"), "custom objects are made with extension definitions", type);
  return declared.newClass;
}

function checkId(
  object: Readonly<Record<string, unknown>>,
  type: string,
  objectClass: ObjectClass | undefined,
  path: string,
  report: Report,
): void {
  const id = object["id"];
  const inside = below(path, "id");
  if (typeof id !== "string") return report.error("required", inside, "`id` is required and a string", id);
  const parsed = parseIdentifier(id);
  if (parsed === undefined) return report.error("id", inside, "expected `type--UUID` with an RFC 4122 UUID", id);
  if (parsed.type !== type) return report.error("id", inside, `the type of the id must be \`${type}\``, id);
  if (objectClass === "sco") checkObservableId(object, parsed.version, inside, report);
  else if (parsed.version !== 4 && objectClass !== undefined)
    report.warn("uuid-version", inside, "an id of this class should be a UUIDv4", id);
}

function checkObservableId(
  object: Readonly<Record<string, unknown>>,
  version: number,
  path: string,
  report: Report,
): void {
  const id = object["id"];
  const expected = safeDeterministicId(object);
  if (expected === undefined) {
    if (version !== 4 && classOfType(String(object["type"])) === "sco")
      report.warn("uuid-version", path, "without contributing properties an id should be a UUIDv4", id);
    return;
  }
  if (expected === id) {
    if (object["modified"] !== undefined || object["created"] !== undefined)
      report.error("version", path, "an observable with versions must not use the default namespace", id);
  } else report.warn("deterministic-id", path, `the default algorithm gives \`${expected}\``, id);
}

/** Malformed values are reported by their own rules, so here they only mean that there is no id to compare with. */
function safeDeterministicId(object: Readonly<Record<string, unknown>>): string | undefined {
  try {
    return deterministicId(object);
  } catch {
    return undefined;
  }
}

function checkCommon(
  object: Readonly<Record<string, unknown>>,
  type: string,
  objectClass: ObjectClass | undefined,
  path: string,
  scope: Scope,
): void {
  const { report } = scope;
  if (objectClass === undefined) {
    for (const name of ["spec_version", "created", "modified"]) {
      if (object[name] === undefined) report.warn("recommended", below(path, name), `\`${name}\` should be given`);
    }
  } else {
    const use = commonUse(objectClass, type);
    checkPresence({ required: use.required }, object, path, scope);
    for (const name of use.notApplicable) {
      if (object[name] !== undefined)
        report.warn("not-applicable", below(path, name), `\`${name}\` has no meaning on \`${type}\``, object[name]);
    }
    if (object["defanged"] !== undefined && objectClass !== "sco")
      report.error(
        "common-property",
        below(path, "defanged"),
        "`defanged` is only for observables",
        object["defanged"],
      );
  }
  for (const [name, check] of COMMON_CHECKS)
    if (object[name] !== undefined) check(object[name], below(path, name), scope);
  createdBeforeModified(object, path, scope);
  const marks = object["object_marking_refs"];
  if (Array.isArray(marks) && object["id"] !== undefined && marks.includes(object["id"]))
    report.error("marking", below(path, "object_marking_refs"), "a marking definition can't mark itself", object["id"]);
}

const COMMON_CHECKS: readonly (readonly [string, Check])[] = Object.entries(COMMON_PROPERTIES);
const NO_RULE: StructureRule = { properties: {} };

/** The properties of the object's own type, and those that no rule names. */
function checkOwn(
  object: Readonly<Record<string, unknown>>,
  type: string,
  declared: Declared,
  path: string,
  scope: Scope,
): void {
  const rule = Object.hasOwn(RULES, type) ? RULES[type]! : NO_RULE; // the key is there
  checkPresence(rule, object, path, scope);
  const custom = rule === NO_RULE;
  for (const name of Object.keys(object)) {
    if (COMMON_NAMES.has(name)) continue;
    const value = object[name];
    const inside = below(path, name);
    const check = Object.hasOwn(rule.properties, name) ? rule.properties[name] : undefined;
    if (check) check(value, inside, scope);
    else if (RESERVED_NAMES.has(name)) scope.report.error("reserved", inside, `\`${name}\` is reserved`, value);
    else checkUnknown(name, value, inside, { ...scope, declared: declared.topLevel || custom });
  }
  for (const whole of rule.whole ?? []) whole(object, path, scope);
}

const anyList = list(() => undefined);

function checkUnknown(name: string, value: unknown, path: string, scope: { declared: boolean } & Scope): void {
  checkCustomName(name, value, path, scope);
  const check = suffixCheck(name) ?? (Array.isArray(value) ? anyList : anyValue);
  check(value, path, scope);
}

/** Selectors must lead to something that is there, STIX 2.1 section 7.2.3.1. */
function checkSelectors(object: Readonly<Record<string, unknown>>, path: string, report: Report): void {
  const markings = object["granular_markings"];
  if (!Array.isArray(markings)) return;
  for (const [i, marking] of markings.entries()) {
    const selectors: unknown = isRecord(marking) ? marking["selectors"] : undefined;
    if (!Array.isArray(selectors)) continue;
    for (const [j, selector] of selectors.entries()) {
      const steps = typeof selector === "string" ? parseSelector(selector) : undefined;
      if (steps !== undefined && !selects(object, steps))
        report.error(
          "selector",
          `${path}/granular_markings/${i}/selectors/${j}`,
          "selects nothing in this object",
          selector,
        );
    }
    if (isRecord(marking) && marking["marking_ref"] !== undefined && marking["marking_ref"] === object["id"])
      report.error(
        "marking",
        `${path}/granular_markings/${i}/marking_ref`,
        "a marking definition can't mark itself",
        object["id"],
      );
  }
}

/** The deprecated observable container, STIX 2.1 section 2.13: keys are its own, references stay inside. */
function checkContainer(objects: Readonly<Record<string, unknown>>, path: string, report: Report): void {
  const types = new Map<string, string>();
  for (const [key, object] of Object.entries(objects)) {
    if (isRecord(object) && typeof object["type"] === "string") types.set(key, object["type"]);
  }
  for (const [key, object] of Object.entries(objects)) {
    const inside = below(path, key);
    if (!isRecord(object)) report.error("type", inside, "expected an observable", object);
    else if (typeof object["type"] !== "string")
      report.error("required", below(inside, "type"), "`type` is required", object["type"]);
    else
      checkContained(object, object["type"], inside, {
        report,
        container: types,
        defanged: object["defanged"] === true,
      });
  }
}

function checkContained(object: Readonly<Record<string, unknown>>, type: string, path: string, scope: Scope): void {
  const known = classOfType(type);
  if (known !== undefined && known !== "sco")
    return scope.report.error("container", below(path, "type"), "a container holds only observables", type);
  if (known === undefined && !isTypeName(type))
    scope.report.error("name", below(path, "type"), "not a type name", type);
  const declared = checkExtensions(object["extensions"], type, below(path, "extensions"), scope);
  checkOwn(object, type, declared, path, scope);
}

/** Iterative, so that depth alone can't exhaust the stack. */
function isTooDeep(document: object): boolean {
  let level: object[] = [document];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= MAX_DOCUMENT_DEPTH) return true;
    const next: object[] = [];
    for (const value of level) {
      for (const member of Object.values(value)) if (typeof member === "object" && member !== null) next.push(member);
    }
    level = next;
  }
  return false;
}
