/**
 * The data types of STIX 2.1 section 2 as checks that rule tables are written with. Each check reports what is wrong
 * with one value and returns nothing. Invariant: a check never throws and never follows a reference.
 */
import { below, type Report } from "./finding.ts";
import { parseIdentifier } from "./identifier.ts";
import { isLanguageTag } from "./language-tag.ts";
import { classOfType, isRecord } from "./object-type.ts";
import { isTimestamp, subsecondDigits } from "./timestamp.ts";
import { ENUMERATION, type Enumeration, OPEN_VOCABULARY, type OpenVocabulary } from "./vocabulary.ts";

/** Where a check stands: the report, and the keys of the deprecated observable container it is inside of, if any. */
export interface Scope {
  readonly report: Report;
  /** Type of each object of the container by its key, STIX 2.1 section 2.13; references are local to it. */
  readonly container?: ReadonlyMap<string, string>;
  /** True when the object says that its values are defanged; their form is then not checked. */
  readonly defanged?: boolean;
}

export type Check = (value: unknown, path: string, scope: Scope) => void;

export const string: Check = (value, path, { report }) => {
  if (typeof value !== "string") report.error("type", path, "expected a string", value);
  else if (!value.isWellFormed()) report.error("type", path, "a string must not hold a lone surrogate", value);
};

export const boolean: Check = (value, path, { report }) => {
  if (typeof value !== "boolean") report.error("type", path, "expected `true` or `false`", value);
};

export const float: Check = (value, path, { report }) => {
  if (typeof value !== "number" || !Number.isFinite(value)) report.error("type", path, "expected a number", value);
};

export const integer: Check = (value, path, { report }) => {
  if (!Number.isSafeInteger(value))
    report.error("type", path, "expected an integer between -(2^53)+1 and (2^53)-1", value);
};

export function integerBetween(min: number, max: number): Check {
  return (value, path, scope) => {
    if (!Number.isSafeInteger(value)) return integer(value, path, scope);
    if (Number(value) < min || Number(value) > max)
      scope.report.error("range", path, `expected an integer from ${min} to ${max}`, value);
  };
}

export const notNegative: Check = integerBetween(0, Number.MAX_SAFE_INTEGER);

export function floatBetween(min: number, max: number): Check {
  return (value, path, scope) => {
    if (typeof value !== "number") return float(value, path, scope);
    if (value < min || value > max) scope.report.error("range", path, `expected a number from ${min} to ${max}`, value);
  };
}

export const timestamp: Check = (value, path, { report }) => {
  if (typeof value !== "string") report.error("type", path, "expected a timestamp", value);
  else if (!isTimestamp(value))
    report.error("format", path, "a timestamp has the form `YYYY-MM-DDTHH:mm:ss[.s+]Z`", value);
};

/** `created` and `modified`: at least three sub-second digits, STIX 2.1 section 3.2. */
export const preciseTimestamp: Check = (value, path, scope) => {
  timestamp(value, path, scope);
  if (typeof value === "string" && isTimestamp(value) && subsecondDigits(value) < 3)
    scope.report.error("format", path, "expected at least three sub-second digits", value);
};

/** PE creation time: precise to the second, STIX 2.1 section 6.7.6. */
export const secondTimestamp: Check = (value, path, scope) => {
  timestamp(value, path, scope);
  if (typeof value === "string" && subsecondDigits(value) > 0)
    scope.report.error("format", path, "expected precision to the second", value);
};

/** STIX 2.1 section 2.8: pairs of hexadecimal digits; upper case is common, so it only draws a warning. */
export const hex: Check = (value, path, { report }) => {
  if (typeof value !== "string") report.error("type", path, "expected a hexadecimal string", value);
  else if (value === "" || !isHex(value))
    report.error("format", path, "expected an even number of hexadecimal digits", value);
  else if (/[A-F]/.test(value)) report.warn("form", path, "hexadecimal digits are written in lower case", value);
};

/** STIX 2.1 section 2.1, RFC 4648 section 4: base64 with padding and without line feeds. */
export const binary: Check = (value, path, { report }) => {
  if (typeof value !== "string") report.error("type", path, "expected a base64 string", value);
  else if (value === "" || !isBase64(value))
    report.error("format", path, "expected base64 with padding (RFC 4648 4)", value);
};

export const languageTag: Check = (value, path, { report }) => {
  if (typeof value !== "string") report.error("type", path, "expected a language tag", value);
  else if (!isLanguageTag(value)) report.error("language", path, "expected a language tag of RFC 5646", value);
};

/** A URL of RFC 3986 with a scheme. */
export const url: Check = (value, path, scope) => {
  if (typeof value !== "string") return string(value, path, scope);
  if (!scope.defanged && !isUrl(value)) scope.report.error("format", path, "expected a URL of RFC 3986", value);
};

export function vocabulary(name: OpenVocabulary): Check {
  const terms: ReadonlySet<string> = OPEN_VOCABULARY[name];
  return (value, path, scope) => {
    if (typeof value !== "string") return string(value, path, scope);
    if (!terms.has(value)) scope.report.warn("vocabulary", path, `not a term of \`${name}\``, value);
  };
}

export function enumeration(name: Enumeration): Check {
  const terms: ReadonlySet<string> = ENUMERATION[name];
  return (value, path, { report }) => {
    if (typeof value !== "string" || !terms.has(value))
      report.error("enumeration", path, `not a value of \`${name}\``, value);
  };
}

/** A list with at least one item, STIX 2.1 section 2.12. */
export function list(item: Check): Check {
  return (value, path, scope) => {
    if (!Array.isArray(value)) return scope.report.error("type", path, "expected a list", value);
    if (value.length === 0) scope.report.error("empty", path, "a list has at least one item, or is left out", value);
    for (const [i, member] of value.entries()) item(member, below(path, i), scope);
  };
}

/** A dictionary with at least one entry, STIX 2.1 section 2.3; `key` adds a rule for names. */
export function dictionary(entry: Check, key?: (name: string, path: string, report: Report) => void): Check {
  return (value, path, scope) => {
    if (!isRecord(value)) return scope.report.error("type", path, "expected a dictionary", value);
    const names = Object.keys(value);
    if (names.length === 0) scope.report.error("empty", path, "a dictionary has at least one entry, or is left out");
    for (const name of names) {
      const inside = below(path, name);
      if (!/^[a-zA-Z0-9_-]{1,250}$/.test(name))
        scope.report.error("dictionary", inside, "a key has 1 to 250 characters of a-z, A-Z, 0-9, `-` and `_`", name);
      key?.(name, inside, scope.report);
      entry(value[name], inside, scope);
    }
  };
}

/** Any value that STIX can hold; `null` is none of its types. */
export const anyValue: Check = (value, path, { report }) => {
  if (value === null || value === undefined) report.error("type", path, "`null` is no STIX value", value);
  else if (typeof value === "string" && !value.isWellFormed())
    report.error("type", path, "a string must not hold a lone surrogate", value);
};

/**
 * A reference to an object of one of `types`; without types, to any object. `unless` names what it must not refer to.
 * Inside a deprecated observable container it is a key of that container instead.
 */
export function ref(types?: readonly string[], unless?: (type: string) => string | undefined): Check {
  return (value, path, scope) => {
    if (typeof value !== "string") return scope.report.error("type", path, "expected an identifier", value);
    const target = targetType(value, scope);
    if (target === undefined)
      return scope.report.error("reference", path, "expected an identifier `type--UUID` of an object", value);
    if (types !== undefined && !types.includes(target))
      scope.report.error(
        "reference",
        path,
        `expected a reference to ${types.map((t) => `\`${t}\``).join(" or ")}`,
        value,
      );
    const refusal = unless?.(target);
    if (refusal !== undefined) scope.report.error("reference", path, refusal, value);
  };
}

function targetType(value: string, scope: Scope): string | undefined {
  if (scope.container !== undefined) return scope.container.get(value);
  return parseIdentifier(value)?.type;
}

export const refToAny: Check = ref(undefined, (type) =>
  type === "bundle" ? "a bundle can't be referred to" : undefined,
);

/** Ends of a relationship: SDO or SCO, STIX 2.1 section 5.1. */
export const refToCore: Check = ref(undefined, (type) => {
  const name = classOfType(type);
  return type === "bundle" || name === "sro" || name === "meta"
    ? "expected a reference to a domain object or an observable"
    : undefined;
});

/** What was sighted: an SDO, STIX 2.1 section 5.2. */
export const refToSdo: Check = ref(undefined, (type) =>
  type === "bundle" || (classOfType(type) ?? "sdo") !== "sdo" ? "expected a reference to a domain object" : undefined,
);

/** Content of observed data: SCO or SRO, STIX 2.1 section 4.14. */
export const refToObservable: Check = ref(undefined, (type) => {
  const name = classOfType(type);
  return type === "bundle" || name === "sdo" || name === "meta"
    ? "expected a reference to an observable or a relationship object"
    : undefined;
});

/** References to any observable, STIX 2.1 sections 4.12 and 6. */
export const refToSco: Check = ref(undefined, (type) =>
  type === "bundle" || (classOfType(type) ?? "sco") !== "sco" ? "expected a reference to an observable" : undefined,
);

/** Tested by what must not be there: a search for one character needs no stack, however long the text. */
export function isBase64(text: string): boolean {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(text.slice(0, text.length - padding));
}

export function isHex(text: string): boolean {
  return text.length % 2 === 0 && !/[^0-9a-fA-F]/.test(text);
}

export function isUrl(text: string): boolean {
  return (
    /^[A-Za-z][A-Za-z0-9+.-]{0,99}:./s.test(text) &&
    !/[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})/.test(text)
  );
}
