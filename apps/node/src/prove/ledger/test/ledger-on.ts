/** Opens a ledger with a test's clock, stages and settings, without a test runner around it. */
import { randomBytes } from "node:crypto";
import type pg from "pg";
import { readConfig, type SettingName } from "../../../platform/config.ts";
import type { Database } from "../../../platform/database.ts";
import { type Log, openLog } from "../../../platform/telemetry.ts";
import { type Ledger, openLedger } from "../index.ts";
import type { StageRunner } from "../sequencer.ts";

export interface TestPlace {
  readonly name: string;
  readonly home: string;
  readonly database: Database;
  readonly connection: pg.PoolConfig;
}

export interface TestLedgerOptions {
  readonly run?: StageRunner;
  readonly flags?: Partial<Record<SettingName, unknown>>;
  readonly now?: () => Date;
  readonly log?: Log;
  readonly askMsMax?: number;
}

export async function openTestLedgerOn(place: TestPlace, options: TestLedgerOptions = {}): Promise<Ledger> {
  const config = readConfig({
    home: place.home,
    environment: {},
    flags: { ledgerOrigin: `log.example/${place.name}`, ledgerBatchMilliseconds: 20, ...options.flags },
  });
  return openLedger({
    database: place.database,
    config,
    ports: {
      clock: { now: options.now ?? (() => new Date()) },
      random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
    },
    log: options.log ?? openLog("silent"),
    nodeId: crypto.randomUUID(),
    ...(options.run ? { run: options.run } : {}),
    ...(options.askMsMax === undefined ? {} : { askMsMax: options.askMsMax }),
  });
}
