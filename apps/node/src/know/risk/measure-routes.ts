/** Serves site measures: ranking, one site, history, measurements, calibration, scores, alerts. */
import { registry as registryContract, siteMeasure as contract, threatCategory } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";
import type { Database } from "../../platform/database.ts";
import type { Server } from "../../platform/server.ts";
import type { Registry } from "../registry/index.ts";
import {
  listAlerts,
  listHistory,
  listMeasurements,
  type MeasureRecord,
  type MeasurementRecord,
  rankMeasures,
  readMeasurement,
  readMeasures,
  readScores,
  sortValue,
} from "./measure-store.ts";
import type { SiteMeasures } from "./site-measures.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

const SCORES_SHOWN = 100; // of one site
const DURATIONS_DAYS = [1, 2, 4, 7, 14, 30, 60, 90, 180, 365]; // of a measure's losses, as packages/supply counts them
const siteKind = z.enum(registryContract.SITE_KINDS);

export interface MeasureRouteParts {
  readonly measures: SiteMeasures;
  readonly registry: Registry;
  readonly database: Database;
}

export function measureRoutes(server: Server, parts: MeasureRouteParts): void {
  serveMeasures(server, parts);
  serveMeasurements(server, parts);
}

function serveMeasures(server: Server, { measures, registry }: MeasureRouteParts): void {
  const shown = async (records: readonly MeasureRecord[], asOf: Date | undefined): Promise<contract.SiteMeasure[]> => {
    const sketches = await registry.sites([...new Set(records.map(({ site }) => site))], asOf);
    return records.map(({ site, kind, country, since, measurement, measure }) => {
      const { lossMinor: _, hazards: __, ...figures } = measure;
      return {
        ...figures,
        label: sketches.get(site)?.label ?? "",
        kind: siteKind.parse(kind),
        country,
        organisationLabel: sketches.get(site)?.organisationLabel ?? "",
        since: since.toISOString(),
        measurement,
      };
    });
  };
  server.serve(contract.rankSites, async (call) => {
    call.authorise();
    const { limit, after, sort, country, kind } = call.query;
    const asOf = call.query.asOf === undefined ? undefined : new Date(call.query.asOf);
    const found = await rankMeasures(measures.db, {
      sort,
      country,
      kind,
      asOf,
      after: placeOf(after),
      limit: limit + 1,
    });
    const records = found.slice(0, limit);
    const last = records.at(-1);
    const [newest] = await listMeasurements(measures.db, { before: undefined, limit: 1 });
    return {
      items: await shown(records, asOf),
      next: found.length > limit && last ? `${sortValue(sort, last)} ${last.site}` : null,
      measurement: newest ? measurementOf(newest) : null,
    };
  });
  server.serve(contract.getSiteMeasure, async (call) => {
    call.authorise({ type: "RegistryObject", id: call.params.id });
    const { id } = call.params;
    const asOf = call.query.asOf === undefined ? undefined : new Date(call.query.asOf);
    const record = (await readMeasures(measures.db, [id], asOf)).get(id);
    const measurement = record && (await readMeasurement(measures.db, record.measurement));
    const [measure] = record ? await shown([record], asOf) : [];
    if (!record || !measure || !measurement)
      throw new Problem(
        "site-measure/none-yet",
        `site \`${id}\` has no measure: measure every site first, or it makes nothing`,
      );
    return {
      measure,
      measurement: measurementOf(measurement),
      hazards: record.measure.hazards.map((hazard) => ({ ...hazard, threat: threatCategory.parse(hazard.threat) })),
      losses: record.measure.lossMinor.map((lossMinor, i) => ({ days: DURATIONS_DAYS[i] ?? 0, lossMinor })),
      scores: await readScores(measures.db, id, SCORES_SHOWN),
    };
  });
  server.serve(contract.listMeasureHistory, async (call) => {
    call.authorise({ type: "RegistryObject", id: call.params.id });
    const { limit, after } = call.query;
    const before = after === undefined ? undefined : instantOf(after);
    const found = await listHistory(measures.db, call.params.id, { before, limit: limit + 1 });
    const records = found.slice(0, limit);
    return {
      items: await shown(records, undefined),
      next: found.length > limit ? (records.at(-1)?.since.toISOString() ?? null) : null,
    };
  });
}

function serveMeasurements(server: Server, { measures, registry, database }: MeasureRouteParts): void {
  server.serve(contract.startMeasurement, async (call) => {
    call.authorise();
    const options = { ...call.body, principal: call.principal };
    return { jobId: await database.transaction<NoTables, string>((tx) => measures.begin(tx, options)) };
  });
  server.serve(contract.listMeasurements, async (call) => {
    call.authorise();
    const { limit, after } = call.query;
    const found = await listMeasurements(measures.db, {
      before: after === undefined ? undefined : uuidOf(after),
      limit: limit + 1,
    });
    const items = found.slice(0, limit).map(measurementOf);
    return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
  server.serve(contract.getCalibration, async (call) => {
    call.authorise();
    return measures.calibration();
  });
  server.serve(contract.editCalibration, async (call) => {
    call.authorise();
    return measures.calibrate(call.tx<NoTables>(), call.body, { expected: call.ifMatch, by: call.principal.name });
  });
  server.serve(contract.importScores, async (call) => {
    call.authorise();
    return { scores: await measures.importScores(call.tx<NoTables>(), call.body.scores, call.principal.name) };
  });
  server.serve(contract.listMeasureAlerts, async (call) => {
    call.authorise();
    const { limit, after } = call.query;
    const found = await listAlerts(measures.db, { before: instantAndId(after), limit: limit + 1 });
    const shown = found.slice(0, limit);
    const sketches = await registry.sites([...new Set(shown.map(({ site }) => site))], undefined);
    const last = shown.at(-1);
    return {
      items: shown.map((alert) => ({
        ...alert,
        at: alert.at.toISOString(),
        label: sketches.get(alert.site)?.label ?? "",
      })),
      next: found.length > limit && last ? `${last.at.toISOString()} ${last.id}` : null,
    };
  });
}

function measurementOf({ asOf, computedAt, portfolio, ...rest }: MeasurementRecord): contract.Measurement {
  const { exceedance, ...figures } = portfolio;
  return {
    ...rest,
    asOf: asOf.toISOString(),
    computedAt: computedAt.toISOString(),
    portfolio: { ...figures, exceedance: [...exceedance] },
  };
}

function tokenInvalid(): Problem {
  return new Problem("registry/page-token-invalid", "`after` is not the `next` of a page of this list");
}

function uuidOf(text: string): string {
  if (!z.uuid().safeParse(text).success) throw tokenInvalid();
  return text;
}

function instantOf(text: string): Date {
  if (!z.iso.datetime().safeParse(text).success) throw tokenInvalid();
  return new Date(text);
}

function placeOf(after: string | undefined): { value: number; site: string } | undefined {
  if (after === undefined) return undefined;
  const [value = "", site = ""] = after.split(" ");
  if (value === "" || !Number.isFinite(Number(value))) throw tokenInvalid();
  return { value: Number(value), site: uuidOf(site) };
}

function instantAndId(after: string | undefined): { at: Date; id: string } | undefined {
  if (after === undefined) return undefined;
  const [at = "", id = ""] = after.split(" ");
  return { at: instantOf(at), id: uuidOf(id) };
}
