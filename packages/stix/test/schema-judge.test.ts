import { strict as assert } from "node:assert";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { isStixObject, validateInterop, validateObject } from "../src/index.ts";
import { everyType } from "./every-type.ts";

type Json = Record<string, unknown>;

const folder = vectors("stix/cti-stix2-json-schemas");

/** A validator for each object type, made of the OASIS schemas. */
function schemas(): (type: string) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, unicodeRegExp: false });
  addFormats.default(ajv);
  ajv.addFormat("idn-hostname", true);
  const names = new Map<string, string>();
  for (const file of globSync(`{schemas,interop}/**/*.json`, { cwd: folder ?? "" })) {
    const schema: Json = JSON.parse(readFileSync(join(folder ?? "", file), "utf8"));
    const $id = `http://schemas.example/${file}`;
    ajv.addSchema({ ...schema, $id });
    names.set(file.startsWith("interop") ? file : basename(file, ".json"), $id);
  }
  return (type) => {
    const validate = ajv.getSchema(names.get(type) ?? "");
    assert.ok(validate, type);
    return validate;
  };
}

const WRONG: readonly unknown[] = [
  null,
  1,
  -1,
  1.5,
  "x",
  "",
  true,
  [],
  {},
  ["x"],
  [1],
  { a: 1 },
  "2024-01-01T00:00:00Z",
];

/** Every object that differs from `value` in one place: something is missing or of another kind. */
function* mutants(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries())
      for (const other of [...WRONG, ...mutants(item)]) yield value.with(i, other);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
    for (const other of [...WRONG, ...mutants(member)]) yield { ...value, [name]: other };
  }
}

test("refuses whatever the OASIS schemas refuse, among thousands of damaged objects", {
  skip: skipUnless("shared", folder),
}, () => {
  const schemaOf = schemas();
  let [damaged, refused] = [0, 0];
  for (const object of everyType()) {
    if (object["type"] === "observed-data") continue; // the schemas want ids inside the deprecated container, the text does not
    const validate = schemaOf(String(object["type"]));
    assert.ok(validate(object), `${object["type"]}: ${JSON.stringify(validate.errors?.at(-1))}`);
    for (const mutant of mutants(object)) {
      if (!isStixObject(mutant) || mutant.type !== object["type"]) continue;
      damaged += 1;
      if (validate(mutant)) continue;
      refused += 1;
      if (validate.errors?.[0]?.instancePath === "/mime_type") continue; // a SHOULD in the text (6.1), a pattern in the schemas
      assert.equal(
        validateObject(mutant).valid,
        false,
        `${JSON.stringify(mutant)} ${JSON.stringify(validate.errors?.[0])}`,
      );
    }
  }
  assert.ok(damaged > 3_000 && refused > 2_000, `${damaged} damaged, ${refused} refused`);
});

/** Types whose interop schema requires a misspelled property, so that nothing can meet it. */
const MISSPELLED = ["malware", "vulnerability"];

test("asks what the interop schemas ask, and no less", { skip: skipUnless("shared", folder) }, () => {
  const schemaOf = schemas();
  const creator = "identity--00000000-0000-4000-8000-000000000005";
  const own: Readonly<Record<string, Json>> = {
    "attack-pattern": { external_references: [{ source_name: "capec", external_id: "CAPEC-163" }] },
    infrastructure: { infrastructure_types: ["botnet"] },
    "intrusion-set": { resource_level: "team", primary_motivation: "ideology" },
    location: { region: "western-europe" },
    "malware-analysis": {
      version: "1",
      submitted: "2024-01-01T00:00:00Z",
      analysis_started: "2024-01-01T00:00:00Z",
      analysis_ended: "2024-01-01T00:00:00Z",
    },
    report: { report_types: ["campaign"] },
    sighting: { first_seen: "2024-01-01T00:00:00Z", last_seen: "2024-01-01T00:00:00Z" },
    "threat-actor": { sophistication: "expert", resource_level: "team", primary_motivation: "ideology" },
  };
  let judged = 0;
  for (const base of everyType()) {
    const type = String(base["type"]);
    const file = `interop/${type}.json`;
    if (MISSPELLED.includes(type) || type === "observed-data" || !globSync(file, { cwd: folder ?? "" }).length)
      continue;
    const validate = schemaOf(file);
    const object: Json = { ...base, created_by_ref: creator, ...own[type] };
    assert.ok(validate(object), `${type}: ${JSON.stringify(validate.errors?.at(-1))}`);
    assert.deepEqual(validateInterop(object).errors, [], type);
    for (const name of Object.keys(object)) {
      const damaged = Object.fromEntries(Object.entries(object).filter(([other]) => other !== name));
      judged += 1;
      if (!validate(damaged)) assert.equal(validateInterop(damaged).valid, false, `${type} without ${name}`);
    }
    const red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed";
    const twice = { ...object, object_marking_refs: [red, "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"] };
    assert.deepEqual([validate(twice), validateInterop(twice).valid], [false, false], type);
  }
  assert.ok(judged > 100, String(judged));
});
