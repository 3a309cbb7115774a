/**
 * Information Exchange Policy 2.0 (FIRST), also as the STIX marking extension `762e2e97` that writes some names another
 * way. Invariant: a combination of policies is at least as strict as each of them. Refuses unknown terms, and policies
 * that contradict each other: whoever can't obey both may not share.
 */
import { fail, ok, type Result } from "@holdfast/kernel";
import { isRecord, type StixObject } from "./object-type.ts";
import type { StixCode } from "./problem-code.ts";
import { compareTimestamps, isTimestamp } from "./timestamp.ts";
import { strictestTlp, type TlpLevel } from "./tlp.ts";

export const IEP_EXTENSION = "extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a";

/** Each list from open to strict. */
const ENCRYPTION = ["may", "must"] as const;
const ACTIONS = [
  "externally-visible-direct-actions",
  "externally-visible-indirect-actions",
  "internally-visible-actions",
  "contact-for-instruction",
  "none",
] as const;
const PERMISSION = ["may", "must-not"] as const;
const ATTRIBUTION = ["may", "must", "must-not"] as const;
const LEVELS = ["white", "clear", "green", "amber", "amber+strict", "red"] as const;

export type PermittedActions = (typeof ACTIONS)[number];

export interface Iep {
  readonly id: string;
  readonly name: string;
  readonly startDate: string | undefined;
  /** Undefined for a policy without an end. */
  readonly endDate: string | undefined;
  readonly encryptInTransit: (typeof ENCRYPTION)[number];
  readonly permittedActions: PermittedActions;
  readonly affectedPartyNotifications: (typeof PERMISSION)[number];
  readonly tlp: TlpLevel;
  readonly attribution: (typeof ATTRIBUTION)[number];
  readonly unmodifiedResale: (typeof PERMISSION)[number];
}

/** The policy in the extension of a marking definition; undefined when it holds none. */
export function iepOfMarking(marking: StixObject): Result<Iep | undefined, StixCode> {
  const extensions = marking["extensions"];
  const policy = isRecord(extensions) ? extensions[IEP_EXTENSION] : undefined;
  return policy === undefined ? ok(undefined) : parseIep(policy);
}

/** The policy that a JSON value writes, in FIRST's spelling or that of the STIX extension. */
export function parseIep(value: unknown): Result<Iep, StixCode> {
  if (!isRecord(value)) return fail("stix/iep", "expected a policy object");
  const version = value["iep_version"];
  if (Number(version) !== 2) return fail("stix/iep", `\`iep_version\` must be 2.0, not \`${String(version)}\``);
  const id = value["id"] ?? value["iep_id"];
  const name = value["name"];
  if (typeof id !== "string" || typeof name !== "string") return fail("stix/iep", "a policy has an `id` and a `name`");
  const [startDate, endDate] = [value["start_date"] ?? undefined, value["end_date"] ?? undefined];
  for (const date of [startDate, endDate])
    if (date !== undefined && (typeof date !== "string" || !isTimestamp(date)))
      return fail("stix/iep", "`start_date` and `end_date` are timestamps, `end_date` may be null");
  const terms = {
    encryptInTransit: term(ENCRYPTION, value["encrypt_in_transit"]),
    permittedActions: term(ACTIONS, value["permitted_actions"]),
    affectedPartyNotifications: term(PERMISSION, value["affected_party_notifications"]),
    attribution: term(ATTRIBUTION, value["attribution"] ?? value["provider_attribution"]),
    unmodifiedResale: term(PERMISSION, value["unmodified_resale"]),
  };
  const { encryptInTransit, permittedActions, affectedPartyNotifications, attribution, unmodifiedResale } = terms;
  const level = term(LEVELS, value["tlp"]);
  if (
    !encryptInTransit ||
    !permittedActions ||
    !affectedPartyNotifications ||
    !attribution ||
    !unmodifiedResale ||
    !level
  )
    return fail("stix/iep", "a term of the policy is missing or none of IEP 2.0");
  return ok({
    id,
    name,
    startDate: typeof startDate === "string" ? startDate : undefined,
    endDate: typeof endDate === "string" ? endDate : undefined,
    encryptInTransit,
    permittedActions,
    affectedPartyNotifications,
    tlp: level === "white" ? "clear" : level,
    attribution,
    unmodifiedResale,
  });
}

/** True when the policy is in force at `now`, a STIX timestamp. */
export function isInForce(policy: Iep, now: string): boolean {
  return (
    (policy.startDate === undefined || compareTimestamps(policy.startDate, now) <= 0) &&
    (policy.endDate === undefined || compareTimestamps(now, policy.endDate) < 0)
  );
}

export type IepTerms = Pick<
  Iep,
  "encryptInTransit" | "permittedActions" | "affectedPartyNotifications" | "tlp" | "attribution" | "unmodifiedResale"
>;

/** The strictest terms of several policies. @param policies at least one */
export function combineIep(policies: readonly Iep[]): Result<IepTerms, StixCode> {
  const tlp = strictestTlp(policies.map((policy) => policy.tlp));
  if (tlp === undefined) return fail("stix/iep", "there is no policy to combine");
  const attributions = new Set(policies.map((policy) => policy.attribution));
  if (attributions.has("must") && attributions.has("must-not"))
    return fail("stix/iep", "one policy demands attribution and another forbids it");
  return ok({
    encryptInTransit: strictest(
      ENCRYPTION,
      policies.map((policy) => policy.encryptInTransit),
    ),
    permittedActions: strictest(
      ACTIONS,
      policies.map((policy) => policy.permittedActions),
    ),
    affectedPartyNotifications: strictest(
      PERMISSION,
      policies.map((policy) => policy.affectedPartyNotifications),
    ),
    tlp,
    attribution: strictest(
      ATTRIBUTION,
      policies.map((policy) => policy.attribution),
    ),
    unmodifiedResale: strictest(
      PERMISSION,
      policies.map((policy) => policy.unmodifiedResale),
    ),
  });
}

function term<Term extends string>(terms: readonly Term[], value: unknown): Term | undefined {
  return terms.find((known) => known === value);
}

function strictest<Term extends string>(terms: readonly Term[], values: readonly Term[]): Term {
  return values.reduce((best, value) => (terms.indexOf(value) > terms.indexOf(best) ? value : best));
}
