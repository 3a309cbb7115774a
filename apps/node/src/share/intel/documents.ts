/**
 * Documents that are no STIX, as first-class intelligence: CSAF 2.0 advisories, the catalogue of exploited vulnerabilities
 * (KEV), warninglists. What a document is, is seen in it. Kept byte for byte; a newer version replaces, the older stays.
 */
import { createHash } from "node:crypto";
import type { intelDocument as contract } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import {
  compareKev,
  type KevEntry,
  parseDocument,
  parseTimestamp,
  readCsaf,
  readKev,
  type TlpLevel,
} from "@holdfast/stix";
import type { Transaction } from "kysely";
import type { Evidence } from "../../platform/evidence.ts";
import type { Ports } from "../../platform/ports.ts";
import { addDocument, type Document, keepKev, leadIdsOfLists, readCurrent, replaceCurrent } from "./document-store.ts";
import type { Source } from "./store.ts";
import { ADVISORY_TYPE, uuidOf } from "./touch/build.ts";
import { leadIdsOfCves, notePending } from "./touch/store.ts";
import { readWarninglist } from "./warninglist.ts";

type Tx = Transaction<Record<never, never>>; // the statements name their tables themselves

interface Read {
  readonly kind: contract.DocumentKind;
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly tlp: TlpLevel | undefined;
  readonly releasedAt: Date | null;
  readonly leadId: string | null;
}

/** Takes one document in. @throws Problem `intel/not-a-document` */
export async function takeDocument(
  tx: Tx,
  bytes: Uint8Array,
  { source, by, ports, evidence }: { source: Source; by: string; ports: Ports; evidence: Evidence },
): Promise<contract.DocumentAnswer> {
  const parsed = parseDocument(bytes);
  if (!parsed.ok) throw new Problem("intel/not-a-document", parsed.problem.message);
  const value: unknown = parsed.value;
  const read = readAny(value);
  const current = await readCurrent(tx, read.kind, read.name, { lock: true });
  const sha256 = createHash("sha256").update(bytes).digest();
  const order = current ? compareDocuments(current, read) : 1;
  const document: Document = {
    ...read,
    id: uuid7(ports),
    sourceId: source.id,
    tlp: read.tlp ?? source.tlpDefault,
    sha256,
    body: Buffer.from(bytes).toString("utf8"),
    isCurrent: order > 0,
    receivedAt: ports.clock.now(),
    receivedBy: by,
  };
  if (document.isCurrent) await replaceCurrent(tx, read.kind, read.name);
  const kept = await addDocument(tx, document);
  const named = { kind: read.kind, name: read.name, version: read.version, lead: read.leadId };
  if (!kept.isNew) return { ...named, id: kept.id, outcome: "already-there", changes: null };
  await evidence.append(tx, {
    kind: "intel/document",
    subject: `urn:uuid:${kept.id}`,
    payload: { kind: read.kind, version: read.version, source: source.id, sha256: sha256.toString("hex") },
  });
  const changes = document.isCurrent ? await follow(tx, read, value, current, ports.clock.now()) : null;
  return { ...named, id: kept.id, outcome: !current ? "added" : document.isCurrent ? "replaced" : "older", changes };
}

/** What a new current document makes others look at again. */
async function follow(
  tx: Tx,
  read: Read,
  value: unknown,
  before: Document | undefined,
  at: Date,
): Promise<contract.DocumentAnswer["changes"]> {
  if (read.leadId !== null) await notePending(tx, [read.leadId]);
  if (read.kind === "warninglist") await notePending(tx, await leadIdsOfLists(tx));
  if (read.kind !== "kev") return null;
  const [newer, older] = [readKev(value), before && readKev(JSON.parse(before.body))];
  if (!newer.ok) return null; // it was read before
  const changes = older?.ok
    ? compareKev(older.value, newer.value)
    : { added: [...newer.value.entries.values()], changed: [] as KevEntry[], removed: [] as KevEntry[] };
  await keepKev(tx, {
    kept: [...changes.added, ...changes.changed],
    removed: changes.removed,
    catalogue: newer.value.version,
    at,
  });
  const cves = [...changes.added, ...changes.changed, ...changes.removed].map(({ cve }) => cve);
  await notePending(tx, await leadIdsOfCves(tx, cves));
  return { added: changes.added.length, changed: changes.changed.length, removed: changes.removed.length };
}

function readAny(value: unknown): Read {
  if (typeof value !== "object" || value === null) throw new Problem("intel/not-a-document", "expected a JSON object");
  if ("document" in value) return readAdvisory(value);
  if ("vulnerabilities" in value && "catalogVersion" in value) return readCatalogue(value);
  if ("list" in value && "type" in value) {
    const { name, version, description } = readWarninglist(value);
    return {
      kind: "warninglist",
      name,
      version,
      title: description === "" ? name : description.slice(0, 300),
      tlp: "clear",
      releasedAt: null,
      leadId: null,
    };
  }
  throw new Problem("intel/not-a-document", "this is no CSAF 2.0 advisory, no KEV catalogue and no warninglist");
}

function readAdvisory(value: object): Read {
  const read = readCsaf(value);
  if (!read.ok) throw new Problem("intel/not-a-document", read.problem.message);
  const { id, version, title, publisher, tlp, currentReleaseAt } = read.value;
  const name = `${publisher.namespace} ${id}`.slice(0, 500);
  return {
    kind: "csaf",
    name,
    version: version.slice(0, 100),
    title: title.slice(0, 300),
    tlp: tlp === undefined ? undefined : tlpOf(tlp),
    releasedAt: timeOf(currentReleaseAt),
    leadId: `${ADVISORY_TYPE}--${uuidOf(name)}`,
  };
}

function readCatalogue(value: object): Read {
  const read = readKev(value);
  if (!read.ok) throw new Problem("intel/not-a-document", read.problem.message);
  const { version, releasedAt, entries } = read.value;
  return {
    kind: "kev",
    name: "KEV",
    version: version.slice(0, 100),
    title: `Known exploited vulnerabilities, ${entries.size} entries`,
    tlp: "clear",
    releasedAt: timeOf(releasedAt),
    leadId: null,
  };
}

function timeOf(text: string): Date | null {
  const time = Date.parse(text);
  return Number.isNaN(time) || parseTimestamp(new Date(time).toISOString()) === undefined ? null : new Date(time);
}

/** CSAF 2.0 labels are those of TLP 1. */
function tlpOf(label: string): TlpLevel {
  const levels: Readonly<Record<string, TlpLevel>> = {
    WHITE: "clear",
    CLEAR: "clear",
    GREEN: "green",
    AMBER: "amber",
    "AMBER+STRICT": "amber+strict",
  };
  return levels[label.toUpperCase()] ?? "red"; // a label that nobody here knows closes it
}

/** Above 0 when `next` is newer: by version (integers or semantic versions, CSAF 2.0 section 3.1.11), then by release. */
function compareDocuments(current: Document, next: Read): number {
  const order = compareVersionTexts(next.version, current.version);
  if (order !== 0) return order;
  return (next.releasedAt?.getTime() ?? 0) >= (current.releasedAt?.getTime() ?? 0) ? 1 : -1;
}

export function compareVersionTexts(a: string, b: string): number {
  const [partsA, partsB] = [a, b].map((text) =>
    text
      .replace(/[-+].*$/, "")
      .split(".")
      .map(Number),
  );
  for (let i = 0; i < Math.max(partsA!.length, partsB!.length); i++) {
    const difference = (partsA![i] ?? 0) - (partsB![i] ?? 0); // two texts give two lists
    if (Number.isNaN(difference)) return a < b ? -1 : a > b ? 1 : 0;
    if (difference !== 0) return difference;
  }
  const isPre = (text: string) => /^\d+(\.\d+)*-/.test(text);
  return Number(isPre(b)) - Number(isPre(a));
}
