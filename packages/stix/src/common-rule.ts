/**
 * The common properties of STIX objects, STIX 2.1 section 3.2: which class of object requires, allows or excludes each.
 * A property that a class has no use for draws a warning, except where the standard says MUST NOT.
 */
import { below } from "./finding.ts";
import { isRecord, type ObjectClass } from "./object-type.ts";
import {
  boolean,
  type Check,
  integerBetween,
  languageTag,
  list,
  preciseTimestamp,
  ref,
  string,
} from "./property-check.ts";
import { parseSelector } from "./selector.ts";
import { externalReference } from "./structure-check.ts";

const specVersion: Check = (value, path, { report }) => {
  if (value !== "2.1") report.error("common-property", path, "expected `2.1`", value);
};

const markingRef = ref(["marking-definition"]);

const granularMarking: Check = (value, path, scope) => {
  const { report } = scope;
  if (!isRecord(value)) return report.error("type", path, "expected a granular marking", value);
  const { lang, marking_ref: marking, selectors } = value;
  if ((lang === undefined) === (marking === undefined))
    report.error("exclusive", path, "exactly one of `lang`, `marking_ref` must be present");
  if (lang !== undefined) languageTag(lang, below(path, "lang"), scope);
  if (marking !== undefined) markingRef(marking, below(path, "marking_ref"), scope);
  if (selectors === undefined) report.error("required", below(path, "selectors"), "`selectors` is required");
  else list(selector)(selectors, below(path, "selectors"), scope);
  for (const name of Object.keys(value)) {
    if (name !== "lang" && name !== "marking_ref" && name !== "selectors")
      report.warn("custom-property", below(path, name), "not a property of a granular marking", value[name]);
  }
};

const selector: Check = (value, path, scope) => {
  string(value, path, scope);
  if (typeof value === "string" && parseSelector(value) === undefined)
    scope.report.error("selector", path, "expected names and `[n]`, separated by dots", value);
};

/** Checks of the common properties; `type`, `id` and `extensions` are the validator's own business. */
export const COMMON_PROPERTIES: Readonly<Record<string, Check>> = {
  spec_version: specVersion,
  created_by_ref: ref(["identity"]),
  created: preciseTimestamp,
  modified: preciseTimestamp,
  revoked: boolean,
  labels: list(string),
  confidence: integerBetween(0, 100),
  lang: languageTag,
  external_references: list(externalReference),
  object_marking_refs: list(markingRef),
  granular_markings: list(granularMarking),
  defanged: boolean,
};

/** Names that no other property may take, besides `type`, `id` and `extensions`. */
export const COMMON_NAMES: ReadonlySet<string> = new Set([
  "type",
  "id",
  "extensions",
  ...Object.keys(COMMON_PROPERTIES),
]);

/** Names that STIX 2.1 section 3.8 keeps for itself; the schemas write the plural `phone_numbers`. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "severity",
  "username",
  "phone_number",
  "phone_numbers",
  "action",
]);

export interface CommonUse {
  readonly required: readonly string[];
  readonly notApplicable: readonly string[];
}

const VERSIONED = ["spec_version", "created", "modified"];

/** Common properties by class; meta objects differ by type. */
export function commonUse(objectClass: ObjectClass, type: string): CommonUse {
  if (objectClass === "sco")
    return {
      required: [],
      notApplicable: [
        "created_by_ref",
        "created",
        "modified",
        "revoked",
        "labels",
        "confidence",
        "lang",
        "external_references",
      ],
    };
  if (type === "extension-definition")
    return { required: [...VERSIONED, "created_by_ref"], notApplicable: ["confidence", "lang", "extensions"] };
  if (type === "language-content") return { required: VERSIONED, notApplicable: ["lang"] };
  if (type === "marking-definition")
    return { required: ["spec_version", "created"], notApplicable: ["labels", "confidence", "lang"] };
  return { required: VERSIONED, notApplicable: [] };
}
