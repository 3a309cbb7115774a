/**
 * The structured data types of STIX 2.1 section 2: external-reference (2.5), hashes (2.7), kill-chain-phase (2.11) and
 * nested objects whose properties a rule table names.
 */
import { below } from "./finding.ts";
import { isRecord } from "./object-type.ts";
import { anyValue, type Check, dictionary, isUrl, type Scope, string } from "./property-check.ts";
import { compareInstants, parseTimestamp } from "./timestamp.ts";
import { OPEN_VOCABULARY } from "./vocabulary.ts";

/** A rule over several properties of one object. */
export type WholeCheck = (object: Readonly<Record<string, unknown>>, path: string, scope: Scope) => void;

export interface StructureRule {
  readonly required?: readonly string[];
  /** At least one of these must be present. */
  readonly oneOf?: readonly string[];
  readonly properties: Readonly<Record<string, Check>>;
  readonly whole?: readonly WholeCheck[];
}

/** A nested object: its properties, no others. */
export function structure(rule: StructureRule): Check {
  return (value, path, scope) => {
    if (!isRecord(value)) return scope.report.error("type", path, "expected an object", value);
    checkPresence(rule, value, path, scope);
    for (const [name, member] of Object.entries(value)) {
      const check = Object.hasOwn(rule.properties, name) ? rule.properties[name] : undefined;
      if (check) check(member, below(path, name), scope);
      else {
        scope.report.warn("custom-property", below(path, name), "not a property that STIX 2.1 defines here", member);
        anyValue(member, below(path, name), scope);
      }
    }
    for (const check of rule.whole ?? []) check(value, path, scope);
  };
}

/** Reports the required properties that are missing. */
export function checkPresence(
  rule: Pick<StructureRule, "required" | "oneOf">,
  object: Readonly<Record<string, unknown>>,
  path: string,
  scope: Scope,
): void {
  for (const name of rule.required ?? []) {
    if (object[name] === undefined) scope.report.error("required", below(path, name), `\`${name}\` is required`);
  }
  if (rule.oneOf && !rule.oneOf.some((name) => object[name] !== undefined))
    scope.report.error("required", path, `at least one of ${rule.oneOf.map((n) => `\`${n}\``).join(", ")} is required`);
}

const HASH_FORMS: Readonly<Record<string, RegExp>> = {
  MD5: /^[0-9a-fA-F]{32}$/,
  "SHA-1": /^[0-9a-fA-F]{40}$/,
  "SHA-256": /^[0-9a-fA-F]{64}$/,
  "SHA-512": /^[0-9a-fA-F]{128}$/,
  "SHA3-256": /^[0-9a-fA-F]{64}$/,
  "SHA3-512": /^[0-9a-fA-F]{128}$/,
  SSDEEP: /^[0-9]+:[A-Za-z0-9+/]*:[A-Za-z0-9+/]*$/,
  TLSH: /^(?:T1)?[0-9A-Fa-f]{70}$/,
};

/** Hashes by algorithm; known algorithms must have their own form, unknown names draw a warning. */
export const hashes: Check = (value, path, scope) => {
  dictionary(hashValue, (name, inside, report) => {
    if (name.length < 3) report.error("hash", inside, "the name of a hash has 3 to 250 characters", name);
    if (!(OPEN_VOCABULARY["hash-algorithm-ov"] as ReadonlySet<string>).has(name))
      report.warn("hash-name", inside, "not a term of `hash-algorithm-ov`", name);
  })(value, path, scope);
};

const hashValue: Check = (value, path, scope) => {
  string(value, path, scope);
  const form = HASH_FORMS[path.slice(path.lastIndexOf("/") + 1)];
  if (form && typeof value === "string" && !form.test(value))
    scope.report.error("hash", path, "not a value of this hash algorithm", value);
};

const externalUrl: Check = (value, path, scope) => {
  string(value, path, scope);
  if (typeof value === "string" && !isUrl(value)) scope.report.warn("form", path, "not a URL of RFC 3986", value);
};

export const externalReference: Check = structure({
  required: ["source_name"],
  properties: { source_name: string, description: string, url: externalUrl, hashes, external_id: string },
  whole: [
    (reference, path, { report }) => {
      if (["description", "url", "external_id"].every((name) => reference[name] === undefined))
        report.error("required", path, "one of `description`, `url`, `external_id` is required");
      checkExternalId(reference, path, report.error.bind(report));
    },
  ],
});

/** STIX 2.1 sections 4.1 and 4.19: ids of CAPEC and CVE have the form of their own registry. */
function checkExternalId(
  reference: Readonly<Record<string, unknown>>,
  path: string,
  error: (rule: "format", path: string, message: string, value: unknown) => void,
): void {
  const id = reference["external_id"];
  if (typeof id !== "string") return;
  if (reference["source_name"] === "capec" && !/^CAPEC-\d+$/.test(id))
    error("format", below(path, "external_id"), "a CAPEC id has the form `CAPEC-[id]`", id);
  if (reference["source_name"] === "cve" && !/^CVE-\d{4}-(?:0\d{3}|[1-9]\d{3,})$/.test(id))
    error("format", below(path, "external_id"), "expected the exact CVE identifier", id);
}

const phaseName: Check = (value, path, scope) => {
  string(value, path, scope);
  if (typeof value === "string" && /[A-Z _]/.test(value))
    scope.report.warn("form", path, "names of kill chains and phases are lower case with hyphens", value);
};

export const killChainPhase: Check = structure({
  required: ["kill_chain_name", "phase_name"],
  properties: { kill_chain_name: phaseName, phase_name: phaseName },
});

/** `later` must not be before `earlier`; with `strict`, it must be after it. */
export function ordered(earlier: string, later: string, options: { strict: boolean }): WholeCheck {
  return (object, path, { report }) => {
    const [from, to] = [object[earlier], object[later]];
    if (typeof from !== "string" || typeof to !== "string") return;
    const order = compareKnown(from, to);
    if (order === undefined || order < 0 || (order === 0 && !options.strict)) return;
    report.error(
      "order",
      below(path, later),
      `\`${later}\` must be ${options.strict ? "after" : "at or after"} \`${earlier}\``,
      to,
    );
  };
}

/** Order of two timestamps, or undefined when one of them is malformed and reported elsewhere. */
function compareKnown(a: string, b: string): number | undefined {
  const [left, right] = [parseTimestamp(a), parseTimestamp(b)];
  return left && right ? compareInstants(left, right) : undefined;
}
