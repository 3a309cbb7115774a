import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Json } from "@holdfast/kernel";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { isList, isObject, type JsonObject } from "./json.ts";
import { checkForm } from "./untp.ts";

const folder = vectors("untp");
const skip = skipUnless("shared", folder);
const root = folder ?? "";
const MIRROR = "untp-0.7.0-mirror/artefacts";
const BCGOV = "bcgov-untp-0.7.0/backend";

const SAMPLES = [
  ...["dcc", "dia", "dpp", "dte"].map((kind) => `${MIRROR}/samples/v0.7.0/${kind}`),
  ...["dcc", "dia"].map((kind) => `${BCGOV}/tests/fixtures/untp_samples/v0.7.0/${kind}`),
];
const SCHEMAS: readonly (readonly [kind: string, file: string])[] = [
  ["DigitalProductPassport", `${MIRROR}/schema/v0.7.0/dpp/DigitalProductPassport.json`],
  ["DigitalConformityCredential", `${MIRROR}/schema/v0.7.0/dcc/ConformityCredential.json`],
  ["DigitalConformityCredential", `${BCGOV}/untp/bundled/v0.7.0/schemas/ConformityCredential.json`],
  ["DigitalFacilityRecord", `${MIRROR}/schema/v0.7.0/dfr/DigitalFacilityRecord.json`],
  ["DigitalIdentityAnchor", `${MIRROR}/schema/v0.7.0/dia/DigitalIdentityAnchor.json`],
  ["DigitalIdentityAnchor", `${BCGOV}/untp/bundled/v0.7.0/schemas/dia/DigitalIdentityAnchor.json`],
  ["DigitalTraceabilityEvent", `${MIRROR}/schema/v0.7.0/dte/DigitalTraceabilityEvent.json`],
];

const read = (path: string): JsonObject => JSON.parse(readFileSync(join(root, path), "utf8"));

function samples(): { name: string; credential: JsonObject }[] {
  return SAMPLES.flatMap((path) =>
    readdirSync(join(root, path)).map((file) => ({ name: `${path}/${file}`, credential: read(`${path}/${file}`) })),
  );
}

/** The published schemas themselves, with ajv: valid when any edition of the kind accepts. */
function judges(): (credential: JsonObject) => boolean {
  const compiled = SCHEMAS.map(([kind, file]) => {
    const ajv = new Ajv2020.default({ strict: false, validateFormats: true });
    addFormats.default(ajv);
    return { kind, validate: ajv.compile(read(file)) };
  });
  return (credential) => {
    const types = isList(credential["type"]) ? credential["type"] : [];
    return compiled.some(({ kind, validate }) => types.includes(kind) && validate(credential) === true);
  };
}

/** A facility record, of which there is no published sample, in the words of its schema. */
const FACILITY: JsonObject = {
  type: ["DigitalFacilityRecord", "VerifiableCredential"],
  "@context": ["https://www.w3.org/ns/credentials/v2", "https://vocabulary.uncefact.org/untp/0.7.0/context/"],
  id: "https://refinery.example/credentials/1",
  issuer: { type: ["CredentialIssuer"], id: "did:web:refinery.example", name: "Refinery" },
  validFrom: "2026-01-01T00:00:00Z",
  name: "Facility record",
  credentialStatus: {
    type: "BitstringStatusListEntry",
    statusPurpose: "revocation",
    statusListIndex: 7,
    statusListCredential: "https://refinery.example/status/1",
  },
  credentialSubject: {
    type: ["Facility"],
    id: "https://refinery.example/site/1",
    name: "Refinery north",
    countryOfOperation: { countryCode: "EE" },
    processCategory: [
      { code: "41532", name: "Rare earths", schemeId: "https://unstats.example/cpc", schemeName: "CPC" },
    ],
    locationInformation: { plusCode: "https://plus.codes/9GCQ", geoLocation: { latitude: 59.4, longitude: 27.7 } },
    address: {
      streetAddress: "Kesk 1",
      postalCode: "40231",
      addressLocality: "Sillamäe",
      addressRegion: "Ida-Viru",
      addressCountry: { countryCode: "EE", countryName: "Estonia" },
    },
    materialUsage: {
      applicablePeriod: { startDate: "2026-01-01", endDate: "2026-06-30" },
      materialConsumed: [
        {
          name: "Monazite",
          originCountry: { countryCode: "AU" },
          materialType: { code: "1", name: "Ore", schemeId: "https://unstats.example/cpc", schemeName: "CPC" },
          massFraction: 0.5,
          recycledMassFraction: 0,
          hazardous: true,
        },
      ],
    },
  },
};

describe("UNTP 0.7.0 forms", { skip }, () => {
  test("accepts every published sample by an edition of its own schema", () => {
    const all = samples();
    assert.ok(all.length >= 14);
    for (const { name, credential } of all) {
      const verdict = checkForm(credential);
      assert.deepEqual(
        verdict.issues.filter(({ note }) => !note),
        [],
        name,
      );
      assert.notEqual(verdict.kind, undefined, name);
    }
  });

  test("accepts a permit of another publisher in the published conformity schema", () => {
    const permit = read("bcgov-untp-0.7.0/configs/credentials/BCMinesActPermitCredential/v1.1/sample.json");
    assert.equal(checkForm(permit).valid, true);
  });

  test("never mixes the editions: an identity anchor has `schemeId` or `idScheme` after its own schema", () => {
    const anchor = read(`${BCGOV}/tests/fixtures/untp_samples/v0.7.0/dia/DigitalIdentityAnchor_mine_instance.json`);
    assert.equal(checkForm(anchor).edition, "published");
    const older = read(`${MIRROR}/samples/v0.7.0/dia/DigitalIdentityAnchor_mine_instance.json`);
    assert.equal(checkForm(older).edition, "april-2026");
  });

  test("says the same as the published schemas on damaged documents", () => {
    const judge = judges();
    const all = [...samples().map(({ credential }) => credential), FACILITY];
    assert.equal(judge(FACILITY), true);
    assert.equal(checkForm(FACILITY).valid, true);
    let refused = 0;
    fc.assert(
      fc.property(fc.nat({ max: all.length - 1 }), fc.nat(), fc.constantFrom(...DAMAGES), (which, place, damage) => {
        const damaged = damagedAt(all[which]!, place, damage); // `which` is within the samples
        // ajv 8.20 takes the `valid` of the array before for that of an empty one: `contains` then passes on `[]`
        fc.pre(!JSON.stringify(damaged).includes('"type":[]'));
        const expected = judge(damaged);
        if (!expected) refused += 1;
        // the model's own rules are stricter than the schemas: only the UNTP layer is compared
        const issues = checkForm(damaged).issues.filter(({ layer, note }) => layer === "untp" && !note);
        assert.equal(issues.length === 0, expected, JSON.stringify({ issues, damage, damaged }));
      }),
      { numRuns: 3_000 },
    );
    assert.ok(refused > 500, `only ${refused} were refused`);
  });
});

const DAMAGES = ["drop", "number", "text", "list", "object", "extra", "type", "date"] as const;

/** `document` with one node, the `place`-th of all, changed. */
function damagedAt(document: JsonObject, place: number, damage: (typeof DAMAGES)[number]): JsonObject {
  const copy: JsonObject = structuredClone(document);
  const holders: { holder: Record<string, Json> | Json[]; name: string | number }[] = [];
  const walk = (value: Json) => {
    if (isList(value)) for (const [i, each] of value.entries()) collect(value as Json[], i, each);
    else if (isObject(value))
      for (const [name, each] of Object.entries(value)) collect(value as Record<string, Json>, name, each);
  };
  const collect = (holder: Record<string, Json> | Json[], name: string | number, value: Json) => {
    holders.push({ holder, name });
    walk(value);
  };
  walk(copy);
  // without its own types a document is of no kind, and no schema is asked
  const kept = holders.filter(({ holder, name }) => holder !== copy["type"] && !(holder === copy && name === "type"));
  const { holder, name } = kept[place % kept.length]!; // a credential has members
  const set = (value: Json) => Reflect.set(holder, name, value);
  if (damage === "drop" && Array.isArray(holder)) holder.splice(Number(name), 1);
  else if (damage === "drop") Reflect.deleteProperty(holder, name);
  if (damage === "number") set(1.5);
  if (damage === "text") set("not a thing");
  if (damage === "list") set([]);
  if (damage === "object") set({});
  if (damage === "type") set(["Something"]);
  if (damage === "date") set("2026-02-30");
  if (damage === "extra" && !Array.isArray(holder)) holder["extraMember"] = true;
  return copy;
}
