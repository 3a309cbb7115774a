/** Serves custody. */
import { custody as contract } from "@holdfast/api";
import { canonicalId } from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";
import type { Registry } from "../../know/registry/index.ts";
import type { Server } from "../../platform/server.ts";
import { labelsOf } from "./answer.ts";
import type { Custody } from "./custody.ts";
import { listFindingRecords } from "./finding-store.ts";
import { glnPlace, knownPlaces } from "./node-facts.ts";
import type { SettingsRecord } from "./settings.ts";
import { listSeen } from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export function custodyRoutes(server: Server, parts: { custody: Custody; registry: Registry }): void {
  thingRoutes(server, parts);
  findingRoutes(server, parts.custody);
  settingRoutes(server, parts.custody);
}

function thingRoutes(server: Server, { custody, registry }: { custody: Custody; registry: Registry }): void {
  server.serve(contract.listThings, async (call) => {
    call.authorise();
    const { limit, after, level, text } = call.query;
    const seen = await listSeen(custody.db, {
      level,
      text: text === undefined ? undefined : spelling(text),
      after: after === undefined ? undefined : seenToken(after),
      limit: limit + 1,
    });
    const items = seen.slice(0, limit);
    const label = await labelsOf(
      registry,
      items.map(({ id }) => id),
    );
    const places = await knownPlaces(
      registry,
      items.flatMap(({ lastPlace }) => lastPlace ?? []),
    );
    const last = items.at(-1);
    return {
      items: items.map((thing) => ({
        id: thing.id,
        level: thing.level,
        label: label(thing.id),
        lastSeenAt: thing.lastSeenAt.toISOString(),
        lastSite: thing.lastPlace === null ? null : (places.get(glnPlace(thing.lastPlace))?.label ?? thing.lastPlace),
        events: thing.eventCount,
        openFindings: thing.openFindings,
      })),
      next: seen.length > limit && last ? `${last.lastSeenAt.toISOString()} ${last.id}` : null,
    };
  });
  server.serve(contract.getThing, async (call) => {
    call.authorise();
    return custody.thing(call.query.id);
  });
  server.serve(contract.getPedigree, async (call) => {
    call.authorise();
    return custody.pedigree(call.query);
  });
  server.serve(contract.getBalance, async (call) => {
    call.authorise();
    return custody.balance(call.query);
  });
}

/** A whole identifier in its canonical form; a part of one as it stands. */
function spelling(text: string): string {
  return /^(?:urn:epc:|https?:\/\/)/.test(text) ? canonicalId(text) : text;
}

function findingRoutes(server: Server, custody: Custody): void {
  server.serve(contract.listFindings, async (call) => {
    call.authorise();
    const { limit, after, state, rule, subject, assignee } = call.query;
    const found = await listFindingRecords(
      custody.db,
      {
        state,
        rule,
        subjects: subject === undefined ? undefined : [canonicalId(subject)],
        assignee:
          assignee === undefined ? undefined : assignee === "me" ? `${call.principal.kind}:${call.principal.id}` : null,
      },
      { before: after === undefined ? undefined : uuidOf(after), limit: limit + 1 },
    );
    const items = await custody.shown(found.slice(0, limit));
    return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
  server.serve(contract.findingSummary, async (call) => {
    call.authorise();
    return custody.summary();
  });
  server.serve(contract.getFinding, async (call) => {
    call.authorise({ type: "Finding", id: call.params.id });
    return custody.finding(call.params.id);
  });
  server.serve(contract.assignFinding, async (call) => {
    call.authorise({ type: "Finding", id: call.params.id });
    const change = { ...call.body, expected: call.ifMatch, by: call.principal };
    return custody.assign(call.tx<NoTables>(), call.params.id, change);
  });
  server.serve(contract.resolveFinding, async (call) => {
    call.authorise({ type: "Finding", id: call.params.id });
    const change = { ...call.body, expected: call.ifMatch, by: call.principal };
    return custody.resolve(call.tx<NoTables>(), call.params.id, change);
  });
  server.serve(contract.reopenFinding, async (call) => {
    call.authorise({ type: "Finding", id: call.params.id });
    const change = { ...call.body, expected: call.ifMatch, by: call.principal };
    return custody.reopen(call.tx<NoTables>(), call.params.id, change);
  });
}

function settingRoutes(server: Server, custody: Custody): void {
  server.serve(contract.getCustodySettings, async (call) => {
    call.authorise();
    return shownSettings(await custody.settings());
  });
  server.serve(contract.changeCustodySettings, async (call) => {
    call.authorise();
    const change = { expected: call.ifMatch, by: call.principal };
    return shownSettings(await custody.changeSettings(call.tx<NoTables>(), call.body, change));
  });
}

function shownSettings({ version, settings, changedAt, changedBy }: SettingsRecord) {
  return { version, settings, changedAt: changedAt?.toISOString() ?? null, changedBy };
}

function tokenInvalid(): Problem {
  return new Problem("registry/page-token-invalid", "`after` is not the `next` of a page of this list");
}

function uuidOf(text: string): string {
  if (!z.uuid().safeParse(text).success) throw tokenInvalid();
  return text;
}

function seenToken(text: string): { at: Date; id: string } {
  const [, at = "", id = ""] = /^(\S+) (.+)$/.exec(text) ?? [];
  if (!z.iso.datetime().safeParse(at).success) throw tokenInvalid();
  return { at: new Date(at), id };
}
