/**
 * Threat intelligence: sources with trust and licence, collections that exchange over TAXII 2.1 (at /taxii2/, not here),
 * and the objects that came. An object is shown with the handling of its strictest copy.
 */
import { ROLES } from "@holdfast/access";
import { z } from "zod";
import { line, note } from "../know/fact.ts";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";

const tag = "share/intel";
const id = z.uuid();

export const intelProblems = {
  "intel/collection-not-found": 404,
  "intel/source-not-found": 404,
  "intel/object-not-found": 404,
  "intel/name-taken": 409,
  "intel/not-acceptable": 406,
  "intel/envelope": 422,
  "intel/too-many-objects": 413,
  "intel/not-a-bundle": 422,
} as const;

export const BUNDLE_BYTES_MAX = 100_000_000; // of one upload; the ATT&CK bundles are 4 to 50 MB
export const BUNDLE_TYPES = ["application/stix+json", "application/octet-stream"] as const;
export const VERSIONS_SHOWN_MAX = 200; // of one object

/** From open to strict. */
export const TLP_LEVELS = ["clear", "green", "amber", "amber+strict", "red"] as const;
export const tlp = z.enum(TLP_LEVELS);

export const SOURCE_KINDS = ["local", "file", "taxii", "partner"] as const;

export const sourceDraft = z.strictObject({
  name: line(200),
  kind: z.enum(SOURCE_KINDS),
  /** How much what comes by it is believed, 0 to 100. */
  trustPercent: z.int().min(0).max(100),
  /** Under which terms it may be used. */
  licence: line(200).nullable().default(null),
  /** How an object without a TLP marking is handled. */
  tlpDefault: tlp.default("amber"),
});

export const source = z.object({
  id,
  version: z.int(),
  ...sourceDraft.shape,
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
});
export type Source = z.output<typeof source>;

const roles = z.array(z.enum(ROLES)).max(ROLES.length);

export const collectionDraft = z.strictObject({
  /** A second name for URLs. */
  alias: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, "is not an alias such as `magnet-makers`")
    .nullable()
    .default(null),
  title: line(200),
  description: note.nullable().default(null),
  readRoles: roles,
  writeRoles: roles,
  /** Nothing stricter enters. */
  tlpMax: tlp.exclude(["red"]).default("amber"),
});

export const collectionChange = collectionDraft.omit({ alias: true });

export const collection = z.object({
  id,
  version: z.int(),
  ...collectionDraft.shape,
  tlpMax: tlp,
  /** How many places it has given out: objects added, deleted ones counted. */
  entries: z.int(),
  /** Where TAXII clients find it. */
  taxiiPath: z.string(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
});
export type Collection = z.output<typeof collection>;

export const objectLine = z.object({
  id: z.string(),
  type: z.string(),
  /** `modified`, else `created`; empty for observables. */
  stixVersion: z.string(),
  /** Name, value or pattern. */
  label: z.string(),
  tlp,
  revoked: z.boolean(),
  receivedAt: z.iso.datetime(),
  sources: z.array(z.string()),
});
export type ObjectLine = z.output<typeof objectLine>;

export const objectVersion = z.object({
  ...objectLine.shape,
  sha256: z.string(),
  /** The STIX object as it came. */
  object: z.record(z.string(), z.unknown()),
});

export const importAnswer = z.object({
  source: id,
  added: z.int(),
  refused: z.array(z.object({ id: z.string(), version: z.string(), message: z.string() })),
  /** Refusals beyond those listed. */
  refusedMore: z.int(),
});

const params = z.object({ id });

export const listSources = route({
  id: "listIntelSources",
  method: "GET",
  path: "/api/share/intel/sources",
  tag,
  summary: "The channels that intelligence comes by",
  action: "intel:read",
  status: 200,
  answer: z.object({ items: z.array(source) }),
});

export const addSource = route({
  id: "addIntelSource",
  method: "POST",
  path: "/api/share/intel/sources",
  tag,
  summary: "Add a source",
  action: "intel:manage",
  body: sourceDraft,
  status: 201,
  answer: source,
  creates: true,
});

export const listCollections = route({
  id: "listIntelCollections",
  method: "GET",
  path: "/api/share/intel/collections",
  tag,
  summary: "The collections that this node exchanges over TAXII",
  action: "intel:read",
  status: 200,
  answer: z.object({ items: z.array(collection) }),
});

export const addCollection = route({
  id: "addIntelCollection",
  method: "POST",
  path: "/api/share/intel/collections",
  tag,
  summary: "Open a collection",
  action: "intel:manage",
  body: collectionDraft,
  status: 201,
  answer: collection,
  creates: true,
});

export const changeCollection = route({
  id: "changeIntelCollection",
  method: "PUT",
  path: "/api/share/intel/collections/:id",
  tag,
  summary: "Change a collection's words, readers, writers and ceiling",
  action: "intel:manage",
  params,
  body: collectionChange,
  status: 200,
  answer: collection,
  edits: true,
});

export const getCollection = route({
  id: "getIntelCollection",
  method: "GET",
  path: "/api/share/intel/collections/:id",
  tag,
  summary: "One collection",
  action: "intel:read",
  params,
  status: 200,
  answer: collection,
});

export const listObjects = route({
  id: "listIntelObjects",
  method: "GET",
  path: "/api/share/intel/objects",
  tag,
  summary: "Objects, the newest version of each, the latest received first",
  action: "intel:read",
  query: pageQuery.extend({
    type: z.string().max(250).optional(),
    /** An id, or how the label begins. */
    text: z.string().max(300).optional(),
  }),
  status: 200,
  answer: page(objectLine),
});

export const getObject = route({
  id: "getIntelObject",
  method: "GET",
  path: "/api/share/intel/objects/:stixId",
  tag,
  summary: "An object, every version and content that came",
  action: "intel:read",
  params: z.object({ stixId: z.string().max(300) }),
  status: 200,
  answer: z.object({ versions: z.array(objectVersion) }),
});

export const importBundle = route({
  id: "importIntelBundle",
  method: "POST",
  path: "/api/share/intel/imports",
  tag,
  summary: "Take in a STIX bundle or a list of objects",
  description:
    "What breaks a MUST of STIX 2.1 is refused and named; the rest is stored. Sending it again changes nothing.",
  action: "intel:write",
  query: z.object({ source: id, collection: id.optional() }),
  status: 200,
  answer: importAnswer,
  upload: { contentTypes: BUNDLE_TYPES, sizeBytesMax: BUNDLE_BYTES_MAX },
});
