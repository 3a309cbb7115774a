/**
 * The STIX 2.1 interoperability profile, as the OASIS interop schemas require it of shared objects: a named creator, what
 * a reader needs to act on each type, and at most one TLP 1 marking. It asks for more than the standard, so an object can
 * be valid and not interoperable. The schemas misspell three properties; their evident names are meant here.
 */
import { below, Report, type Verdict } from "./finding.ts";
import { isRecord } from "./object-type.ts";
import { tlpOfId } from "./tlp.ts";
import { reportStix } from "./validate.ts";

/** Properties that the profile requires besides `created_by_ref` and those of the standard. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  "attack-pattern": ["external_references", "kill_chain_phases"],
  campaign: [],
  "course-of-action": [],
  grouping: [],
  indicator: ["name", "indicator_types"],
  infrastructure: ["infrastructure_types"],
  "intrusion-set": ["resource_level", "primary_motivation"],
  location: ["region"],
  malware: [
    "name",
    "malware_types",
    "first_seen",
    "last_seen",
    "architecture_execution_envs",
    "implementation_languages",
    "capabilities",
  ],
  "malware-analysis": ["version", "submitted", "analysis_started", "analysis_ended", "result"],
  note: [],
  "observed-data": ["object_refs"],
  opinion: [],
  relationship: [],
  report: ["report_types"],
  sighting: ["first_seen", "last_seen", "count"],
  "threat-actor": ["threat_actor_types", "roles", "sophistication", "resource_level", "primary_motivation"],
  tool: ["tool_types"],
  vulnerability: ["external_references"],
};

/** The verdict on `document` by the standard and the profile together. Types without a profile need only the standard. */
export function validateInterop(document: unknown): Verdict {
  const report = new Report();
  reportStix(document, report);
  if (isRecord(document) && document["type"] === "bundle") {
    const objects = Array.isArray(document["objects"]) ? document["objects"] : [];
    for (const [i, object] of objects.entries()) checkProfile(object, `/objects/${i}`, report);
  } else checkProfile(document, "", report);
  return report.verdict();
}

function checkProfile(object: unknown, path: string, report: Report): void {
  if (!isRecord(object) || typeof object["type"] !== "string" || !Object.hasOwn(REQUIRED, object["type"])) return;
  for (const name of ["created_by_ref", ...(REQUIRED[object["type"]] ?? [])]) {
    if (object[name] === undefined)
      report.error("interop", below(path, name), `the interoperability profile requires \`${name}\``);
  }
  const markings = object["object_marking_refs"];
  const levels = Array.isArray(markings)
    ? markings.filter((id) => typeof id === "string" && tlpOfId(id) !== undefined)
    : [];
  if (levels.length > 1)
    report.error(
      "interop",
      below(path, "object_marking_refs"),
      "the interoperability profile allows one TLP marking",
      markings,
    );
}
