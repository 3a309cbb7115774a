/** Versions in the contract's form. */
import type { registry } from "@holdfast/api";
import type { Kind } from "./draft-check.ts";
import { evidenceOf as evidenceRows, type Db, type ListedVersion, type Version } from "./version-store.ts";
import { identifiersOf, isMergeKind, namesOf, type Objects } from "./object-kind.ts";
import { currentVersions } from "./version-store.ts";
import { membersOf } from "./label-store.ts";

/** A version as a list shows it. */
export function objectOf<K extends Kind>(kind: K, version: ListedVersion<K>): Objects[K] {
  const { id, state, mergedInto, recordedAt, recordedBy, evidence, body, tier } = version;
  const object = {
    id,
    version: version.version,
    state,
    mergedInto,
    recordedAt: recordedAt.toISOString(),
    recordedBy,
    evidence,
    ...body,
    ...(kind === "site" ? { tier } : {}),
  };
  return object as unknown as Objects[K]; // the header and the body of K are what Objects[K] is made of
}

type Facts = Record<string, registry.Evidence & { version: number; recordedAt: string; importId?: string }>;

/** The evidence of each field: of the version in which it last changed. */
export async function factsOf(db: Db, kind: Kind, version: Version): Promise<Facts> {
  const numbers = [...new Set(Object.values(version.facts))];
  const versions = new Map((await evidenceRows(db, kind, version.id, numbers)).map((row) => [row.version, row]));
  const facts: Facts = {};
  for (const [field, number] of Object.entries(version.facts)) {
    const from = versions.get(number);
    if (!from) continue;
    const { evidence, recordedAt, importId } = from;
    const recorded = { version: number, recordedAt: recordedAt.toISOString() };
    facts[field] = { ...evidence, ...recorded, ...(importId === null ? {} : { importId }) };
  }
  return facts;
}

interface Merged {
  id: string;
  label: string;
  aliases: string[];
  identifiers: registry.Identifier[];
}

/** What was merged into an object, so that none of its names and identifiers is lost from sight. */
export async function mergedInto(db: Db, kind: Kind, id: string): Promise<Merged[]> {
  if (!isMergeKind(kind)) return [];
  const members = (await membersOf(db, kind, id)).filter((member) => member !== id);
  if (members.length === 0) return [];
  return [...(await currentVersions(db, kind, members)).values()].map(({ id: member, body }) => {
    const [label = "", ...aliases] = namesOf(body);
    return { id: member, label, aliases, identifiers: identifiersOf(body) };
  });
}
