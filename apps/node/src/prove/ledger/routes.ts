/** Serves the ledger's part of the contract: contract in, rules, contract out. */
import { Readable } from "node:stream";
import { ledger as contract } from "@holdfast/api";
import { assert, Problem } from "@holdfast/kernel";
import { attachReceipts, formatPolicy, leafHash, type Policy, parseStatement } from "@holdfast/tlog";
import { z } from "zod";
import type { Config } from "../../platform/config.ts";
import type { Database } from "../../platform/database.ts";
import type { Ports } from "../../platform/ports.ts";
import { acceptStreams, type Server } from "../../platform/server.ts";
import { listAlarms } from "./alarm-store.ts";
import { countForks, listForks, readFork } from "./fork-store.ts";
import { releasedNote } from "./head-store.ts";
import { listIssuers, putIssuer, removeIssuer, SIGNED_STATEMENT_BYTES_MAX } from "./issuer-store.ts";
import { noteKeyOf } from "./key-ring.ts";
import type { Ledger } from "./ledger.ts";
import { logPath } from "./log-routes.ts";
import { proofFile } from "./proof.ts";
import { listLogs, listWaiting, type LogRow, releaseOf, unwitnessedSince, waitingSince } from "./release-store.ts";
import { countByKind, idOf, listStatements, readDocument, type StatementRow } from "./statement-store.ts";
import type { WitnessRow } from "./witness-client.ts";
import { listWitnessedLogs, putWitnessedLog } from "./witness-server.ts";

export interface LedgerRouteParts {
  readonly ledger: Ledger;
  readonly database: Database;
  readonly config: Config;
  readonly ports: Ports;
}

export function ledgerRoutes(server: Server, parts: LedgerRouteParts): void {
  serveSummary(server, parts);
  serveStatements(server, parts);
  serveWitnesses(server, parts);
  serveIssuers(server, parts);
  serveKeys(server, parts);
}

function serveSummary(server: Server, { ledger, config, ports }: LedgerRouteParts): void {
  server.serve(contract.getLedger, async (call) => {
    call.authorise();
    const head = await ledger.head();
    assert(head, "the open log has a head");
    await ledger.ring.reload(ledger.pool);
    const held = new Set(
      (["checkpoint", "statement", "witness"] as const).flatMap((role) =>
        ledger.ring.signing(role).map(({ vkey }) => vkey),
      ),
    );
    const now = ports.clock.now().getTime();
    const witnesses = (await ledger.witnesses.list()).map((row) => witnessOf(row, now, config.witnessAlarmMinutes));
    return {
      origin: head.origin,
      path: logPath(head.log),
      size: head.size,
      root: head.root.toString("hex"),
      publishedSize: head.published_size,
      publishedAt: iso(head.published_at),
      witnessedSize: head.witnessed_size,
      witnessedAt: iso(head.witnessed_at),
      waiting: await ledger.countWaiting(),
      waitingSince: iso(await waitingSince(ledger.pool)),
      checkpoint: releasedNote(head)?.toString("utf8") ?? null,
      witnessQuorum: ledger.quorum(witnesses.length),
      witnessAlarmMinutes: config.witnessAlarmMinutes,
      logs: (await listLogs(ledger.pool)).map(({ log, origin, state, size, opened_at, frozen_at }) => ({
        origin,
        path: logPath(log),
        state,
        size,
        openedAt: opened_at.toISOString(),
        frozenAt: iso(frozen_at),
      })),
      kinds: [...(await countByKind(ledger.pool))],
      witnesses,
      unwitnessedSince: iso(await unwitnessedSince(ledger.pool, head)),
      alarms: (await listAlarms(ledger.pool, ALARMS_SHOWN_MAX)).map((alarm) => ({
        kind: alarm.kind,
        subject: alarm.subject,
        since: alarm.since.toISOString(),
        raisedAt: alarm.raised_at.toISOString(),
        clearedAt: iso(alarm.cleared_at),
        message: alarm.message,
      })),
      retiredWitnessKeys: (await ledger.witnesses.retiredKeys()).map(({ name, vkey, retired_at }) => ({
        name,
        vkey,
        retiredAt: retired_at.toISOString(),
      })),
      keys: ledger.ring.known.map(({ role, vkey, state, made_at, retired_at }) => ({
        role,
        vkey,
        state,
        held: held.has(vkey),
        madeAt: made_at.toISOString(),
        retiredAt: iso(retired_at),
      })),
      forks: await countForks(ledger.pool),
      refusal: ledger.refusal ? { code: ledger.refusal.code, message: ledger.refusal.message } : null,
    };
  });
}

const ALARMS_SHOWN_MAX = 100; // the open ones first: as many as there may be witnesses, and some history

function witnessOf(row: WitnessRow, now: number, alarmMinutes: number): contract.Witness {
  return {
    name: row.name,
    vkey: row.vkey,
    url: row.url,
    size: row.size,
    cosignedAt: iso(row.cosigned_at),
    owesSince: iso(row.owes_since),
    alarm: row.owes_since !== null && now - row.owes_since.getTime() > alarmMinutes * 60_000,
    lastProblem: row.last_problem,
  };
}

const PLACE_MAX = { log: 32_767, index: Number.MAX_SAFE_INTEGER }; // before every placed statement of a list
const place = z.tuple([z.int().min(1).max(PLACE_MAX.log), z.int().min(0)]);
const ERASED = "ledger/erased";

function serveStatements(server: Server, { ledger, database }: LedgerRouteParts): void {
  const { pool } = ledger;
  server.serve(contract.listStatements, async (call) => {
    call.authorise();
    const { limit, after, kind, subject } = call.query;
    const before = after === undefined ? undefined : placeOf(after);
    const waiting = before === undefined ? await listWaiting(pool, { limit, kind, subject }) : [];
    const rows = await listStatements(pool, { limit: limit - waiting.length + 1, before, kind, subject });
    const shown = rows.slice(0, limit - waiting.length);
    const last = shown.at(-1) ?? { log: PLACE_MAX.log, leaf_index: PLACE_MAX.index };
    const progress = await progressOf(ledger);
    return {
      items: [...waiting, ...shown].map((row) => statementOf(row, progress)),
      next: rows.length > shown.length ? `${last.log}-${last.leaf_index}` : null,
    };
  });
  server.serve(contract.getStatement, async (call) => {
    const { id } = call.params;
    call.authorise({ type: "Statement", id });
    const row = await ledger.statement(id);
    const proven = await ledger.proof(id).catch((error: unknown) => {
      if (error instanceof Problem && error.code === "ledger/not-published") return undefined;
      throw error;
    });
    const evidence = proven?.evidence;
    const own = row.issuer === ledger.issuer;
    const erased = own ? (await readDocument(pool, id)) === undefined : row.statement === null;
    const [erasure] = erased ? await listStatements(pool, { limit: 1, kind: ERASED, subject: `urn:sha256:${id}` }) : [];
    const progress = await progressOf(ledger);
    const released =
      row.log === null || row.leaf_index === null ? undefined : await releaseOf(pool, row.log, row.leaf_index);
    return {
      ...statementOf(row, progress),
      own,
      erased,
      erasure: erasure ? idOf(erasure.entry) : null,
      origin: progress.logs.find(({ log }) => log === row.log)?.origin ?? null,
      publishedAt: iso(released?.publishedAt ?? null),
      witnessedAt: iso(released?.witnessedAt ?? null),
      published: evidence !== undefined,
      witnessed: evidence?.witnessed ?? false,
      proof: evidence
        ? {
            size: Number(evidence.size),
            root: hex(evidence.root),
            leafHash: hex(leafHash(row.entry)),
            path: sidesOf(evidence),
            checkpoint: Buffer.from(evidence.checkpoint).toString("utf8"),
          }
        : null,
    };
  });
  server.serve(contract.downloadProof, async (call) => {
    const { id } = call.params;
    call.authorise({ type: "Statement", id });
    const { evidence } = await ledger.proof(id);
    call.setHeader("content-disposition", `attachment; filename="${id}.tlog-proof"`);
    return Readable.from([Buffer.from(proofFile(evidence))]);
  });
  server.serve(contract.downloadStatement, async (call) => {
    const { id } = call.params;
    call.authorise({ type: "Statement", id });
    const row = await ledger.statement(id);
    if (!row.statement)
      throw new Problem("ledger/erased", `the statement \`${id}\` was erased; its entry and proof remain`);
    const parsed = parseStatement(new Uint8Array(row.statement));
    if (!parsed.ok) throw parsed.problem;
    // a payload that is no digest is what the statement is about
    if (!parsed.value.envelope) call.authorise({ type: "Statement", id }, { action: "ledger:document" });
    const transparent = attachReceipts(parsed.value, [await ledger.receipt(id)]);
    call.setHeader("content-disposition", `attachment; filename="${id}.cose"`);
    return Readable.from([Buffer.from(transparent)]);
  });
  server.serve(contract.downloadDocument, async (call) => {
    const { id } = call.params;
    call.authorise({ type: "Statement", id });
    await ledger.statement(id);
    const document = await readDocument(pool, id);
    if (!document) throw new Problem("ledger/erased", `this node holds nothing that the statement \`${id}\` is about`);
    call.setHeader("content-disposition", `attachment; filename="${id}.json"`);
    return Readable.from([document]);
  });
  acceptStreams(server.fastify, contract.registerStatement.upload?.contentTypes ?? []);
  server.serve(contract.registerStatement, async (call) => {
    call.authorise();
    const bytes = await bytesOf(call.upload);
    return database.transaction((tx) => ledger.appendSigned(tx, bytes));
  });
  server.serve(contract.eraseStatement, async (call) => {
    const { id } = call.params;
    call.authorise({ type: "Statement", id });
    return ledger.erase(call.tx<Record<never, never>>(), id, call.body.reason);
  });
  server.serve(contract.downloadPolicy, async (call) => {
    call.authorise();
    return Readable.from([Buffer.from(await policyOf(ledger))]);
  });
}

/**
 * Our keys as logs, those of frozen logs too, the configured witnesses, and any one of them as the quorum: a start, for the
 * reader to sharpen.
 */
export async function policyOf(ledger: Ledger): Promise<Uint8Array> {
  await ledger.ring.reload(ledger.pool);
  const keys = ledger.ring.known.filter(({ role }) => role === "checkpoint").map(({ vkey }) => noteKeyOf(vkey));
  const rows = await ledger.witnesses.list();
  const witnesses = rows.map(({ name, vkey }) => ({ name, key: noteKeyOf(vkey) }));
  const policy: Policy = {
    logs: keys.map((key) => ({ key })),
    witnesses,
    groups:
      witnesses.length > 0
        ? [{ name: "quorum", threshold: ledger.quorum(rows.length), members: rows.map(({ name }) => name) }]
        : [],
    quorum: witnesses.length > 0 ? "quorum" : "none",
  };
  const retired = (await ledger.witnesses.retiredKeys()).map(
    ({ name, vkey, retired_at }) => `# until ${retired_at.toISOString()}: witness ${name} ${vkey}\n`,
  );
  return Buffer.concat([formatPolicy(policy), Buffer.from(retired.join(""))]);
}

function serveWitnesses(server: Server, { ledger, ports }: LedgerRouteParts): void {
  const said = (payload: Record<string, string>) =>
    ledger.record({ kind: "ledger/witness-changed", subject: "urn:holdfast:ledger", payload });
  server.serve(contract.putWitness, async (call) => {
    const { name } = call.params;
    call.authorise({ type: "Witness", id: name });
    await ledger.witnesses.put({ name, ...call.body });
    await said({ put: name, vkey: call.body.vkey });
    return { name };
  });
  server.serve(contract.removeWitness, async (call) => {
    const { name } = call.params;
    call.authorise({ type: "Witness", id: name });
    await ledger.witnesses.remove(name);
    await said({ removed: name });
    return undefined;
  });
  server.serve(contract.listWitnessedLogs, async (call) => {
    call.authorise();
    const rows = await listWitnessedLogs(ledger.pool);
    return {
      items: rows.map(({ origin, vkey, size, cosigned_at }) => ({ origin, vkey, size, cosignedAt: iso(cosigned_at) })),
    };
  });
  server.serve(contract.putWitnessedLog, async (call) => {
    call.authorise();
    return { origin: await putWitnessedLog(ledger.pool, call.body.vkey, ports.clock.now()) };
  });
  server.serve(contract.listForks, async (call) => {
    call.authorise();
    const rows = await listForks(ledger.pool);
    return {
      items: rows.map(({ id, origin, found_at, reason }) => ({ id, origin, foundAt: found_at.toISOString(), reason })),
    };
  });
  server.serve(contract.downloadFork, async (call) => {
    const { id } = call.params;
    call.authorise({ type: "Fork", id });
    const proof = await readFork(ledger.pool, id);
    if (!proof) throw new Problem("ledger/not-found", `there is no fork proof \`${id}\``);
    call.setHeader("content-disposition", `attachment; filename="fork-${id}.json"`);
    return Readable.from([proof]);
  });
}

function serveIssuers(server: Server, { ledger, ports }: LedgerRouteParts): void {
  const said = (payload: Record<string, string>) =>
    ledger.record({ kind: "ledger/policy-changed", subject: "urn:holdfast:ledger", payload });
  server.serve(contract.listIssuers, async (call) => {
    call.authorise();
    const rows = await listIssuers(ledger.pool);
    return {
      items: rows.map((row) => ({
        kid: row.kid.toString("base64url"),
        issuer: row.issuer,
        subjectPrefix: row.subject_prefix,
        addedAt: row.added_at.toISOString(),
        removedAt: iso(row.removed_at),
      })),
    };
  });
  server.serve(contract.putIssuer, async (call) => {
    call.authorise();
    const { key, issuer, subjectPrefix } = call.body;
    const kid = await putIssuer(ledger.pool, {
      key: new Uint8Array(Buffer.from(key, "base64")),
      issuer,
      subjectPrefix,
      at: ports.clock.now(),
    });
    await said({ accepted: issuer, key, subjectPrefix });
    return { kid: Buffer.from(kid).toString("base64url") };
  });
  server.serve(contract.removeIssuer, async (call) => {
    const { kid } = call.params;
    call.authorise({ type: "Issuer", id: kid });
    await removeIssuer(ledger.pool, Buffer.from(kid, "base64url"), ports.clock.now());
    await said({ removed: kid });
    return undefined;
  });
}

function serveKeys(server: Server, { ledger }: LedgerRouteParts): void {
  server.serve(contract.addKey, async (call) => {
    call.authorise();
    return { vkey: await ledger.addCheckpointKey(call.body.algorithm) };
  });
  server.serve(contract.retireKey, async (call) => {
    const { keyId } = call.params;
    call.authorise({ type: "Key", id: keyId });
    return { vkey: await ledger.retireCheckpointKey(keyId) };
  });
  server.serve(contract.freezeLog, async (call) => {
    call.authorise();
    if (call.body.origin !== ledger.origin)
      throw new Problem("ledger/not-found", `the open log is \`${ledger.origin}\`, not \`${call.body.origin}\``);
    return ledger.freeze();
  });
}

/** What is released of each log, and how far each witness is in the open one. */
interface LogProgress {
  readonly logs: readonly LogRow[];
  readonly witnesses: readonly WitnessRow[];
}

async function progressOf(ledger: Ledger): Promise<LogProgress> {
  const [logs, witnesses] = await Promise.all([listLogs(ledger.pool), ledger.witnesses.list()]);
  return { logs, witnesses };
}

function statementOf(row: Omit<StatementRow, "statement">, { logs, witnesses }: LogProgress): contract.Statement {
  const { log, leaf_index: index } = row;
  const at = logs.find((one) => one.log === log);
  return {
    id: idOf(row.entry),
    kind: row.kind,
    subject: row.subject,
    issuer: row.issuer,
    log,
    index,
    acceptedAt: row.accepted_at.toISOString(),
    state: stateOf(at, index),
    witnessedBy:
      at?.state === "open" && index !== null
        ? witnesses.filter(({ size }) => index < size).map(({ name }) => name)
        : [],
  };
}

function stateOf(log: LogRow | undefined, index: number | null): contract.Statement["state"] {
  if (!log || index === null) return "waiting";
  if (index < log.witnessed_size) return "witnessed";
  return index < log.published_size ? "published" : "logged";
}

/** RFC 9162 2.1.3.2: on which side each sibling of the path stands. */
function sidesOf(evidence: { index: bigint; size: bigint; path: readonly Uint8Array[] }) {
  let node = evidence.index;
  let last = evidence.size - 1n;
  return evidence.path.map((sibling) => {
    const isRight = node % 2n === 1n || node === last;
    if (isRight) while (node % 2n === 0n && node !== 0n) [node, last] = [node / 2n, last / 2n];
    [node, last] = [node / 2n, last / 2n];
    return { hash: hex(sibling), side: isRight ? ("left" as const) : ("right" as const) };
  });
}

function placeOf(text: string): { log: number; index: number } {
  const parsed = place.safeParse(text.split("-").map(Number));
  if (!parsed.success)
    throw new Problem("ledger/page-token-invalid", "`after` is not the `next` of a page of this list");
  return { log: parsed.data[0], index: parsed.data[1] };
}

async function bytesOf(stream: Readable): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > SIGNED_STATEMENT_BYTES_MAX)
      throw new Problem("ledger/statement-refused", `a statement exceeds \`${SIGNED_STATEMENT_BYTES_MAX}\` bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function iso(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
