/**
 * Traffic Light Protocol markings: the four TLP 1 instances of STIX 2.1 section 7.2.1.4 and the five of TLP 2.0
 * (OASIS cti-stix-common-objects, extension `60a3c5c5`). Invariant: a level maps to a level at least as strict, so that
 * reading TLP 1 and writing TLP 2 never opens anything. Only these instances exist; every other is refused.
 */
import { isRecord, type StixObject } from "./object-type.ts";

/** From open to strict; TLP 1 `white` reads as `clear`. */
export const TLP_LEVELS = ["clear", "green", "amber", "amber+strict", "red"] as const;
export type TlpLevel = (typeof TLP_LEVELS)[number];

export const TLP2_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

const TLP2_IDS: Readonly<Record<TlpLevel, string>> = {
  clear: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
  green: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
  amber: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
  "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
  red: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
};

const TLP1_IDS = {
  white: "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
  green: "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
  amber: "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
  red: "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
} as const;
type Tlp1Level = keyof typeof TLP1_IDS;

const TLP1_CREATED = "2017-01-20T00:00:00.000Z";
const TLP2_CREATED = "2022-10-01T00:00:00.000Z";

const LEVEL_OF_ID: ReadonlyMap<string, TlpLevel> = new Map<string, TlpLevel>([
  ...TLP_LEVELS.map((level) => [TLP2_IDS[level], level] as const),
  [TLP1_IDS.white, "clear"],
  [TLP1_IDS.green, "green"],
  [TLP1_IDS.amber, "amber"],
  [TLP1_IDS.red, "red"],
]);

/** The level that a marking id stands for, of either version; undefined for any other marking. */
export function tlpOfId(markingId: string): TlpLevel | undefined {
  return LEVEL_OF_ID.get(markingId.toLowerCase());
}

/** The TLP 2.0 marking id of `level`. */
export function tlpMarkingId(level: TlpLevel): string {
  return TLP2_IDS[level];
}

/** The TLP 2.0 marking definition of `level`, as published. */
export function tlpMarking(level: TlpLevel): StixObject {
  return {
    type: "marking-definition",
    spec_version: "2.1",
    id: TLP2_IDS[level],
    created: TLP2_CREATED,
    name: `TLP:${level.toUpperCase()}`,
    extensions: { [TLP2_EXTENSION]: { extension_type: "property-extension", tlp_2_0: level } },
  };
}

/** Negative when `a` is more open than `b`, positive when it is stricter. */
export function compareTlp(a: TlpLevel, b: TlpLevel): number {
  return TLP_LEVELS.indexOf(a) - TLP_LEVELS.indexOf(b);
}

/** The strictest of `levels`; undefined when there is none. */
export function strictestTlp(levels: Iterable<TlpLevel>): TlpLevel | undefined {
  let strictest: TlpLevel | undefined;
  for (const level of levels) if (strictest === undefined || compareTlp(level, strictest) > 0) strictest = level;
  return strictest;
}

/**
 * What is wrong with a marking definition that claims to be a TLP marking: undefined when it is one of the nine, or
 * when it makes no such claim.
 */
export function tlpFault(marking: StixObject): string | undefined {
  const claimsFirst = marking["definition_type"] === "tlp";
  const extensions = marking["extensions"];
  const second = isRecord(extensions) ? extensions[TLP2_EXTENSION] : undefined;
  if (second !== undefined) return secondVersionFault(marking, second);
  if (claimsFirst) return firstVersionFault(marking);
  return tlpOfId(marking.id) === undefined ? undefined : "this id is the fixed id of a TLP marking";
}

function firstVersionFault(marking: StixObject): string | undefined {
  const definition = marking["definition"];
  const level = isRecord(definition) ? definition["tlp"] : undefined;
  if (!isTlp1(level)) return "the levels of TLP 1 are `white`, `green`, `amber` and `red`";
  if (marking.id !== TLP1_IDS[level]) return `the id of TLP:${level.toUpperCase()} is fixed to \`${TLP1_IDS[level]}\``;
  if (marking["created"] !== TLP1_CREATED) return `\`created\` of a TLP 1 marking is fixed to \`${TLP1_CREATED}\``;
  if (marking["name"] !== `TLP:${level.toUpperCase()}`) return `\`name\` is fixed to \`TLP:${level.toUpperCase()}\``;
  return undefined;
}

function secondVersionFault(marking: StixObject, extension: unknown): string | undefined {
  const level = isRecord(extension) ? extension["tlp_2_0"] : undefined;
  if (!isTlp2(level)) return "the levels of TLP 2.0 are `clear`, `green`, `amber`, `amber+strict` and `red`";
  if (marking["definition_type"] !== undefined) return "a TLP 2.0 marking has no `definition_type`";
  if (marking.id !== TLP2_IDS[level]) return `the id of TLP:${level.toUpperCase()} is fixed to \`${TLP2_IDS[level]}\``;
  if (marking["created"] !== TLP2_CREATED) return `\`created\` of a TLP 2.0 marking is fixed to \`${TLP2_CREATED}\``;
  return undefined;
}

function isTlp1(level: unknown): level is Tlp1Level {
  return typeof level === "string" && Object.hasOwn(TLP1_IDS, level);
}

function isTlp2(level: unknown): level is TlpLevel {
  return typeof level === "string" && Object.hasOwn(TLP2_IDS, level);
}
