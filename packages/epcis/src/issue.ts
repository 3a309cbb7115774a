/** One finding of a validation: where, which rule, and why. */

/**
 * Where a rule comes from: the standard's schema (it decides valid or invalid), the identifiers' syntax and check digits,
 * or the standard's prose about one event. Rules over several events belong to the custody package.
 */
export type Layer = "schema" | "identifier" | "semantic";

export interface Issue {
  /** JSON Pointer (RFC 6901) into the document's JSON form, or the element path of an XML rule. */
  readonly path: string;
  readonly layer: Layer;
  /** A stable name, for example `required` or `check-digit`. */
  readonly rule: string;
  /** Why, in one lower-case line that names the value. */
  readonly reason: string;
}

/** The JSON Pointer of member `name` under `path`, RFC 6901 section 3. */
export function under(path: string, name: string | number): string {
  const token = typeof name === "number" ? String(name) : name.replaceAll("~", "~0").replaceAll("/", "~1");
  return `${path}/${token}`;
}
