/**
 * Extensions and customised content, STIX 2.1 sections 3.9, 7.3 and 11: what an object declares in `extensions`, and
 * the names of properties that STIX doesn't define. Invariant: an unknown extension is kept and never interpreted.
 */
import { below } from "./finding.ts";
import { parseIdentifier } from "./identifier.ts";
import { isRecord, type ObjectClass } from "./object-type.ts";
import type { Scope } from "./property-check.ts";
import { PREDEFINED_EXTENSIONS } from "./sco-extension-rule.ts";
import { ENUMERATION } from "./vocabulary.ts";

/** What `extensions` of one object declares. */
export interface Declared {
  /** The class that a `new-sdo`, `new-sro` or `new-sco` extension gives a type of its own. */
  readonly newClass: ObjectClass | undefined;
  /** True when properties at the top level may be those of an extension. */
  readonly topLevel: boolean;
  /** Ids of the extension definitions in use. */
  readonly definitions: readonly string[];
}

const NEW_CLASS: Readonly<Record<string, ObjectClass>> = { "new-sdo": "sdo", "new-sro": "sro", "new-sco": "sco" };
const NONE: Declared = { newClass: undefined, topLevel: false, definitions: [] };

/** Checks `extensions` of an object of `type` and returns what it declares. */
export function checkExtensions(extensions: unknown, type: string, path: string, scope: Scope): Declared {
  if (extensions === undefined) return NONE;
  const { report } = scope;
  if (!isRecord(extensions)) {
    report.error("type", path, "expected a dictionary", extensions);
    return NONE;
  }
  const keys = Object.keys(extensions);
  if (keys.length === 0) report.error("empty", path, "a dictionary has at least one entry, or is left out", extensions);
  let newClass: ObjectClass | undefined;
  let topLevel = false;
  const definitions: string[] = [];
  for (const key of keys) {
    const inside = below(path, key);
    const extension = extensions[key];
    if (parseIdentifier(key)?.type === "extension-definition") {
      definitions.push(key);
      const kind = checkDefinedExtension(extension, inside, scope);
      newClass ??= kind === undefined ? undefined : NEW_CLASS[kind];
      topLevel ||= kind === "toplevel-property-extension";
    } else checkNamedExtension(key, extension, type, inside, scope);
  }
  return { newClass, topLevel, definitions };
}

/** An extension under the id of its definition; returns its `extension_type` when that is one. */
function checkDefinedExtension(extension: unknown, path: string, { report }: Scope): string | undefined {
  if (!isRecord(extension)) {
    report.error("type", path, "expected the content of an extension", extension);
    return undefined;
  }
  const kind = extension["extension_type"];
  if (kind === undefined) report.error("required", below(path, "extension_type"), "`extension_type` is required");
  else if (typeof kind !== "string" || !(ENUMERATION["extension-type-enum"] as ReadonlySet<string>).has(kind))
    report.error("enumeration", below(path, "extension_type"), "not a value of `extension-type-enum`", kind);
  for (const name of Object.keys(extension)) {
    if (!/^[a-z0-9_]{3,250}$/.test(name))
      report.error("name", below(path, name), "a property name has 3 to 250 characters of a-z, 0-9 and `_`", name);
  }
  return typeof kind === "string" ? kind : undefined;
}

function checkNamedExtension(key: string, extension: unknown, type: string, path: string, scope: Scope): void {
  const predefined = PREDEFINED_EXTENSIONS[type];
  if (predefined && Object.hasOwn(predefined, key)) {
    predefined[key]!(extension, path, scope); // the key is there
    return;
  }
  if (!/^[a-z0-9][a-z0-9-]*-ext$/.test(key) || key.length > 250) {
    scope.report.error(
      "extension",
      path,
      "a key is the id of an extension definition, or a name that ends in `-ext`",
      key,
    );
    return;
  }
  if (!isRecord(extension)) scope.report.error("type", path, "expected the content of an extension", extension);
  else if (Object.keys(extension).length === 0)
    scope.report.error("empty", path, "an extension has at least one property");
  scope.report.warn("deprecated", path, "custom extensions are made with extension definitions", key);
}

/** Reports the name of a property that STIX doesn't define for this object. */
export function checkCustomName(
  name: string,
  value: unknown,
  path: string,
  options: { declared: boolean } & Scope,
): void {
  const { report } = options;
  if (!/^[a-z][a-z0-9_]{2,249}$/.test(name))
    report.error(
      "name",
      path,
      "a property name starts with a letter and has 3 to 250 characters of a-z, 0-9 and `_`",
      name,
    );
  else if (!options.declared)
    report.warn(
      "custom-property",
      path,
      name.startsWith("x_")
        ? "custom properties are made with extension definitions"
        : "not a property that STIX 2.1 defines here",
      value,
    );
}
