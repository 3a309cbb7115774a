/** Serves what touches us: the day's list, leads, pairs, what people say about them, and reports of what happened. */
import { intelTouch as contract } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import type { Transaction } from "kysely";
import type { Evidence } from "../../platform/evidence.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Server } from "../../platform/server.ts";
import type { Intel } from "./intel.ts";
import { physicalObject } from "./physical.ts";
import { randomUuid } from "./random-uuid.ts";
import { uuidOf } from "./touch/build.ts";
import type { Touching } from "./touch/evaluate.ts";
import {
  addVerdicts,
  judgedSince,
  type LeadFilter,
  type ListedLead,
  type ListedTouch,
  listLeads,
  listTouches,
  readLead,
  totals,
} from "./touch/list-store.ts";
import { countTouches, countWaiting, type Db, lockTouches } from "./touch/store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export interface TouchRouteParts {
  readonly intel: Intel;
  readonly touching: Touching;
  readonly ports: Ports;
  readonly evidence: Evidence;
}

export function touchRoutes(server: Server, parts: TouchRouteParts): void {
  const { touching, ports } = parts;
  const { db } = touching;
  const leftToday = async () =>
    Math.max(0, contract.DAILY_BUDGET - (await judgedSince(db, midnight(ports.clock.now()))));
  server.serve(contract.getTouchSummary, async (call) => {
    call.authorise();
    const { openLeads, affected, look, confirmedLeads, leads, objects } = await totals(db);
    return {
      budget: contract.DAILY_BUDGET,
      judgedToday: await judgedSince(db, midnight(ports.clock.now())),
      openLeads,
      open: { affected, look },
      confirmedLeads,
      leads,
      objects,
      waiting: await countWaiting(db),
    };
  });
  server.serve(contract.listLeads, async (call) => {
    call.authorise();
    const { limit, after, list, ...query } = call.query;
    const filter: LeadFilter = { list, state: query.state, kind: query.kind, object: query.object, text: query.text };
    const size = list === "today" ? Math.min(limit, await leftToday()) : limit;
    const found = size === 0 ? [] : await listLeads(db, filter, { before: leadPlace(after), limit: size + 1 });
    const shown = found.slice(0, size);
    const last = shown.at(-1);
    return {
      items: await leadsShown(db, shown),
      next: list !== "today" && found.length > size && last ? `${last.rank}_${last.seq}` : null,
    };
  });
  server.serve(contract.getLead, async (call) => {
    call.authorise();
    const found = await readLead(db, call.params.leadId);
    if (!found)
      throw new Problem("intel/lead-not-found", `nothing that could touch us is called \`${call.params.leadId}\``);
    return (await leadsShown(db, [found]))[0]!; // one for one
  });
  server.serve(contract.listTouches, async (call) => {
    call.authorise();
    const { limit, after, lead, object, state } = call.query;
    const found = await listTouches(db, { lead, object, state }, { before: touchPlace(after), limit: limit + 1 });
    const last = found[limit - 1];
    return {
      items: found.slice(0, limit).map(touchShown),
      next: found.length > limit && last ? `${last.rank}_${last.leadSeq}_${last.surfaceSeq}` : null,
    };
  });
  server.serve(contract.giveVerdict, async (call) => {
    call.authorise();
    return { given: await give(call.tx<NoTables>(), call.body, call.principal.name, parts) };
  });
  server.serve(contract.evaluateAll, async (call) => {
    call.authorise();
    return { jobId: await touching.startEvaluation(call.tx<NoTables>(), call.principal) };
  });
  server.serve(contract.addReport, async (call) => {
    call.authorise();
    return { id: await report(call.tx<NoTables>(), call.body, call.principal.name, parts) };
  });
}

type Tx = Transaction<NoTables>;

const PAIRS_MAX = 1_000; // of one verdict; a lead that touches more is settled in parts

async function give(
  tx: Tx,
  {
    lead: leadId,
    objects,
    verdict,
    reason,
  }: {
    lead: string;
    objects?: readonly string[] | undefined;
    verdict: "affected" | "look" | "not-affected";
    reason: string;
  },
  by: string,
  { ports, evidence }: TouchRouteParts,
): Promise<number> {
  await lockTouches(tx, { wait: true });
  const lead = await readLead(tx, leadId);
  if (!lead) throw new Problem("intel/lead-not-found", `nothing that could touch us is called \`${leadId}\``);
  const all = await listTouches(
    tx,
    { lead: leadId, isOpen: objects === undefined },
    { before: undefined, limit: objects === undefined ? PAIRS_MAX : 100_000 },
  );
  const wanted = objects === undefined ? all : all.filter(({ surface }) => objects.includes(surface.id));
  if (wanted.length === 0 || wanted.length < (objects?.length ?? 0))
    throw new Problem(
      "intel/touch-not-found",
      "the lead and the object do not touch each other, or not any more: look again",
    );
  const at = ports.clock.now();
  const given = wanted.map((each) => ({
    id: uuid7(ports),
    lead: leadId,
    object: each.surface.id,
    leadStamp: each.leadStamp,
    objectStamp: each.objectStamp,
  }));
  await addVerdicts(tx, given, { verdict, reason, by, at });
  await countTouches(tx, [lead.seq]);
  await evidence.append(tx, {
    kind: "intel/verdict",
    subject: `urn:uuid:${subjectOf(leadId)}`,
    payload: { lead: leadId, objects: given.map(({ object }) => object), verdict, reason },
  });
  return given.length;
}

/** The UUID by which the ledger names an object or an advisory. */
export function subjectOf(id: string): string {
  return /--([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(id)?.[1]?.toLowerCase() ?? uuidOf(id);
}

const OWN_SOURCE = {
  name: "Entered here",
  kind: "local",
  trustPercent: 80,
  licence: null,
  tlpDefault: "amber",
} as const;

async function report(
  tx: Tx,
  draft: contract.PhysicalDraft,
  by: string,
  { intel, ports }: TouchRouteParts,
): Promise<string> {
  const source = await intel.ensureSource(tx, OWN_SOURCE, by);
  const object = physicalObject(draft, { id: randomUuid(ports.random), at: ports.clock.now() });
  const { outcomes } = await intel.take(tx, [object], source);
  const [outcome] = outcomes;
  if (outcome?.kind === "refused") throw new Problem("intel/not-as-documented", outcome.message);
  return String(object["id"]);
}

async function leadsShown(db: Db, leads: readonly ListedLead[]): Promise<contract.Lead[]> {
  const pairs = leads.flatMap(({ seq, topObject }) => (topObject === null ? [] : [{ lead: seq, surface: topObject }]));
  const tops = pairs.length === 0 ? [] : await listTouches(db, { pairs }, { before: undefined, limit: pairs.length });
  return leads.map((each) => {
    const {
      id,
      kind,
      label,
      cves,
      cvss,
      isKev,
      isRansomware,
      rank,
      affected,
      look,
      notAffected,
      confirmed,
      dismissed,
      broadMore,
      closed,
    } = each;
    const top = tops.find(({ leadSeq }) => leadSeq === each.seq);
    return {
      id,
      kind,
      label,
      cves: [...cves],
      cvss,
      isKev,
      isRansomware,
      rank,
      counts: { affected, look, notAffected, confirmed, dismissed },
      broadMore,
      closed,
      receivedAt: each.receivedAt.toISOString(),
      evaluatedAt: each.evaluatedAt.toISOString(),
      top: top ? touchShown(top) : null,
    };
  });
}

export function touchShown(found: ListedTouch): contract.Touch {
  const { lead, surface, criticality, state, rule, rank, document, productId, cve, theirs, ours, since, verdict } =
    found;
  return {
    lead,
    object: {
      id: surface.id,
      kind: surface.kind,
      label: surface.label,
      site: surface.kind === "asset" && surface.site ? { id: surface.site.id, label: surface.site.label } : null,
      tier: surface.site?.tier ?? null,
      criticality,
    },
    state,
    rule,
    rank,
    document,
    productId,
    cve,
    theirs,
    ours,
    since: since.toISOString(),
    verdict: verdict && { ...verdict, givenAt: new Date(verdict.givenAt).toISOString() },
  };
}

function midnight(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
}

function numbersOf(after: string | undefined, count: number): number[] | undefined {
  if (after === undefined) return undefined;
  const numbers = after.split("_").map(Number);
  if (numbers.length !== count || !numbers.every(Number.isSafeInteger))
    throw new Problem("http/bad-request", "`after` is not from this list");
  return numbers;
}

function leadPlace(after: string | undefined): { rank: number; seq: number } | undefined {
  const [rank, seq] = numbersOf(after, 2) ?? [];
  return rank === undefined || seq === undefined ? undefined : { rank, seq };
}

function touchPlace(after: string | undefined): { rank: number; lead: number; surface: number } | undefined {
  const [rank, lead, surface] = numbersOf(after, 3) ?? [];
  return rank === undefined || lead === undefined || surface === undefined ? undefined : { rank, lead, surface };
}
