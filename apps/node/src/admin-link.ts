/**
 * A way back into a node whose admins are all gone: a one-time link that makes its taker an admin. Whoever can open the
 * node's database could write an admin into it; this does it in the open: the link, and what is made of it, are on the
 * ledger. Refuses a database that this program's migrations have not made.
 */
import { Problem, uuid7 } from "@holdfast/kernel";
import { openLedger } from "./prove/ledger/index.ts";
import { openAuth, setUpPath } from "./platform/auth/index.ts";
import type { Config } from "./platform/config.ts";
import type { Database } from "./platform/database.ts";
import { systemPorts } from "./platform/ports.ts";
import { readOrCreateSetting } from "./platform/settings.ts";
import { openLog } from "./platform/telemetry.ts";

export interface AdminLink {
  /** Where the console takes it. */
  readonly url: string;
  readonly endsAt: Date;
}

/** @throws Problem `backup/nothing-there` when no node has run on this database yet */
export async function issueAdminLink(database: Database, config: Config): Promise<AdminLink> {
  const { rows } = await database.pool.query<{ there: boolean }>(
    "select to_regclass('public.auth_set_up_link') is not null as there",
  );
  if (!rows[0]?.there)
    throw new Problem(
      "backup/nothing-there",
      "the database holds no node yet: run ./holdfast serve, which prints a link",
    );
  const ports = systemPorts;
  const log = openLog(config.logLevel);
  const nodeId = await readOrCreateSetting(database, "node-id", () => uuid7(ports));
  const evidence = await openLedger({ database, ports, config, log, nodeId });
  const auth = openAuth({ database, ports, config, log, evidence });
  const { token, endsAt } = await auth.issueSetUpLink({ roles: ["admin"] });
  const origin = config.publicUrl ? new URL(config.publicUrl).origin : `http://localhost:${config.port}`;
  return { url: `${origin}${setUpPath(token)}`, endsAt };
}
