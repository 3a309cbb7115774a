/** Rules of the STIX Meta Objects, STIX 2.1 section 7: language content, marking definitions, extension definitions. */
import { below } from "./finding.ts";
import { isLanguageTag } from "./language-tag.ts";
import { isRecord, isStixObject } from "./object-type.ts";
import { anyValue, type Check, dictionary, enumeration, list, ref, string, timestamp } from "./property-check.ts";
import type { StructureRule, WholeCheck } from "./structure-check.ts";
import { tlpFault } from "./tlp.ts";

const definition: Check = (value, path, { report }) => {
  if (!isRecord(value)) report.error("type", path, "expected a marking object", value);
};

const markingContent: WholeCheck = (object, path, { report }) => {
  const type = object["definition_type"];
  if (object["extensions"] === undefined) {
    for (const name of ["definition_type", "definition"]) {
      if (object[name] === undefined)
        report.error("required", below(path, name), `\`${name}\` is required without \`extensions\``);
    }
  }
  if (
    type === "statement" &&
    (!isRecord(object["definition"]) || typeof object["definition"]["statement"] !== "string")
  )
    report.error("required", below(below(path, "definition"), "statement"), "a statement marking needs a `statement`");
  if (typeof type === "string" && type !== "statement" && type !== "tlp")
    report.warn("deprecated", below(path, "definition_type"), "new kinds of marking are made with extensions", type);
  const fault = isStixObject(object) ? tlpFault(object) : undefined;
  if (fault !== undefined) report.error("tlp", path, fault, object["id"]);
};

const neverVersioned: WholeCheck = (object, path, { report }) => {
  for (const name of ["modified", "revoked"]) {
    if (object[name] !== undefined)
      report.error("version", below(path, name), "a marking definition can't be versioned", object[name]);
  }
};

const translation: Check = dictionary(dictionary(anyValue), (name, path, report) => {
  if (!isLanguageTag(name)) report.error("language", path, "a key of `contents` is a language tag of RFC 5646", name);
});

const extensionNames: WholeCheck = (object, path, { report }) => {
  const types = object["extension_types"];
  const names = object["extension_properties"];
  const topLevel = Array.isArray(types) && types.includes("toplevel-property-extension");
  if (names !== undefined && !topLevel)
    report.error(
      "exclusive",
      below(path, "extension_properties"),
      "`extension_properties` is only for `toplevel-property-extension`",
    );
  if (names === undefined && topLevel)
    report.warn(
      "recommended",
      below(path, "extension_properties"),
      "`extension_properties` should name the properties",
    );
  if (object["description"] === undefined)
    report.warn("recommended", below(path, "description"), "`description` should be given");
};

const extensionProperty: Check = (value, path, scope) => {
  string(value, path, scope);
  if (typeof value === "string" && !/^[a-z0-9_]{3,250}$/.test(value))
    scope.report.error("name", path, "a property name has 3 to 250 characters of a-z, 0-9 and `_`", value);
};

export const META_RULES: Readonly<Record<string, StructureRule>> = {
  "extension-definition": {
    required: ["name", "schema", "version", "extension_types"],
    properties: {
      name: string,
      description: string,
      schema: string,
      version: string,
      extension_types: list(enumeration("extension-type-enum")),
      extension_properties: list(extensionProperty),
    },
    whole: [extensionNames],
  },
  "language-content": {
    required: ["object_ref", "contents"],
    properties: {
      object_ref: ref(undefined, (type) =>
        type === "bundle" || type === "language-content" ? "expected a reference to a translatable object" : undefined,
      ),
      object_modified: timestamp,
      contents: translation,
    },
  },
  "marking-definition": {
    properties: { name: string, definition_type: string, definition },
    whole: [markingContent, neverVersioned],
  },
};
