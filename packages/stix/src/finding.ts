/**
 * What validation says about a document: errors break a MUST of STIX 2.1, warnings break a SHOULD. Each finding names
 * the rule, the JSON pointer (RFC 6901) of the value and the value itself, shortened. Invariant: a report keeps at most
 * `MAX_FINDINGS` of each level and counts the rest, so that a hostile document can't fill memory with its faults.
 */

/** Faults kept of each level; the counts go on beyond it. */
export const MAX_FINDINGS = 1_000;

const MAX_VALUE_CHARS = 120; // enough to recognise a value, too little to copy a document into a log

export type ErrorRule =
  | "common-property"
  | "container"
  | "dictionary"
  | "depth"
  | "empty"
  | "enumeration"
  | "exclusive"
  | "extension"
  | "format"
  | "hash"
  | "id"
  | "interop"
  | "json"
  | "language"
  | "marking"
  | "name"
  | "order"
  | "pattern"
  | "range"
  | "reference"
  | "required"
  | "reserved"
  | "selector"
  | "tlp"
  | "type"
  | "version";

export type WarningRule =
  | "custom-object"
  | "custom-property"
  | "deprecated"
  | "deterministic-id"
  | "extension-definition"
  | "form"
  | "hash-name"
  | "not-applicable"
  | "recommended"
  | "relationship-type"
  | "uuid-version"
  | "version"
  | "vocabulary";

export interface Finding<Rule extends string = ErrorRule | WarningRule> {
  readonly rule: Rule;
  /** JSON pointer from the root of the document. */
  readonly path: string;
  readonly message: string;
  /** The offending value as JSON text, at most 120 characters; empty when the value is absent. */
  readonly value: string;
}

export interface Verdict {
  /** True when no MUST is broken; warnings never make a document invalid. */
  readonly valid: boolean;
  readonly errors: readonly Finding<ErrorRule>[];
  readonly warnings: readonly Finding<WarningRule>[];
  /** All faults found, also those beyond `MAX_FINDINGS`. */
  readonly errorCount: number;
  readonly warningCount: number;
}

/** Collects findings. Owned by one validation run. */
export class Report {
  readonly #errors: Finding<ErrorRule>[] = [];
  readonly #warnings: Finding<WarningRule>[] = [];
  #errorCount = 0;
  #warningCount = 0;

  error(rule: ErrorRule, path: string, message: string, value?: unknown): void {
    this.#errorCount += 1;
    if (this.#errors.length < MAX_FINDINGS) this.#errors.push({ rule, path, message, value: shorten(value) });
  }

  warn(rule: WarningRule, path: string, message: string, value?: unknown): void {
    this.#warningCount += 1;
    if (this.#warnings.length < MAX_FINDINGS) this.#warnings.push({ rule, path, message, value: shorten(value) });
  }

  get errorCount(): number {
    return this.#errorCount;
  }

  verdict(): Verdict {
    return {
      valid: this.#errorCount === 0,
      errors: this.#errors,
      warnings: this.#warnings,
      errorCount: this.#errorCount,
      warningCount: this.#warningCount,
    };
  }
}

/** `path` one step deeper, RFC 6901 3. */
export function below(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}/${key}`;
  return `${path}/${key.includes("~") || key.includes("/") ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key}`;
}

/** A value for a message: strings are cut before they are quoted, objects and lists only named. */
function shorten(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return JSON.stringify(value.slice(0, MAX_VALUE_CHARS));
  if (Array.isArray(value)) return `[${value.length} items]`;
  if (typeof value === "object" && value !== null) return `{${Object.keys(value).length} properties}`;
  return String(value);
}
