/**
 * Sharing agreements: with whom, for what, which kinds up to which marking, and what is scrubbed; then what leaves under
 * them: previews, shares that can be taken back, exports, decisions. Nothing leaves without a clause that allows it.
 */
import { ROLES } from "@holdfast/access";
import { z } from "zod";
import { line, note } from "../know/fact.ts";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { tlp } from "./intel.ts";

const tag = "share/agreement";
const id = z.uuid();

export const agreementProblems = {
  "agreement/not-found": 404,
  "agreement/share-not-found": 404,
  "agreement/object-not-found": 404,
  "agreement/ended": 409,
  "agreement/already-signed": 409,
  "agreement/not-a-party": 422,
  "agreement/dates": 422,
  "agreement/too-late": 409,
  "agreement/nothing-leaves": 422,
  "agreement/rescan": 422,
} as const;

/** What a recipient may use things for: the pre-authorised use cases. */
export const PURPOSES = ["awareness", "detect", "block", "respond", "notify", "statistics"] as const;
export const purpose = z.enum(PURPOSES);

/** What a redaction profile scrubs. */
export const DETECTORS = [
  "person",
  "mail-address",
  "phone-number",
  "internal-address",
  "internal-host",
  "serial-number",
  "order-number",
  "position",
] as const;
export const CHANNELS = ["taxii", "file", "share", "console"] as const;

export const PARTIES_MAX = 200; // of one agreement: a sector's sharing centre
export const OBJECTS_PER_SHARE_MAX = 100; // named ones; what they refer to comes along as far as it may
export const DENY_WORDS_MAX = 2_000; // of the organisation's list

const partyId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, "is not a short name such as `magnet-works`");

export const party = z.strictObject({
  /** Names the party in every agreement. */
  id: partyId,
  name: line(200),
  /** Its entry in the registry. */
  organisation: id.nullable().default(null),
  /** Accounts of this node that act for it. */
  people: z.array(id).max(200).default([]),
  /** Roles of this node whose holders all act for it. */
  roles: z.array(z.enum(ROLES)).max(ROLES.length).default([]),
  /** True once it has left: nothing more goes to it. */
  hasLeft: z.boolean().default(false),
});
export type Party = z.output<typeof party>;

export const iepTerms = z.strictObject({
  encryptInTransit: z.enum(["may", "must"]).default("may"),
  permittedActions: z
    .enum([
      "none",
      "contact-for-instruction",
      "internally-visible-actions",
      "externally-visible-indirect-actions",
      "externally-visible-direct-actions",
    ])
    .default("internally-visible-actions"),
  affectedPartyNotifications: z.enum(["may", "must-not"]).default("must-not"),
  attribution: z.enum(["may", "must", "must-not"]).default("may"),
  unmodifiedResale: z.enum(["may", "must-not"]).default("must-not"),
});

export const agreementDraft = z.strictObject({
  title: line(200),
  parties: z.array(party).min(1).max(PARTIES_MAX),
  purposes: z.array(purpose).max(PURPOSES.length),
  /** What a poll without a stated purpose counts as; without one, polls get nothing. */
  standingPurpose: purpose.nullable().default(null),
  /** STIX types that it covers. */
  kinds: z.array(z.string().regex(/^[a-z0-9-]{3,250}$/, "is not a STIX type such as `indicator`")).max(200),
  /** Markings other than TLP that the parties know; any other closes an object. */
  markings: z.array(z.string().regex(/^marking-definition--[0-9a-f-]{36}$/, "is not the id of a marking")).max(200),
  /** The strictest level that may leave. What is stricter than amber is for nobody else. */
  tlpMax: z.enum(["clear", "green", "amber"]),
  /** What is scrubbed; the organisation's deny-list always is. */
  redaction: z.array(z.enum(DETECTORS)).max(DETECTORS.length),
  iep: iepTerms,
  /** Days after which what came under it is deleted; null for no end. */
  retentionDays: z.int().min(1).max(36_500).nullable().default(null),
  /** How many times what came under it may be handed on; 0 is not at all. */
  onwardDepth: z.int().min(0).max(10).default(0),
  legalBasis: z.strictObject({
    text: note,
    from: z.iso.datetime(),
    until: z.iso.datetime().nullable().default(null),
  }),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime().nullable().default(null),
  /** Channels of intelligence that bring things under it. */
  sources: z.array(id).max(200).default([]),
  /** Where shares to its parties are placed. */
  collection: id.nullable().default(null),
  objectsPerDayMax: z.int().min(1).max(10_000_000).default(100_000),
});
export type AgreementDraft = z.output<typeof agreementDraft>;

export const signature = z.object({
  /** `self` or the id of a party. */
  party: z.string(),
  version: z.int(),
  at: z.iso.datetime(),
  by: z.string(),
  /** What shows that a party signed: a letter, a digest, a credential. */
  evidence: z.string(),
});

export const AGREEMENT_STATES = ["draft", "signed", "ended"] as const;

export const agreement = z.object({
  id,
  version: z.int(),
  state: z.enum(AGREEMENT_STATES),
  ...agreementDraft.shape,
  /** Over the canonical terms; what is signed. */
  termsSha256: z.string(),
  signatures: z.array(signature),
  changedAt: z.iso.datetime(),
  changedBy: z.string(),
});
export type Agreement = z.output<typeof agreement>;

export const traceStep = z.object({
  agreement: id.nullable(),
  rule: z.string(),
  passed: z.boolean(),
  detail: z.string(),
});

export const verdict = z.object({
  allowed: z.boolean(),
  /** The rule that decided, and the clause of the agreement that it stands on. */
  rule: z.string(),
  clause: z.string(),
  detail: z.string(),
  agreement: id.nullable(),
  agreementVersion: z.int().nullable(),
  trace: z.array(traceStep),
});
export type Verdict = z.output<typeof verdict>;

export const decision = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  object: z.string(),
  stixVersion: z.string(),
  recipient: z.string().nullable(),
  channel: z.enum(CHANNELS),
  purpose: purpose.nullable(),
  by: z.string(),
  verdict,
});
export type Decision = z.output<typeof decision>;

const shareWish = z.strictObject({
  objects: z.array(z.string().max(300)).min(1).max(OBJECTS_PER_SHARE_MAX),
  recipient: partyId,
  purpose,
});

export const leavingField = z.object({
  selector: z.string(),
  action: z.enum(["removed", "replaced"]),
  reason: z.string(),
});

export const leavingObject = z.object({
  /** The original's id, and that under which it leaves. */
  original: z.string(),
  id: z.string(),
  type: z.string(),
  label: z.string(),
  tlp,
  /** Asked for, or along because what was asked for refers to it. */
  asked: z.boolean(),
  fields: z.array(leavingField),
  /** Exactly what leaves. */
  object: z.record(z.string(), z.unknown()),
});
export type LeavingObject = z.output<typeof leavingObject>;

export const preview = z.object({
  recipient: party.pick({ id: true, name: true }),
  purpose,
  agreement: z.object({ id, title: z.string(), version: z.int() }),
  clause: z.string(),
  objects: z.array(leavingObject),
  withheld: z.array(z.object({ id: z.string(), rule: z.string(), reason: z.string() })),
  /** Of the bytes of what leaves. */
  sha256: z.string(),
});
export type Preview = z.output<typeof preview>;

export const SHARE_STATES = ["pending", "placed", "taken-back", "blocked", "revoked"] as const;
export const UNDO_SECONDS = 30; // between the button and the collection
export const UNDO_SECONDS_MAX = 86_400; // whoever wants a day may have one

export const share = z.object({
  id,
  version: z.int(),
  state: z.enum(SHARE_STATES),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  /** When it leaves, unless it is taken back. */
  placeAt: z.iso.datetime(),
  placedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  /** When the recipient had read every revoked version. */
  acknowledgedAt: z.iso.datetime().nullable(),
  reason: z.string().nullable(),
  ...preview.shape,
});
export type Share = z.output<typeof share>;

const params = z.object({ id });

export const listAgreements = route({
  id: "listAgreements",
  method: "GET",
  path: "/api/share/agreements",
  tag,
  summary: "Sharing agreements, by title",
  action: "sharing:read",
  query: pageQuery,
  status: 200,
  answer: page(agreement),
});

export const addAgreement = route({
  id: "addAgreement",
  method: "POST",
  path: "/api/share/agreements",
  tag,
  summary: "Draft an agreement; it allows nothing until everybody signed",
  action: "sharing:agree",
  body: agreementDraft,
  status: 201,
  answer: agreement,
  creates: true,
});

export const getAgreement = route({
  id: "getAgreement",
  method: "GET",
  path: "/api/share/agreements/:id",
  tag,
  summary: "One agreement with its signatures",
  action: "sharing:read",
  params,
  status: 200,
  answer: agreement,
});

export const changeAgreement = route({
  id: "changeAgreement",
  method: "PUT",
  path: "/api/share/agreements/:id",
  tag,
  summary: "Change the terms; the new version has to be signed again",
  action: "sharing:agree",
  params,
  body: agreementDraft,
  status: 200,
  answer: agreement,
  edits: true,
});

export const signAgreement = route({
  id: "signAgreement",
  method: "POST",
  path: "/api/share/agreements/:id/signatures",
  tag,
  summary: "Put a signature under this version on the ledger: one's own, or a party's that was received",
  action: "sharing:agree",
  params,
  body: z.strictObject({ party: z.union([z.literal("self"), partyId]), evidence: line(300) }),
  status: 200,
  answer: agreement,
  edits: true,
});

export const endAgreement = route({
  id: "endAgreement",
  method: "POST",
  path: "/api/share/agreements/:id/end",
  tag,
  summary: "End an agreement for good",
  action: "sharing:agree",
  params,
  body: z.strictObject({ reason: note }),
  status: 200,
  answer: agreement,
  edits: true,
});

export const simulateSharing = route({
  id: "simulateSharing",
  method: "GET",
  path: "/api/share/simulations/:stixId",
  tag,
  summary: "Who could see this object, and why not the others",
  description: "Every party of every agreement is asked about; nothing leaves and nothing is disclosed.",
  action: "sharing:read",
  params: z.object({ stixId: z.string().max(300) }),
  query: z.object({ purpose: purpose.default("awareness"), channel: z.enum(CHANNELS).default("share") }),
  status: 200,
  answer: z.object({
    object: z.object({ id: z.string(), type: z.string(), label: z.string(), tlp }),
    parties: z.array(z.object({ id: z.string(), name: z.string(), verdict })),
  }),
});

export const previewShare = route({
  id: "previewShare",
  method: "POST",
  path: "/api/share/previews",
  tag,
  summary: "What exactly would leave, what was removed and why, under which clause",
  action: "sharing:share",
  body: shareWish,
  status: 200,
  answer: preview,
});

export const startShare = route({
  id: "startShare",
  method: "POST",
  path: "/api/share/shares",
  tag,
  summary: "Share; it leaves when the undo window has passed",
  action: "sharing:share",
  body: shareWish.extend({ undoSeconds: z.int().min(0).max(UNDO_SECONDS_MAX).default(UNDO_SECONDS) }),
  status: 201,
  answer: share,
  creates: true,
});

export const listShares = route({
  id: "listShares",
  method: "GET",
  path: "/api/share/shares",
  tag,
  summary: "What was shared, the latest first",
  action: "sharing:read",
  query: pageQuery,
  status: 200,
  answer: page(share),
});

export const getShare = route({
  id: "getShare",
  method: "GET",
  path: "/api/share/shares/:id",
  tag,
  summary: "One share",
  action: "sharing:read",
  params,
  status: 200,
  answer: share,
});

export const takeShareBack = route({
  id: "takeShareBack",
  method: "POST",
  path: "/api/share/shares/:id/take-back",
  tag,
  summary: "Take a share back before it leaves",
  action: "sharing:share",
  params,
  body: z.strictObject({}),
  status: 200,
  answer: share,
});

export const revokeShare = route({
  id: "revokeShare",
  method: "POST",
  path: "/api/share/shares/:id/revoke",
  tag,
  summary: "Revoke what has left: holders get revoked versions, the rest goes from the collection",
  action: "sharing:share",
  params,
  body: z.strictObject({ reason: note }),
  status: 200,
  answer: share,
});

export const exportForParty = route({
  id: "exportForParty",
  method: "POST",
  path: "/api/share/exports",
  tag,
  summary: "A STIX bundle for a party, to be carried there as a file",
  action: "sharing:share",
  body: shareWish.extend({ channel: z.enum(["file", "console"]).default("file") }),
  status: 200,
  answer: z.object({ preview, bundle: z.record(z.string(), z.unknown()) }),
});

export const listSharingDecisions = route({
  id: "listSharingDecisions",
  method: "GET",
  path: "/api/share/decisions",
  tag,
  summary: "Every decision on what may leave, the latest first",
  action: "sharing:read",
  query: pageQuery.extend({ object: z.string().max(300).optional() }),
  status: 200,
  answer: page(decision),
});

export const getDenyList = route({
  id: "getSharingDenyList",
  method: "GET",
  path: "/api/share/deny-list",
  tag,
  summary: "Words that never leave: code names, own domains, people",
  action: "sharing:read",
  status: 200,
  answer: z.object({ version: z.int(), words: z.array(z.string()) }),
});

export const changeDenyList = route({
  id: "changeSharingDenyList",
  method: "PUT",
  path: "/api/share/deny-list",
  tag,
  summary: "Change the words that never leave",
  action: "sharing:agree",
  body: z.strictObject({ words: z.array(line(200)).max(DENY_WORDS_MAX) }),
  status: 200,
  answer: z.object({ version: z.int(), words: z.array(z.string()) }),
  edits: true,
});
