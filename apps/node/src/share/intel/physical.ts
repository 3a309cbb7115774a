/**
 * Physical, supply and insider intelligence as STIX objects: five types of this project's own, each declared by an
 * extension definition of a fixed id (STIX 2.1 section 7.3, `new-sdo`), so that every STIX 2.1 program can carry them and
 * this one can judge them. Refuses an object of these types whose extension or properties are not as documented in
 * docs/guide/intelligence.md.
 */
import { intelTouch as contract } from "@holdfast/api";
import { type StixObject, tlpMarkingId, type TlpLevel } from "@holdfast/stix";

export const PHYSICAL_TYPES: readonly string[] = contract.PHYSICAL_KINDS;

/** What the five types say about the world; absent members are empty. */
export interface PhysicalFacts {
  readonly names: readonly string[];
  readonly identifiers: readonly { readonly scheme: string; readonly value: string }[];
  readonly countries: readonly string[];
  readonly sectors: readonly string[];
  readonly positions: readonly { readonly latitude: number; readonly longitude: number; readonly radiusKm: number }[];
  readonly goods: readonly { readonly name: string | null; readonly hsCode: string | null }[];
  readonly targets: readonly { readonly vendor: string; readonly product: string; readonly version: string | null }[];
}

const NOTHING: PhysicalFacts = {
  names: [],
  identifiers: [],
  countries: [],
  sectors: [],
  positions: [],
  goods: [],
  targets: [],
};
const RADIUS_KM = 25; // where a report names a position and no radius

function isPhysical(type: string): type is contract.PhysicalKind {
  return PHYSICAL_TYPES.includes(type);
}

/** The first reason why an object of one of the five types is not one of them; undefined for all others. */
export function physicalFault(object: StixObject): string | undefined {
  if (!isPhysical(object.type)) return undefined;
  const extensions = object["extensions"];
  const wanted = contract.PHYSICAL_EXTENSIONS[object.type];
  if (typeof extensions !== "object" || extensions === null || !(wanted in extensions))
    return `\`${object.type}\` is declared by \`${wanted}\`, which \`extensions\` does not name`;
  const parsed = contract.physicalProperties.safeParse(object);
  if (parsed.success) return undefined;
  const [issue] = parsed.error.issues;
  return `${issue?.message.toLowerCase() ?? "not as documented"} at \`/${issue?.path.join("/") ?? ""}\``;
}

export function physicalFacts(object: StixObject): PhysicalFacts {
  if (!isPhysical(object.type)) return NOTHING;
  const parsed = contract.physicalProperties.safeParse(object);
  if (!parsed.success) return NOTHING;
  const {
    organisation_names: names,
    identifiers,
    country,
    sectors,
    latitude,
    longitude,
    radius_km: radiusKm,
    goods,
  } = parsed.data;
  return {
    names: names ?? [],
    identifiers: [...(identifiers ?? []), ...(goods ?? []).flatMap(({ identifiers: own }) => own ?? [])],
    countries: country === undefined ? [] : [country],
    sectors: sectors ?? [],
    positions:
      latitude === undefined || longitude === undefined
        ? []
        : [{ latitude, longitude, radiusKm: radiusKm ?? RADIUS_KM }],
    goods: (goods ?? []).map(({ name, hs_code: hsCode }) => ({ name: name ?? null, hsCode: hsCode ?? null })),
    targets: [],
  };
}

/** The object that a report entered here becomes. */
export function physicalObject(
  { kind, tlp, ...properties }: contract.PhysicalDraft,
  { id, at }: { id: string; at: Date },
): Record<string, unknown> {
  return {
    type: kind,
    spec_version: "2.1",
    id: `${kind}--${id}`,
    created: at.toISOString(),
    modified: at.toISOString(),
    ...properties,
    object_marking_refs: [tlpMarkingId(tlp as TlpLevel)],
    extensions: { [contract.PHYSICAL_EXTENSIONS[kind]]: { extension_type: "new-sdo" } },
  };
}
