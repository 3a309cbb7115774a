/** What surrounds an object of intelligence: neighbours, outside ids, sightings, merges of duplicates; and what sources bring. */
import { z } from "zod";
import { line, note } from "../know/fact.ts";
import { route } from "../route.ts";

const tag = "share/intel";
const stixId = z.string().min(1).max(300);
const params = z.object({ stixId });

export const intelObjectProblems = {
  "intel/merge-not-possible": 409,
  "intel/merge-not-found": 404,
  "intel/merge-undone-already": 409,
} as const;

export const NEIGHBOURS_MAX = 100; // what a picture can show; the count of all is told

export const neighbour = z.object({
  id: z.string(),
  type: z.string(),
  label: z.string(),
  /** The relationship's type, or the name of the property that refers. */
  what: z.string(),
  isOutward: z.boolean(),
  /** How many references it has: the rarest neighbours come first. */
  degree: z.int(),
});
export type Neighbour = z.output<typeof neighbour>;

export const SIGHTING_KINDS = ["positive", "false-positive", "expiration"] as const;

export const sighting = z.object({
  id: z.uuid(),
  stixId: z.string(),
  kind: z.enum(SIGHTING_KINDS),
  organisation: z.string(),
  seenAt: z.iso.datetime(),
  note: z.string().nullable(),
  source: z.string(),
});
export type Sighting = z.output<typeof sighting>;

export const merge = z.object({
  id: z.uuid(),
  keptId: z.string(),
  mergedId: z.string(),
  reason: z.string(),
  mergedAt: z.iso.datetime(),
  mergedBy: z.string(),
});
export type Merge = z.output<typeof merge>;

export const surroundings = z.object({
  /** The UUID under which the ledger has it. */
  subject: z.string(),
  neighbours: z.array(neighbour),
  neighboursTotal: z.int(),
  externalIds: z.array(z.object({ stixId: z.string(), sourceName: z.string(), externalId: z.string() })),
  sightings: z.array(sighting),
  /** Distinct organisations, not reports. */
  witnesses: z.int(),
  doubters: z.int(),
  /** 0 to 100: trust in the source as it has decayed since it was last seen; null for what does not decay. */
  scorePercent: z.int().nullable(),
  merges: z.array(merge),
  duplicates: z.array(z.object({ id: z.string(), label: z.string(), sourceName: z.string(), externalId: z.string() })),
});
export type Surroundings = z.output<typeof surroundings>;

export const getSurroundings = route({
  id: "getIntelSurroundings",
  method: "GET",
  path: "/api/share/intel/objects/:stixId/surroundings",
  tag,
  summary: "What is around an object: neighbours, the rarest first, outside ids, sightings, merges",
  action: "intel:read",
  params,
  status: 200,
  answer: surroundings,
});

export const addSighting = route({
  id: "addIntelSighting",
  method: "POST",
  path: "/api/share/intel/objects/:stixId/sightings",
  tag,
  summary: "Say that it was seen, that it is a false positive, or that it is over",
  action: "intel:write",
  params,
  body: z.strictObject({
    kind: z.enum(SIGHTING_KINDS),
    /** Who saw it; this node's organisation when absent. */
    organisation: line(200).optional(),
    seenAt: z.iso.datetime().optional(),
    note: note.optional(),
  }),
  status: 201,
  answer: z.object({ id: z.uuid() }),
  creates: true,
});

export const addMerge = route({
  id: "mergeIntelObjects",
  method: "POST",
  path: "/api/share/intel/merges",
  tag,
  summary: "Say that one object is another; nothing of either is rewritten",
  action: "intel:write",
  body: z.strictObject({ keptId: stixId, mergedId: stixId, reason: note }),
  status: 201,
  answer: merge,
  creates: true,
});

export const undoMerge = route({
  id: "undoIntelMerge",
  method: "POST",
  path: "/api/share/intel/merges/:id/undo",
  tag,
  summary: "Take a merge back",
  action: "intel:write",
  params: z.object({ id: z.uuid() }),
  status: 201,
  answer: merge,
  creates: true,
});

export const sourceHealth = z.object({
  id: z.uuid(),
  objects: z.int(),
  documents: z.int(),
  objectsLastDay: z.int(),
  lastReceivedAt: z.iso.datetime().nullable(),
  /** How many of its leads touch us: what it is worth here. */
  touching: z.int(),
  falsePositives: z.int(),
});
export type SourceHealth = z.output<typeof sourceHealth>;

export const listSourceHealth = route({
  id: "listIntelSourceHealth",
  method: "GET",
  path: "/api/share/intel/source-health",
  tag,
  summary: "What each source brought, and how much of it touches us",
  action: "intel:read",
  status: 200,
  answer: z.object({ items: z.array(sourceHealth) }),
});
