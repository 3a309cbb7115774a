/** What the rules go by besides events and registry: limits, forbidden origins, compositions. Versions are only added. */
import type { custody as contract } from "@holdfast/api";
import { LIMITS, type Limits } from "@holdfast/custody";
import { sql } from "kysely";
import type { Db } from "./store.ts";

const DAY_MS = 86_400_000;

export const DEFAULT_SETTINGS: contract.Settings = {
  forbiddenCountries: [],
  checksSuppliers: false, // until somebody says that the registry has them all
  qualifications: [],
  transitDaysMax: LIMITS.transitMsMax / DAY_MS,
  recordingDaysMax: LIMITS.recordingMsMax / DAY_MS,
  speedKmhMax: LIMITS.speedKmhMax,
  tolerancePpm: LIMITS.tolerancePpm,
  materials: [],
};

export interface SettingsRecord {
  readonly version: number;
  readonly settings: contract.Settings;
  readonly changedAt: Date | null;
  readonly changedBy: string | null;
}

export function limitsOf(settings: contract.Settings): Limits {
  return {
    transitMsMax: settings.transitDaysMax * DAY_MS,
    recordingMsMax: settings.recordingDaysMax * DAY_MS,
    speedKmhMax: settings.speedKmhMax,
    tolerancePpm: settings.tolerancePpm,
    expectsOrigins: false,
  };
}

export async function readSettings(db: Db): Promise<SettingsRecord> {
  const { rows } = await sql<{ version: number; body: contract.Settings; changed_at: Date; changed_by: string }>`
    select version, body, changed_at, changed_by from custody_settings order by version desc limit 1`.execute(db);
  const row = rows[0];
  return row
    ? { version: row.version, settings: row.body, changedAt: row.changed_at, changedBy: row.changed_by }
    : { version: 0, settings: DEFAULT_SETTINGS, changedAt: null, changedBy: null };
}

export async function addSettings(
  tx: Db,
  record: { version: number; settings: contract.Settings; at: Date; by: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into custody_settings (version, body, changed_at, changed_by)
    values (${record.version}, ${JSON.stringify(record.settings)}::jsonb, ${record.at}, ${record.by})
    on conflict do nothing`.execute(tx);
  return numAffectedRows === 1n;
}
