/** Opens a thread on a database with a ledger behind it, without the rest of a node: for its tests and its bench. */
import { resolve } from "node:path";
import { readConfig } from "../../../platform/config.ts";
import type { Database } from "../../../platform/database.ts";
import { migrate } from "../../../platform/migrations.ts";
import { systemPorts } from "../../../platform/ports.ts";
import { openLog } from "../../../platform/telemetry.ts";
import { type Ledger, ledgerMigrations, openLedger } from "../../ledger/index.ts";
import { Thread, threadMigrations } from "../index.ts";

const PLATFORM = { slice: "platform", folder: resolve(import.meta.dirname, "../../../platform/migrations") };

export async function openThreadOn(database: Database, home: string): Promise<{ thread: Thread; ledger: Ledger }> {
  await migrate(database, [PLATFORM, ledgerMigrations, threadMigrations]);
  const config = readConfig({ home, environment: {}, flags: { ledgerOrigin: "log.example/thread" } });
  const log = openLog("error");
  const ledger = await openLedger({ database, config, ports: systemPorts, log, nodeId: "thread" });
  return { thread: new Thread({ database, ports: systemPorts, ledger, log }), ledger };
}
