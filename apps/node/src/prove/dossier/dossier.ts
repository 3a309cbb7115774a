/**
 * Makes the dossier of a thing: its pedigree's events with their place in the ledger, what was found, the credentials about
 * what is in it, the statements with their proofs, and the policy to judge them by. Everything is read as it stands;
 * nothing is asked outside. What a dossier could not take in is said in it, so that a gap never looks like nothing.
 */
import { type JsonObject, MAX_DOSSIER_PARTS, type PartInput, sealDossier } from "@holdfast/credential";
import { type Direction, idsTouched, type Pedigree, traceFrom } from "@holdfast/custody";
import { canonicalId, decimalText, instantMs } from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import { formatTlogProof } from "@holdfast/tlog";
import type { Config } from "../../platform/config.ts";
import type { Database } from "../../platform/database.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Credentials } from "../credential/index.ts";
import { type Ledger, policyOf, readDocument } from "../ledger/index.ts";
import { type EventProof, eventProofs, type StoredEvent, type Thread } from "../thread/index.ts";

/** What is wrong with a pedigree; the slice that knows rules and facts answers. */
export interface FindingSource {
  /** Findings whose subject is one of `ids`, in JSON, the newest first, at most `limit`. */
  findingsAbout(ids: readonly string[], limit: number): Promise<readonly JsonObject[]>;
}

export interface DossierParts {
  readonly database: Database;
  readonly ports: Ports;
  readonly config: Config;
  readonly ledger: Ledger;
  readonly thread: Thread;
  readonly credentials: Credentials;
  readonly findings: FindingSource;
}

export const EVENTS_MAX = 20_000; // of one dossier: some 40 MB
const CREDENTIALS_MAX = 500;
const FINDINGS_MAX = 2_000;
const PUBLISH_WAIT_MS = 5_000; // for the statements of events that came just now

/** The dossier's bytes. @throws Problem `dossier/unknown-thing`, `dossier/too-large`, `credential/no-key` */
export async function makeDossier(
  parts: DossierParts,
  wish: { readonly id: string; readonly direction: "back" | "forward" | "both" },
): Promise<Uint8Array> {
  const subject = canonicalId(wish.id.trim());
  const { events, pedigrees } = await gather(parts.thread, subject, wish.direction);
  if (events.length === 0)
    throw new Problem("dossier/unknown-thing", `no event here names \`${wish.id.slice(0, 200)}\``);
  if (events.length > EVENTS_MAX)
    throw new Problem(
      "dossier/too-large",
      `the pedigree has \`${events.length}\` events, and \`${EVENTS_MAX}\` are the most`,
    );
  const things = [...new Set([subject, ...pedigrees.flatMap((pedigree) => pedigree.things.map(({ id }) => id))])];
  const proofs = await eventProofs(
    parts.database.pool,
    events.map(({ seq }) => seq),
  );
  const credentials = await credentialParts(parts, things);
  const statements = [
    ...new Set(
      [...proofs.map(({ statement }) => statement), ...credentials.statements].filter((id) => id !== undefined),
    ),
  ];
  const ledger = await statementParts(parts.ledger, statements);
  const made: PartInput[] = [
    { kind: "about", content: { id: wish.id, canonicalId: subject, direction: wish.direction, events: events.length } },
    ...pedigrees.map((pedigree): PartInput => ({ kind: "pedigree", content: pedigreeContent(pedigree) })),
    ...proofs.map(eventPart),
    ...(await findingParts(parts.findings, things)),
    ...credentials.made,
    ...ledger,
    { kind: "policy", content: { text: Buffer.from(await policyOf(parts.ledger)).toString("utf8") } },
  ];
  if (made.length > MAX_DOSSIER_PARTS)
    throw new Problem("dossier/too-large", `\`${made.length}\` parts exceed \`${MAX_DOSSIER_PARTS}\``);
  const { did, kid, signer, key } = parts.credentials.identity.issuer();
  return sealDossier(made, {
    subject,
    madeAt: parts.ports.clock.now().toISOString(),
    issuer: did,
    issuerName: parts.config.organisationName,
    key,
    kid,
    signer,
    random: (length) => parts.ports.random.bytes(length),
  });
}

/** The pedigree's events, each once, in the order in which they were stored. */
async function gather(
  thread: Thread,
  subject: string,
  wanted: "back" | "forward" | "both",
): Promise<{ events: StoredEvent[]; pedigrees: Pedigree[] }> {
  const directions: readonly Direction[] = wanted === "both" ? ["back", "forward"] : [wanted];
  const touched = new Map<number, StoredEvent>();
  const load = async (ids: readonly string[]) => {
    const found = await thread.eventsTouching(ids);
    for (const event of found) touched.set(event.seq, event);
    return found;
  };
  const pedigrees: Pedigree[] = [];
  for (const direction of directions) pedigrees.push((await traceFrom(load, { id: subject, direction })).pedigree);
  const cited = new Set(pedigrees.flatMap(({ steps, edges }) => [...steps, ...edges].flatMap(({ events }) => events)));
  const windows = pedigrees.map((pedigree) => ({ direction: pedigree.direction, times: windowsOf(pedigree) }));
  const events = [...touched.values()]
    .filter(({ hash, event }) => {
      if (cited.has(hash) || cited.has(String(event.eventID))) return true;
      const ids = idsTouched(event);
      if (ids.includes(subject)) return true;
      if (event.type !== "ObjectEvent" && event.type !== "TransactionEvent") return false;
      const at = instantMs(event.eventTime) ?? Number.NaN;
      return windows.some(({ direction, times }) => ids.some((id) => isWithin(times.get(id), at, direction)));
    })
    .toSorted((a, b) => a.seq - b.seq);
  return { events, pedigrees };
}

/** When each thing of a pedigree mattered to it: what happened to a lot after it went into this one is another's business. */
function windowsOf({ edges }: Pedigree): Map<string, { firstMs: number; lastMs: number }> {
  const windows = new Map<string, { firstMs: number; lastMs: number }>();
  for (const { from, to, fromMs, toMs = fromMs } of edges)
    for (const id of [from, to]) {
      const known = windows.get(id) ?? { firstMs: fromMs, lastMs: toMs };
      windows.set(id, { firstMs: Math.min(known.firstMs, fromMs), lastMs: Math.max(known.lastMs, toMs) });
    }
  return windows;
}

function isWithin(window: { firstMs: number; lastMs: number } | undefined, at: number, direction: Direction): boolean {
  if (!window) return false;
  return direction === "back" ? at <= window.lastMs : at >= window.firstMs;
}

function eventPart({ body, statement, path }: EventProof): PartInput {
  const inLedger = statement === undefined ? {} : { inLedger: { statement, path } };
  return { kind: "event", content: { body, ...inLedger } };
}

function pedigreeContent({ root, direction, things, steps, edges, cycles }: Pedigree): JsonObject {
  return {
    root,
    direction,
    things: things.map(({ id, level, relations }) => ({ id, level, relations })),
    steps: steps.map(({ id, bizStep = null, fromMs, toMs, placeIds, events }) => ({
      id,
      bizStep,
      from: time(fromMs),
      to: time(toMs),
      places: placeIds,
      events,
    })),
    edges: edges.map(({ kind, from, to, amount, fromMs, toMs, events }) => ({
      kind,
      from,
      to,
      amounts: amount.amounts.map(({ unit, value }) => ({ unit, value: decimalText(value) })),
      hasUnknownAmount: amount.hasUnknown,
      since: time(fromMs),
      until: toMs === undefined ? null : time(toMs),
      events,
    })),
    cycles,
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

async function findingParts(source: FindingSource, things: readonly string[]): Promise<PartInput[]> {
  const findings = await source.findingsAbout(things, FINDINGS_MAX);
  const made = findings.map((content): PartInput => ({ kind: "finding", content }));
  if (findings.length < FINDINGS_MAX) return made;
  return [
    ...made,
    { kind: "gap", content: { what: "findings", why: `more than ${FINDINGS_MAX}: the newest are here` } },
  ];
}

/** The credentials about the things, and what it takes to check them: DID documents and status lists at hand. */
async function credentialParts(
  { credentials }: DossierParts,
  things: readonly string[],
): Promise<{ made: PartInput[]; statements: string[] }> {
  const found = await credentials.documentsFor(things, CREDENTIALS_MAX);
  const support = await credentials.supportOf(found.map(({ document }) => document));
  return {
    made: [
      ...found.map(({ document, statement }): PartInput => {
        const inLedger = statement === undefined ? {} : { inLedger: { statement } };
        return { kind: "credential", content: { document, ...inLedger } };
      }),
      ...support.didDocuments.map((content): PartInput => ({ kind: "did-document", content })),
      ...support.statusLists.map((content): PartInput => ({ kind: "status-list", content })),
    ],
    statements: found.flatMap(({ statement }) => (statement === undefined ? [] : [statement])),
  };
}

/** Each statement with its document and proof; one that is not published yet becomes a gap. */
async function statementParts(ledger: Ledger, ids: readonly string[]): Promise<PartInput[]> {
  const made: PartInput[] = [];
  const last = ids.at(-1);
  if (last !== undefined) await ledger.published(last, PUBLISH_WAIT_MS).catch(onlyUnpublished);
  for (const id of ids) {
    const proven = await ledger.proof(id).catch(onlyUnpublished);
    const bytes = proven?.statement.statement;
    if (!proven || !bytes) {
      made.push({
        kind: "gap",
        content: { what: `statement ${id}`, why: "it is not in a published checkpoint yet, or was erased" },
      });
      continue;
    }
    const { index, path, checkpoint } = proven.evidence;
    const document = await readDocument(ledger.pool, id);
    made.push({
      kind: "statement",
      content: {
        statement: Buffer.from(bytes).toString("base64"),
        proof: Buffer.from(formatTlogProof({ index, path, checkpoint })).toString("utf8"),
        ...(document === undefined ? {} : { document: document.toString("base64") }),
      },
    });
  }
  return made;
}

function onlyUnpublished(error: unknown): undefined {
  if (error instanceof Problem && (error.code === "ledger/not-published" || error.code === "ledger/not-found"))
    return undefined;
  throw error;
}
