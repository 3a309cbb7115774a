/**
 * Documents that are no STIX: CSAF 2.0 advisories, the catalogue of known exploited vulnerabilities, MISP warninglists.
 * Kept as they came; a newer version replaces an older one, which stays as history.
 */
import { z } from "zod";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { tlp } from "./intel.ts";

const tag = "share/intel";

export const intelDocumentProblems = {
  "intel/document-not-found": 404,
  "intel/not-a-document": 422,
} as const;

export const DOCUMENT_KINDS = ["csaf", "kev", "warninglist"] as const;
export const documentKind = z.enum(DOCUMENT_KINDS);
export type DocumentKind = z.output<typeof documentKind>;

export const DOCUMENT_BYTES_MAX = 100_000_000; // of one upload; the largest published lists are some 20 MB
export const DOCUMENT_TYPES = ["application/octet-stream", "application/csaf+json", "application/stix+json"] as const;

export const documentLine = z.object({
  id: z.uuid(),
  kind: documentKind,
  /** The tracking id, the catalogue or the list. */
  name: z.string(),
  version: z.string(),
  title: z.string(),
  tlp,
  source: z.string(),
  releasedAt: z.iso.datetime().nullable(),
  receivedAt: z.iso.datetime(),
  /** False for a version that a newer one replaced. */
  isCurrent: z.boolean(),
  /** The lead of an advisory. */
  lead: z.string().nullable(),
});
export type DocumentLine = z.output<typeof documentLine>;

export const listDocuments = route({
  id: "listIntelDocuments",
  method: "GET",
  path: "/api/share/intel/documents",
  tag,
  summary: "Advisories, catalogues and lists, the latest received first",
  action: "intel:read",
  query: pageQuery.extend({
    kind: documentKind.optional(),
    /** One of them with all its versions. */
    name: z.string().max(500).optional(),
  }),
  status: 200,
  answer: page(documentLine),
});

export const getDocument = route({
  id: "getIntelDocument",
  method: "GET",
  path: "/api/share/intel/documents/:id",
  tag,
  summary: "A document as it came",
  action: "intel:read",
  params: z.object({ id: z.uuid() }),
  status: 200,
  answer: z.object({ ...documentLine.shape, sha256: z.string(), body: z.string() }),
});

export const documentAnswer = z.object({
  kind: documentKind,
  id: z.uuid(),
  name: z.string(),
  version: z.string(),
  /** added: new; replaced: newer than the one here; older: kept as history; already-there: these very bytes. */
  outcome: z.enum(["added", "replaced", "older", "already-there"]),
  lead: z.string().nullable(),
  /** Entries that a catalogue adds, changes and no longer has. */
  changes: z.object({ added: z.int(), changed: z.int(), removed: z.int() }).nullable(),
});
export type DocumentAnswer = z.output<typeof documentAnswer>;

export const importDocument = route({
  id: "importIntelDocument",
  method: "POST",
  path: "/api/share/intel/documents",
  tag,
  summary: "Take in a CSAF advisory, a KEV catalogue or a warninglist",
  description: "What it is, is seen in it. Sending it again changes nothing.",
  action: "intel:write",
  query: z.object({ source: z.uuid() }),
  status: 200,
  answer: documentAnswer,
  upload: { contentTypes: DOCUMENT_TYPES, sizeBytesMax: DOCUMENT_BYTES_MAX },
});
