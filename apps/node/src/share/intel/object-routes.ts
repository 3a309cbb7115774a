/** Serves what surrounds an object: neighbours, sightings, merges of duplicates; and what sources bring. */
import { intelObject as contract } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import type { Config } from "../../platform/config.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Server } from "../../platform/server.ts";
import type { Intel } from "./intel.ts";
import {
  addMerge,
  endMerge,
  externalIds,
  likelyDuplicates,
  type Merge,
  mergesOf,
  neighbours,
  readMerge,
  sightingsOf,
  sourceHealth,
} from "./object-store.ts";
import { subjectOf } from "./touch-routes.ts";
import { scoreOf } from "./touch/build.ts";
import { addSighting, countSightings, newestObjects } from "./touch/build-store.ts";
import { objectOf } from "./touch/lead.ts";
import { type Db, notePending } from "./touch/store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export interface ObjectRouteParts {
  readonly intel: Intel;
  readonly ports: Ports;
  readonly evidence: Evidence;
  readonly config: Pick<Config, "organisationName">;
}

const SIGHTINGS_SHOWN = 200;
const DUPLICATES_SHOWN = 50;

export function objectRoutes(server: Server, { intel, ports, evidence, config }: ObjectRouteParts): void {
  server.serve(contract.getSurroundings, async (call) => {
    call.authorise();
    return surroundings(intel.db, call.params.stixId, ports.clock.now());
  });
  server.serve(contract.listSourceHealth, async (call) => {
    call.authorise();
    const items = await sourceHealth(intel.db);
    return { items: items.map((each) => ({ ...each, lastReceivedAt: each.lastReceivedAt?.toISOString() ?? null })) };
  });
  server.serve(contract.addSighting, async (call) => {
    call.authorise();
    const tx = call.tx<NoTables>();
    const { stixId } = call.params;
    await existing(tx, stixId);
    const { kind, organisation, seenAt, note } = call.body;
    const id = uuid7(ports);
    await addSighting(tx, {
      id,
      stixId,
      kind,
      organisation: organisation ?? config.organisationName,
      seenAt: seenAt === undefined ? ports.clock.now() : new Date(seenAt),
      note: note ?? null,
      source: `entered by ${call.principal.name} ${id}`,
    });
    await notePending(tx, [stixId]);
    return { id };
  });
  server.serve(contract.addMerge, async (call) => {
    call.authorise();
    const tx = call.tx<NoTables>();
    const { keptId, mergedId, reason } = call.body;
    await existing(tx, keptId);
    await existing(tx, mergedId);
    const typeOf = (id: string) => id.slice(0, id.indexOf("--"));
    if (keptId === mergedId || typeOf(keptId) !== typeOf(mergedId))
      throw new Problem("intel/merge-not-possible", "two different objects of one type can be one");
    const merge = {
      id: uuid7(ports),
      keptId,
      mergedId,
      reason,
      mergedAt: ports.clock.now(),
      mergedBy: call.principal.name,
    };
    if (!(await addMerge(tx, merge)))
      throw new Problem(
        "intel/merge-not-possible",
        "one of the two is part of another merge: take that back first, or name its kept object",
      );
    await notePending(tx, [keptId, mergedId]);
    await evidence.append(tx, {
      kind: "intel/merged",
      subject: `urn:uuid:${subjectOf(keptId)}`,
      payload: { kept: keptId, merged: mergedId, reason },
    });
    return mergeShown({ ...merge, undoneAt: null });
  });
  server.serve(contract.undoMerge, async (call) => {
    call.authorise();
    const tx = call.tx<NoTables>();
    const merge = await readMerge(tx, call.params.id);
    if (!merge) throw new Problem("intel/merge-not-found", `there is no merge \`${call.params.id}\``);
    if (!(await endMerge(tx, merge.id, call.principal.name, ports.clock.now())))
      throw new Problem("intel/merge-undone-already", "the merge was taken back before");
    await notePending(tx, [merge.keptId, merge.mergedId]);
    await evidence.append(tx, {
      kind: "intel/merge-undone",
      subject: `urn:uuid:${subjectOf(merge.keptId)}`,
      payload: { kept: merge.keptId, merged: merge.mergedId },
    });
    return mergeShown(merge);
  });
}

async function existing(db: Db, stixId: string): Promise<void> {
  if (!(await newestObjects(db, [stixId])).has(stixId))
    throw new Problem("intel/object-not-found", `there is no object \`${stixId}\``);
}

async function surroundings(db: Db, stixId: string, now: Date): Promise<contract.Surroundings> {
  const merges = await mergesOf(db, stixId);
  const ids = [stixId, ...merges.flatMap(({ keptId, mergedId }) => (keptId === stixId ? [mergedId] : []))];
  const near = await neighbours(db, stixId, contract.NEIGHBOURS_MAX);
  const seen = (await countSightings(db, [stixId])).get(stixId);
  const row = (await newestObjects(db, [stixId])).get(stixId);
  const object = row && objectOf(row.body);
  return {
    subject: subjectOf(stixId),
    neighbours: near.found.map(({ id, type, label, what, isOutward, degree }) => ({
      id,
      type,
      label,
      what,
      isOutward,
      degree,
    })),
    neighboursTotal: near.total,
    externalIds: await externalIds(db, ids),
    sightings: (await sightingsOf(db, ids, SIGHTINGS_SHOWN)).map((each) => ({
      ...each,
      seenAt: each.seenAt.toISOString(),
    })),
    witnesses: seen?.witnesses ?? 0,
    doubters: seen?.doubters ?? 0,
    scorePercent: row && object?.type === "indicator" ? Math.round(scoreOf(object, row, seen, now)) : null,
    merges: merges.map(mergeShown),
    duplicates: await likelyDuplicates(db, stixId, DUPLICATES_SHOWN),
  };
}

function mergeShown({ id, keptId, mergedId, reason, mergedAt, mergedBy }: Merge): contract.Merge {
  return { id, keptId, mergedId, reason, mergedBy, mergedAt: mergedAt.toISOString() };
}
