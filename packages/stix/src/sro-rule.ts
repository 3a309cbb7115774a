/** Rules of the STIX Relationship Objects, STIX 2.1 section 5, and the relationship types that section 4, 6 and 3.7 name. */
import { typeOfId } from "./identifier.ts";
import { below } from "./finding.ts";
import { classOfType } from "./object-type.ts";
import {
  boolean,
  type Check,
  integerBetween,
  list,
  ref,
  refToCore,
  refToSdo,
  string,
  timestamp,
} from "./property-check.ts";
import { MAX_OBSERVED_COUNT } from "./sdo-rule.ts";
import { ordered, type StructureRule, type WholeCheck } from "./structure-check.ts";

const relationshipType: Check = (value, path, scope) => {
  string(value, path, scope);
  if (typeof value === "string" && !/^[a-z0-9-]+$/.test(value))
    scope.report.error("format", path, "a relationship type has characters of a-z, 0-9 and `-`", value);
};

const suggested: WholeCheck = (object, path, { report }) => {
  const [from, type, to] = [object["source_ref"], object["relationship_type"], object["target_ref"]];
  if (typeof from !== "string" || typeof type !== "string" || typeof to !== "string") return;
  if (!isSuggestedRelationship(typeOfId(from), type, typeOfId(to)))
    report.warn(
      "relationship-type",
      below(path, "relationship_type"),
      `STIX 2.1 defines no \`${type}\` from \`${typeOfId(from)}\` to \`${typeOfId(to)}\``,
      type,
    );
};

export const SRO_RULES: Readonly<Record<string, StructureRule>> = {
  relationship: {
    required: ["relationship_type", "source_ref", "target_ref"],
    properties: {
      relationship_type: relationshipType,
      description: string,
      source_ref: refToCore,
      target_ref: refToCore,
      start_time: timestamp,
      stop_time: timestamp,
    },
    whole: [ordered("start_time", "stop_time", { strict: true }), suggested],
  },
  sighting: {
    required: ["sighting_of_ref"],
    properties: {
      description: string,
      first_seen: timestamp,
      last_seen: timestamp,
      count: integerBetween(0, MAX_OBSERVED_COUNT),
      sighting_of_ref: refToSdo,
      observed_data_refs: list(ref(["observed-data"])),
      where_sighted_refs: list(ref(["identity", "location"])),
      summary: boolean,
    },
    whole: [ordered("first_seen", "last_seen", { strict: false })],
  },
};

/** Source type, then relationship types, then target types; `*` stands for every observable. */
const RELATIONSHIPS: readonly (readonly [source: string, types: string, targets: string])[] = [
  ["attack-pattern", "delivers", "malware"],
  ["attack-pattern", "targets", "identity location vulnerability"],
  ["attack-pattern", "uses", "malware tool"],
  ["campaign", "attributed-to", "intrusion-set threat-actor"],
  ["campaign", "compromises", "infrastructure"],
  ["campaign", "originates-from", "location"],
  ["campaign", "targets", "identity location vulnerability"],
  ["campaign", "uses", "attack-pattern infrastructure malware tool"],
  ["course-of-action", "investigates", "indicator"],
  ["course-of-action", "mitigates", "attack-pattern indicator malware tool vulnerability"],
  ["course-of-action", "remediates", "malware vulnerability"],
  ["domain-name", "resolves-to", "domain-name ipv4-addr ipv6-addr"],
  ["identity", "located-at", "location"],
  ["indicator", "indicates", "attack-pattern campaign infrastructure intrusion-set malware threat-actor tool"],
  ["indicator", "based-on", "observed-data"],
  ["infrastructure", "communicates-with", "infrastructure ipv4-addr ipv6-addr domain-name url"],
  ["infrastructure", "consists-of", "infrastructure observed-data *"],
  ["infrastructure", "controls", "infrastructure malware"],
  ["infrastructure", "delivers", "malware"],
  ["infrastructure", "has", "vulnerability"],
  ["infrastructure", "hosts", "tool malware"],
  ["infrastructure", "located-at", "location"],
  ["infrastructure", "uses", "infrastructure"],
  ["intrusion-set", "attributed-to", "threat-actor"],
  ["intrusion-set", "compromises hosts owns", "infrastructure"],
  ["intrusion-set", "originates-from", "location"],
  ["intrusion-set", "targets", "identity location vulnerability"],
  ["intrusion-set", "uses", "attack-pattern infrastructure malware tool"],
  ["ipv4-addr", "belongs-to", "autonomous-system"],
  ["ipv4-addr", "resolves-to", "mac-addr"],
  ["ipv6-addr", "belongs-to", "autonomous-system"],
  ["ipv6-addr", "resolves-to", "mac-addr"],
  ["malware", "authored-by", "threat-actor intrusion-set"],
  ["malware", "beacons-to exfiltrates-to", "infrastructure"],
  ["malware", "communicates-with", "ipv4-addr ipv6-addr domain-name url"],
  ["malware", "controls", "malware"],
  ["malware", "downloads drops", "malware tool file"],
  ["malware", "exploits", "vulnerability"],
  ["malware", "originates-from", "location"],
  ["malware", "targets", "identity infrastructure location vulnerability"],
  ["malware", "uses", "attack-pattern infrastructure malware tool"],
  ["malware", "variant-of", "malware"],
  ["malware-analysis", "characterizes av-analysis-of static-analysis-of dynamic-analysis-of", "malware"],
  ["threat-actor", "attributed-to impersonates", "identity"],
  ["threat-actor", "compromises hosts owns", "infrastructure"],
  ["threat-actor", "located-at", "location"],
  ["threat-actor", "targets", "identity location vulnerability"],
  ["threat-actor", "uses", "attack-pattern infrastructure malware tool"],
  ["tool", "delivers drops", "malware"],
  ["tool", "has", "vulnerability"],
  ["tool", "targets", "identity infrastructure location vulnerability"],
  ["tool", "uses", "infrastructure"],
];

const SUGGESTED: ReadonlySet<string> = new Set(
  RELATIONSHIPS.flatMap(([source, types, targets]) =>
    types.split(" ").flatMap((type) => targets.split(" ").map((target) => `${source} ${type} ${target}`)),
  ),
);

/** True when STIX 2.1 names this relationship, including the common ones of section 3.7. */
export function isSuggestedRelationship(source: string, type: string, target: string): boolean {
  if (type === "related-to") return true;
  if (type === "derived-from" || type === "duplicate-of") return source === target;
  if (SUGGESTED.has(`${source} ${type} ${target}`)) return true;
  return classOfType(target) === "sco" && SUGGESTED.has(`${source} ${type} *`);
}
