/** Opens the ledger of a node: finds its log or makes the first one, and finds or makes this process's keys. */
import { join } from "node:path";
import type { Config } from "../../platform/config.ts";
import type { Database } from "../../platform/database.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Log } from "../../platform/telemetry.ts";
import { type Client, readHead } from "./head-store.ts";
import { openKeyFolder } from "./key-file.ts";
import { KeyRing } from "./key-ring.ts";
import { Ledger } from "./ledger.ts";
import { inTransaction } from "./transaction.ts";
import { firstStatement, lockLogs, makeLog, putFirst } from "./log-opening.ts";
import type { StageRunner } from "./sequencer.ts";
import { openSignedHeadFile } from "./signed-head-file.ts";
import { prepareStatements } from "./statement.ts";
import { ASK_MS_MAX } from "./witness-client.ts";

export interface LedgerOptions {
  readonly database: Database;
  readonly ports: Ports;
  readonly config: Config;
  readonly log: Log;
  /** The node's id, which names its log when the configuration does not. */
  readonly nodeId: string;
  /** Runs the stages of a batch; only tests give another than the plain one. */
  readonly run?: StageRunner;
  /** How long one request to a witness may take; only tests give another than the plain one. */
  readonly askMsMax?: number;
}

/** @throws Problem `ledger/key-exposed` */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { database, ports, config, log } = options;
  const folder = config.keyFolder ?? join(config.home, "keys");
  const ring = new KeyRing(openKeyFolder(folder));
  const at = ports.clock.now();
  await inTransaction(database.pool, async (client) => {
    await lockLogs(client);
    const first = await firstOrigin(client);
    const origin = first ?? newOrigin(options);
    if (first === undefined) await makeLog(client, ring, { origin, at });
    await ring.reload(client);
    const made = first === undefined;
    for (const role of ["statement", "witness"] as const) {
      const name = `${origin}/${role}`;
      // every process signs statements; the witness is one for the whole node
      if (ring.signing(role).length === 0 && (made || role === "statement"))
        await ring.add(client, { role, name, algorithm: "ed25519", origin: null, at });
    }
    await ring.reload(client);
    const [key] = ring.signing("statement");
    if (made && key) {
      const by = { key, issuer: issuerOf(origin), at, random: ports.random };
      for (const first of await prepareStatements([firstStatement(origin, undefined)], by))
        await putFirst(client, first, at);
    }
  });
  const head = await readHead(database.pool);
  const issuer = issuerOf((await firstOrigin(database.pool)) ?? "");
  if (!head) throw new Error("the log was made above");
  const ledger = new Ledger(
    {
      database,
      ports,
      config,
      log,
      ring,
      issuer,
      fileOf: (origin) => openSignedHeadFile(config.ledgerSignedHeadFolder ?? folder, origin),
      run: options.run ?? ((_stage, work) => work()),
      askMsMax: options.askMsMax ?? ASK_MS_MAX,
    },
    head,
  );
  const signing = ring.signing("checkpoint", ledger.origin);
  if (config.ledgerMlDsa44 && signing.length > 0 && !signing.some(({ key }) => key.type === 6))
    await ledger.addCheckpointKey("ml-dsa-44");
  return ledger;
}

function issuerOf(origin: string): string {
  return `https://${origin}`;
}

async function firstOrigin(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ origin: string }>("select origin from ledger_log order by id limit 1");
  return rows[0]?.origin;
}

/** The public address without scheme, C2SP tlog-tiles; a node without one names its log after its id. */
function newOrigin({ config, nodeId }: LedgerOptions): string {
  if (config.ledgerOrigin) return config.ledgerOrigin;
  if (config.publicUrl) return `${config.publicUrl.replace(/^https?:\/\//, "").replace(/\/+$/, "")}/ledger`;
  return `holdfast.invalid/${nodeId}/ledger`;
}
