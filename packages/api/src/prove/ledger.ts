/**
 * The ledger: an append-only log of signed statements, its proofs, its witnesses and its keys. What a standard defines
 * (tiles, checkpoint, add-checkpoint, SCRAPI) is served at the standard's own paths and is not here.
 */
import type { Action } from "@holdfast/access";
import { z } from "zod";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";

const tag = "prove/ledger";
const instant = z.iso.datetime();
const hash = z.string().regex(/^[0-9a-f]{64}$/);
/** A name as statements may have it: text that is shown, so without control characters. */
const name = z.string().regex(/^\P{Cc}*$/u, "has a control character");
/** The vkey of signed-note, `name+hash+key`; ML-DSA-44 keys are the longest. */
const vkey = z.string().min(10).max(4_000);

export const ledgerProblems = {
  "ledger/not-found": 404,
  "ledger/not-published": 409,
  "ledger/erased": 409,
  "ledger/backlog": 503,
  "ledger/no-key": 503,
  "ledger/key-needed": 409,
  "ledger/key-malformed": 422,
  "ledger/key-in-use": 409,
  "ledger/statement-refused": 422,
  "ledger/too-many-witnesses": 409,
  "ledger/page-token-invalid": 422,
  "ledger/rolled-back": 503,
  "ledger/forked": 503,
  "ledger/damaged": 503,
  "ledger/clock": 503,
  "ledger/unsure": 503,
} as const;

export const witness = z.object({
  name: z.string(),
  vkey,
  url: z.url(),
  size: z.int().describe("what it has cosigned of the open log"),
  cosignedAt: instant.nullable(),
  owesSince: instant.nullable().describe("since when it owes a cosignature"),
  alarm: z.boolean().describe("true when it owes one for longer than the node's setting allows"),
  lastProblem: z.string().nullable(),
});
export type Witness = z.output<typeof witness>;

export const ledgerAlarm = z.object({
  kind: z.string().describe("`witness-missing`: it owes a cosignature for longer than the node's setting allows"),
  subject: z.string().describe("the witness's name"),
  since: instant.describe("since when it owes one"),
  raisedAt: instant,
  clearedAt: instant.nullable().describe("null while it is open"),
  message: z.string(),
});

export const signingKey = z.object({
  role: z.enum(["checkpoint", "statement", "witness"]),
  vkey,
  state: z.enum(["active", "retired"]),
  held: z.boolean().describe("true when this process can sign with it"),
  madeAt: instant,
  retiredAt: instant.nullable(),
});

export const ledgerSummary = z.object({
  origin: z.string(),
  path: z.string().describe("where the log is served, C2SP tlog-tiles"),
  size: z.int(),
  root: hash,
  publishedSize: z.int(),
  publishedAt: instant.nullable(),
  witnessedSize: z.int(),
  witnessedAt: instant.nullable(),
  waiting: z.int().describe("statements accepted and not in the log yet"),
  waitingSince: instant.nullable().describe("since when the oldest of them waits"),
  /** The published checkpoint, a signed note, with the witnesses' lines as soon as they are there. */
  checkpoint: z.string().nullable(),
  witnessQuorum: z.int().describe("how many of the configured witnesses make a checkpoint witnessed"),
  witnessAlarmMinutes: z.number().describe("a witness that owes a cosignature for longer is an alarm"),
  /** The open log and those frozen before it, newest first. */
  logs: z.array(
    z.object({
      origin: z.string(),
      path: z.string(),
      state: z.enum(["open", "frozen"]),
      size: z.int(),
      openedAt: instant,
      frozenAt: instant.nullable(),
    }),
  ),
  kinds: z.array(z.object({ kind: z.string(), statements: z.int() })),
  witnesses: z.array(witness),
  unwitnessedSince: instant.nullable().describe("since when something is published that the quorum has not cosigned"),
  /** Open alarms first, then the newest cleared ones. */
  alarms: z.array(ledgerAlarm),
  retiredWitnessKeys: z
    .array(z.object({ name: z.string(), vkey, retiredAt: instant }))
    .describe("what they cosigned is checked with them, and nothing new is"),
  keys: z.array(signingKey),
  forks: z.int().describe("fork proofs kept"),
  refusal: z.object({ code: z.string(), message: z.string() }).nullable().describe("why nothing is signed at present"),
});
export type LedgerSummary = z.output<typeof ledgerSummary>;

export const getLedger = route({
  id: "getLedger",
  method: "GET",
  path: "/api/prove/ledger",
  tag,
  summary: "The log's size, last checkpoint, witnesses, keys, lag and statements by kind",
  action: "ledger:read",
  status: 200,
  answer: ledgerSummary,
});

/** How far a statement has come: each state holds what the ones before it say. */
export const STATEMENT_STATES = ["waiting", "logged", "published", "witnessed"] as const;

export const statement = z.object({
  id: hash.describe("SHA-256 of the signed statement: what the log holds"),
  kind: z.string(),
  subject: z.string(),
  issuer: z.string(),
  log: z.int().nullable(),
  index: z.int().nullable().describe("null while it waits for its place"),
  acceptedAt: instant.describe("since when it is durable"),
  state: z.enum(STATEMENT_STATES),
  witnessedBy: z.array(z.string()).describe("configured witnesses that cosigned a tree with it"),
});
export type Statement = z.output<typeof statement>;

export const listStatements = route({
  id: "listStatements",
  method: "GET",
  path: "/api/prove/ledger/statements",
  tag,
  summary: "Statements, newest first: those that wait for their place, then those in the log",
  action: "ledger:read",
  query: pageQuery.extend({ kind: name.max(200).optional(), subject: name.max(8_192).optional() }),
  status: 200,
  answer: page(statement),
});

const params = z.object({ id: hash });

export const provenStatement = statement.extend({
  own: z.boolean().describe("true when this node signed it"),
  erased: z.boolean().describe("true when what it is about was erased"),
  erasure: hash.nullable().describe("the statement that says it was erased"),
  origin: z.string().nullable().describe("the log that holds it"),
  publishedAt: instant
    .nullable()
    .describe("since when it is in a published checkpoint; null also for what was published before this was kept"),
  witnessedAt: instant.nullable().describe("since when the quorum has cosigned a tree with it; null as above"),
  published: z.boolean(),
  witnessed: z.boolean().describe("true when the proof's checkpoint carries the witnesses' quorum"),
  proof: z
    .object({
      size: z.int(),
      root: hash,
      leafHash: hash,
      /** From the leaf's sibling up; `side` is where the sibling stands. */
      path: z.array(z.object({ hash, side: z.enum(["left", "right"]) })),
      checkpoint: z.string(),
    })
    .nullable(),
});
export type ProvenStatement = z.output<typeof provenStatement>;

export const getStatement = route({
  id: "getStatement",
  method: "GET",
  path: "/api/prove/ledger/statements/:id",
  tag,
  summary: "One statement with its inclusion proof",
  action: "ledger:read",
  params,
  status: 200,
  answer: provenStatement,
});

/** A file that goes with one statement. */
function statementFile(file: {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly action: Action;
  readonly contentType: string;
}) {
  const { id, name, summary, action, contentType } = file;
  const path = `/api/prove/ledger/statements/:id/${name}`;
  return route({ id, method: "GET", path, tag, summary, action, params, status: 200, download: { contentType } });
}

export const downloadProof = statementFile({
  id: "downloadProof",
  name: "proof",
  summary: "The proof file, C2SP tlog-proof, to be checked offline",
  action: "ledger:read",
  contentType: "text/plain; charset=utf-8",
});

export const downloadStatement = statementFile({
  id: "downloadStatement",
  name: "cose",
  summary: "The signed statement with its receipt, RFC 9943; one that holds its document takes the right to read that",
  action: "ledger:read",
  contentType: "application/cose",
});

export const downloadDocument = statementFile({
  id: "downloadDocument",
  name: "document",
  summary: "What a statement is about, byte for byte as its digest covers it",
  action: "ledger:document",
  contentType: "application/json",
});

export const registerStatement = route({
  id: "registerStatement",
  method: "POST",
  path: "/api/prove/ledger/statements",
  tag,
  summary: "Registers a statement that someone else signed, RFC 9943",
  action: "ledger:append",
  upload: { contentTypes: ["application/cose"], sizeBytesMax: 65_536 },
  status: 202,
  answer: z.object({ id: hash }),
});

const reason = z.string().trim().min(3).max(2_000);

export const eraseStatement = route({
  id: "eraseStatement",
  method: "POST",
  path: "/api/prove/ledger/statements/:id/erase",
  tag,
  summary: "Destroys what a statement is about; entry and proof stay, and the erasure is itself a statement",
  action: "ledger:operate",
  params,
  body: z.strictObject({ reason }),
  creates: true,
  status: 201,
  answer: z.object({ id: hash.describe("the erasure's statement") }),
});

export const downloadPolicy = route({
  id: "downloadPolicy",
  method: "GET",
  path: "/api/prove/ledger/policy",
  tag,
  summary: "The trust policy of this log, C2SP tlog-policy, for an offline check",
  action: "ledger:read",
  status: 200,
  download: { contentType: "text/plain; charset=utf-8" },
});

const witnessName = z.object({ name: z.string().regex(/^[A-Za-z0-9][\w.-]{0,99}$/) });

export const putWitness = route({
  id: "putWitness",
  method: "PUT",
  path: "/api/prove/ledger/witnesses/:name",
  tag,
  summary: "Adds a witness that is asked to cosign, or changes it",
  action: "ledger:operate",
  params: witnessName,
  body: z.strictObject({ vkey, url: z.url({ protocol: /^https?$/ }).max(2_000) }),
  status: 200,
  answer: z.object({ name: z.string() }),
});

export const removeWitness = route({
  id: "removeWitness",
  method: "DELETE",
  path: "/api/prove/ledger/witnesses/:name",
  tag,
  summary: "Asks a witness no more",
  action: "ledger:operate",
  params: witnessName,
  status: 204,
});

export const witnessedLog = z.object({
  origin: z.string(),
  vkey,
  size: z.int(),
  cosignedAt: instant.nullable(),
});

export const listWitnessedLogs = route({
  id: "listWitnessedLogs",
  method: "GET",
  path: "/api/prove/ledger/witnessed-logs",
  tag,
  summary: "Logs of others that this node witnesses",
  action: "ledger:read",
  status: 200,
  answer: z.object({ items: z.array(witnessedLog) }),
});

export const putWitnessedLog = route({
  id: "putWitnessedLog",
  method: "POST",
  path: "/api/prove/ledger/witnessed-logs",
  tag,
  summary: "Begins to witness the log that this key signs for",
  action: "ledger:operate",
  body: z.strictObject({ vkey }),
  status: 200,
  answer: z.object({ origin: z.string() }),
});

export const fork = z.object({ id: z.uuid(), origin: z.string(), foundAt: instant, reason: z.string() });

export const listForks = route({
  id: "listForks",
  method: "GET",
  path: "/api/prove/ledger/forks",
  tag,
  summary: "Proofs that a log told two stories, newest first",
  action: "ledger:read",
  status: 200,
  answer: z.object({ items: z.array(fork) }),
});

export const downloadFork = route({
  id: "downloadFork",
  method: "GET",
  path: "/api/prove/ledger/forks/:id",
  tag,
  summary: "A fork proof, to be filed with an incident and checked by anyone",
  action: "ledger:read",
  params: z.object({ id: z.uuid() }),
  status: 200,
  download: { contentType: "application/json" },
});

export const issuer = z.object({
  kid: z.string().describe("base64url"),
  issuer: z.string(),
  subjectPrefix: z.string(),
  addedAt: instant,
  removedAt: instant.nullable(),
});

export const listIssuers = route({
  id: "listIssuers",
  method: "GET",
  path: "/api/prove/ledger/issuers",
  tag,
  summary: "Whose statements are accepted: the registration policy",
  action: "ledger:read",
  status: 200,
  answer: z.object({ items: z.array(issuer) }),
});

export const putIssuer = route({
  id: "putIssuer",
  method: "POST",
  path: "/api/prove/ledger/issuers",
  tag,
  summary: "Accepts statements of an issuer, by its COSE_Key; the change is itself a statement",
  action: "ledger:operate",
  body: z.strictObject({
    key: z.base64().min(1).max(8_000).describe("COSE_Key, RFC 9052, in base64"),
    issuer: name.min(1).max(8_192),
    subjectPrefix: name.max(1_000),
  }),
  status: 200,
  answer: z.object({ kid: z.string() }),
});

export const removeIssuer = route({
  id: "removeIssuer",
  method: "DELETE",
  path: "/api/prove/ledger/issuers/:kid",
  tag,
  summary: "Accepts an issuer's statements no more; the change is itself a statement",
  action: "ledger:operate",
  params: z.object({ kid: z.base64url().max(400) }),
  status: 204,
});

export const addKey = route({
  id: "addKey",
  method: "POST",
  path: "/api/prove/ledger/keys",
  tag,
  summary: "Adds a checkpoint key beside the present ones; checkpoints have a line of each until one is retired",
  action: "ledger:operate",
  body: z.strictObject({ algorithm: z.enum(["ed25519", "ml-dsa-44"]) }),
  status: 200,
  answer: z.object({ vkey }),
});

export const retireKey = route({
  id: "retireKey",
  method: "POST",
  path: "/api/prove/ledger/keys/:keyId/retire",
  tag,
  summary: "Signs no more with a checkpoint key; what it signed stays checkable",
  action: "ledger:operate",
  params: z.object({
    keyId: z
      .string()
      .regex(/^[0-9a-f]{8}$/)
      .describe("the hash in its vkey"),
  }),
  status: 200,
  answer: z.object({ vkey }),
});

export const freezeLog = route({
  id: "freezeLog",
  method: "POST",
  path: "/api/prove/ledger/freeze",
  tag,
  summary: "Ends the open log and opens its successor, whose first statement commits to the last checkpoint",
  action: "ledger:operate",
  body: z.strictObject({
    origin: z.string().max(300).describe("the open log's origin, so that nobody freezes another"),
  }),
  status: 200,
  answer: z.object({ frozen: z.string(), successor: z.string() }),
});

export const ledgerRoutes = [
  getLedger,
  listStatements,
  getStatement,
  downloadProof,
  downloadStatement,
  downloadDocument,
  registerStatement,
  eraseStatement,
  downloadPolicy,
  putWitness,
  removeWitness,
  listWitnessedLogs,
  putWitnessedLog,
  listForks,
  downloadFork,
  listIssuers,
  putIssuer,
  removeIssuer,
  addKey,
  retireKey,
  freezeLog,
] as const;
