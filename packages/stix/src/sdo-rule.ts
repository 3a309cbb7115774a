/** Rules of the STIX Domain Objects, STIX 2.1 section 4: properties, presence and what holds between properties. */
import { below } from "./finding.ts";
import { isRecord } from "./object-type.ts";
import { parsePattern } from "./pattern/parse.ts";
import {
  boolean,
  type Check,
  enumeration,
  float,
  floatBetween,
  integerBetween,
  list,
  ref,
  refToAny,
  refToObservable,
  refToSco,
  string,
  timestamp,
  vocabulary,
} from "./property-check.ts";
import { killChainPhase, ordered, type StructureRule, type WholeCheck } from "./structure-check.ts";

const strings = list(string);
const phases = list(killChainPhase);
const seen = ordered("first_seen", "last_seen", { strict: false });

/** Number of observations that one object may stand for, STIX 2.1 sections 4.14 and 5.2. */
export const MAX_OBSERVED_COUNT = 999_999_999;

const nonFamilyName: WholeCheck = (object, path, { report }) => {
  if (object["is_family"] === true && object["name"] === undefined)
    report.error("required", below(path, "name"), "a malware family must have a `name`");
};

const position: WholeCheck = (object, path, { report }) => {
  const has = (name: string): boolean => object[name] !== undefined;
  if (!has("region") && !has("country") && !(has("latitude") && has("longitude")))
    report.error("required", path, "one of `region`, `country`, or `latitude` with `longitude` is required");
  if (has("latitude") !== has("longitude"))
    report.error("required", path, "`latitude` and `longitude` must be given together");
  if (has("precision") && !(has("latitude") && has("longitude")))
    report.error("required", path, "`precision` needs `latitude` and `longitude`");
};

const country: Check = (value, path, scope) => {
  string(value, path, scope);
  if (typeof value === "string" && !/^[A-Z]{2}$/.test(value))
    scope.report.warn("form", path, "a country is an ISO 3166-1 ALPHA-2 code", value);
};

const pattern: WholeCheck = (object, path, { report }) => {
  const text = object["pattern"];
  if (typeof text !== "string" || object["pattern_type"] !== "stix") return;
  const parsed = parsePattern(text, { legacy: object["pattern_version"] === "2.0" });
  if (!parsed.ok) report.error("pattern", below(path, "pattern"), parsed.problem.message, text);
  else if (parsed.value.legacy)
    report.warn("deprecated", below(path, "pattern"), "`START` and `STOP` take timestamps in 2.1: `t'…'`", text);
};

const indicatorAdvice: WholeCheck = (object, path, { report }) => {
  for (const name of ["name", "description", "indicator_types"]) {
    if (object[name] === undefined) report.warn("recommended", below(path, name), `\`${name}\` should be given`);
  }
};

const observedContent: WholeCheck = (object, path, { report }) => {
  const [objects, refs] = [object["objects"], object["object_refs"]];
  if (objects === undefined && refs === undefined)
    report.error("required", path, "one of `objects`, `object_refs` is required");
  if (objects !== undefined && refs !== undefined)
    report.error("exclusive", path, "`objects` and `object_refs` must not both be present");
  if (objects !== undefined)
    report.warn("deprecated", below(path, "objects"), "`objects` is deprecated; `object_refs` replaces it");
  if (Array.isArray(refs) && refs.length > 0 && refs.every((id) => /^(?:relationship|sighting)--/.test(String(id))))
    report.error("reference", below(path, "object_refs"), "at least one reference must be to an observable", refs);
};

/** The observable container itself is walked by the validator, which knows the rules of its objects. */
const container: Check = (value, path, { report }) => {
  if (!isRecord(value)) report.error("type", path, "expected a dictionary of observables", value);
  else if (Object.keys(value).length === 0) report.error("empty", path, "a container has at least one object");
};

const registryId =
  (sourceName: string, form: RegExp): WholeCheck =>
  (object, path, { report }) => {
    const references = object["external_references"];
    if (!Array.isArray(references)) return;
    for (const [i, reference] of references.entries()) {
      if (!isRecord(reference) || reference["source_name"] === sourceName) continue;
      const id = reference["external_id"];
      if (typeof id === "string" && form.test(id))
        report.error(
          "format",
          below(below(below(path, "external_references"), i), "source_name"),
          `the source of \`${id}\` must be written \`${sourceName}\``,
          reference["source_name"],
        );
    }
  };

export const SDO_RULES: Readonly<Record<string, StructureRule>> = {
  "attack-pattern": {
    required: ["name"],
    properties: { name: string, description: string, aliases: strings, kill_chain_phases: phases },
    whole: [registryId("capec", /^CAPEC-\d+$/)],
  },
  campaign: {
    required: ["name"],
    properties: {
      name: string,
      description: string,
      aliases: strings,
      first_seen: timestamp,
      last_seen: timestamp,
      objective: string,
    },
    whole: [seen],
  },
  "course-of-action": { required: ["name"], properties: { name: string, description: string } },
  grouping: {
    required: ["context", "object_refs"],
    properties: {
      name: string,
      description: string,
      context: vocabulary("grouping-context-ov"),
      object_refs: list(refToAny),
    },
  },
  identity: {
    required: ["name"],
    properties: {
      name: string,
      description: string,
      roles: strings,
      identity_class: vocabulary("identity-class-ov"),
      sectors: list(vocabulary("industry-sector-ov")),
      contact_information: string,
    },
  },
  incident: { required: ["name"], properties: { name: string, description: string } },
  indicator: {
    required: ["pattern", "pattern_type", "valid_from"],
    properties: {
      name: string,
      description: string,
      indicator_types: list(vocabulary("indicator-type-ov")),
      pattern: string,
      pattern_type: vocabulary("pattern-type-ov"),
      pattern_version: string,
      valid_from: timestamp,
      valid_until: timestamp,
      kill_chain_phases: phases,
    },
    whole: [ordered("valid_from", "valid_until", { strict: true }), pattern, indicatorAdvice],
  },
  infrastructure: {
    required: ["name"],
    properties: {
      name: string,
      description: string,
      infrastructure_types: list(vocabulary("infrastructure-type-ov")),
      aliases: strings,
      kill_chain_phases: phases,
      first_seen: timestamp,
      last_seen: timestamp,
    },
    whole: [seen],
  },
  "intrusion-set": {
    required: ["name"],
    properties: {
      name: string,
      description: string,
      aliases: strings,
      first_seen: timestamp,
      last_seen: timestamp,
      goals: strings,
      resource_level: vocabulary("attack-resource-level-ov"),
      primary_motivation: vocabulary("attack-motivation-ov"),
      secondary_motivations: list(vocabulary("attack-motivation-ov")),
    },
    whole: [seen],
  },
  location: {
    properties: {
      name: string,
      description: string,
      latitude: floatBetween(-90, 90),
      longitude: floatBetween(-180, 180),
      precision: float,
      region: vocabulary("region-ov"),
      country,
      administrative_area: string,
      city: string,
      street_address: string,
      postal_code: string,
    },
    whole: [position],
  },
  malware: {
    required: ["is_family"],
    properties: {
      name: string,
      description: string,
      malware_types: list(vocabulary("malware-type-ov")),
      is_family: boolean,
      aliases: strings,
      kill_chain_phases: phases,
      first_seen: timestamp,
      last_seen: timestamp,
      operating_system_refs: list(ref(["software"])),
      architecture_execution_envs: list(vocabulary("processor-architecture-ov")),
      implementation_languages: list(vocabulary("implementation-language-ov")),
      capabilities: list(vocabulary("malware-capabilities-ov")),
      sample_refs: list(ref(["artifact", "file"])),
    },
    whole: [seen, nonFamilyName],
  },
  "malware-analysis": {
    required: ["product"],
    oneOf: ["result", "analysis_sco_refs"],
    properties: {
      product: string,
      version: string,
      host_vm_ref: ref(["software"]),
      operating_system_ref: ref(["software"]),
      installed_software_refs: list(ref(["software"])),
      configuration_version: string,
      modules: strings,
      analysis_engine_version: string,
      analysis_definition_version: string,
      submitted: timestamp,
      analysis_started: timestamp,
      analysis_ended: timestamp,
      result_name: string,
      result: vocabulary("malware-result-ov"),
      analysis_sco_refs: list(refToSco),
      sample_ref: ref(["artifact", "file", "network-traffic"]),
    },
  },
  note: {
    required: ["content", "object_refs"],
    properties: { abstract: string, content: string, authors: strings, object_refs: list(refToAny) },
  },
  "observed-data": {
    required: ["first_observed", "last_observed", "number_observed"],
    properties: {
      first_observed: timestamp,
      last_observed: timestamp,
      number_observed: integerBetween(1, MAX_OBSERVED_COUNT),
      objects: container,
      object_refs: list(refToObservable),
    },
    whole: [ordered("first_observed", "last_observed", { strict: false }), observedContent],
  },
  opinion: {
    required: ["opinion", "object_refs"],
    properties: {
      explanation: string,
      authors: strings,
      opinion: enumeration("opinion-enum"),
      object_refs: list(refToAny),
    },
  },
  report: {
    required: ["name", "published", "object_refs"],
    properties: {
      name: string,
      description: string,
      report_types: list(vocabulary("report-type-ov")),
      published: timestamp,
      object_refs: list(refToAny),
    },
  },
  "threat-actor": {
    required: ["name"],
    properties: {
      name: string,
      description: string,
      threat_actor_types: list(vocabulary("threat-actor-type-ov")),
      aliases: strings,
      first_seen: timestamp,
      last_seen: timestamp,
      roles: list(vocabulary("threat-actor-role-ov")),
      goals: strings,
      sophistication: vocabulary("threat-actor-sophistication-ov"),
      resource_level: vocabulary("attack-resource-level-ov"),
      primary_motivation: vocabulary("attack-motivation-ov"),
      secondary_motivations: list(vocabulary("attack-motivation-ov")),
      personal_motivations: list(vocabulary("attack-motivation-ov")),
    },
    whole: [seen],
  },
  tool: {
    required: ["name"],
    properties: {
      name: string,
      description: string,
      tool_types: list(vocabulary("tool-type-ov")),
      aliases: strings,
      kill_chain_phases: phases,
      tool_version: string,
    },
  },
  vulnerability: {
    required: ["name"],
    properties: { name: string, description: string },
    whole: [registryId("cve", /^CVE-\d{4}-\d{4,}$/)],
  },
};
