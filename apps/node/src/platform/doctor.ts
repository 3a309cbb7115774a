/** Looks at an installation and says what is wrong with it and how to mend it. Changes nothing. */
import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "@holdfast/kernel";
import type pg from "pg";
import { type Config, readConfig, type SettingName } from "./config.ts";
import { type Database, openDatabase } from "./database.ts";
import { listMigrations, type Migrations } from "./migrations.ts";
import { startPrivatePostgres } from "./postgres.ts";

const DISK_BYTES_MIN = 2 * 1_073_741_824; // a node that fills its disk stops
const DISK_BYTES_CRITICAL = 256 * 1_048_576; // one import or one checkpoint of the database's log may need this
const CLOCK_SECONDS_WARN = 2; // more than a question to the database takes
const CLOCK_SECONDS_FAIL = 60; // sessions, leases and the ledger's times would contradict each other

export interface Finding {
  readonly state: "ok" | "warn" | "fail";
  readonly what: string;
  /** What to do; empty when nothing is. */
  readonly mend: string;
}

/** A slice's own look at its tables; only when the schema is current. */
export type Check = (client: Pick<pg.ClientBase, "query">) => Promise<readonly Finding[]>;

export async function examine(options: {
  home: string;
  environment: NodeJS.ProcessEnv;
  flags: Partial<Record<SettingName, unknown>>;
  migrations: readonly Migrations[];
  checks?: readonly Check[];
  consoleFolder: string | undefined;
}): Promise<Finding[]> {
  const findings: Finding[] = [];
  const ok = (what: string) => findings.push({ state: "ok", what, mend: "" });
  const warn = (what: string, mend: string) => findings.push({ state: "warn", what, mend });
  const fail = (what: string, mend: string) => findings.push({ state: "fail", what, mend });

  const [major] = process.versions.node.split(".");
  if (major === "24") ok(`Node ${process.versions.node}`);
  else fail(`Node ${process.versions.node} is not the pinned 24`, "start through ./holdfast, which fetches it");

  if (!existsSync(options.home)) {
    warn(`there is no node in ${options.home} yet`, "run ./holdfast serve once");
    return findings;
  }
  try {
    accessSync(options.home, constants.W_OK);
    ok(`${options.home} can be written`);
  } catch {
    fail(
      `${options.home} can't be written by user ${process.getuid?.() ?? "?"}`,
      "run as the user that owns it, or change its owner",
    );
  }
  const disk = statfsSync(options.home);
  findings.push(examineDisk(disk.bavail * disk.bsize));

  let config: Config;
  try {
    config = readConfig(options);
    ok("the configuration is valid");
  } catch (error) {
    fail(
      error instanceof Problem ? error.message : String(error),
      "correct it in holdfast.json or the environment; ./holdfast config shows what is in force",
    );
    return findings;
  }
  if (config.host !== "127.0.0.1" && config.host !== "localhost" && !config.publicUrl?.startsWith("https:")) {
    warn(
      `it listens on ${config.host} without an https publicUrl`,
      "put a proxy with TLS before it and set publicUrl, or listen on 127.0.0.1",
    );
  }
  findings.push(examineProxy(config));
  if (options.consoleFolder && existsSync(join(options.consoleFolder, "index.html"))) ok("the console is built");
  else warn("the console is not built", "./holdfast serve builds it");
  const add = (finding: Finding) => findings.push(finding);
  await examineDatabase({ config, migrations: options.migrations, checks: options.checks ?? [], ok, warn, fail, add });
  return findings;
}

export function examineDisk(freeBytes: number): Finding {
  const mend = "free space, or move the home folder";
  const few = `only ${Math.floor(freeBytes / 1_048_576)} MiB free on its disk`;
  if (freeBytes < DISK_BYTES_CRITICAL) return { state: "fail", what: few, mend };
  if (freeBytes < DISK_BYTES_MIN) return { state: "warn", what: few, mend };
  return { state: "ok", what: `${Math.floor(freeBytes / 1_073_741_824)} GiB free on its disk`, mend: "" };
}

/** Whether the node believes the addresses that a proxy tells it, and only a proxy's. */
export function examineProxy({
  trustProxy,
  publicUrl,
  host,
}: Pick<Config, "trustProxy" | "publicUrl" | "host">): Finding {
  const isHttps = publicUrl?.startsWith("https:") ?? false;
  const isLocal = host === "127.0.0.1" || host === "localhost" || host === "::1";
  if (isHttps && !trustProxy)
    return {
      state: "warn",
      what: "publicUrl is https, so a proxy stands before this node, and trustProxy is off: every caller has the proxy's address, and its limits",
      mend: "set trustProxy to true (HOLDFAST_TRUST_PROXY), or to the number of proxies in a row",
    };
  if (trustProxy && !publicUrl)
    return {
      state: "warn",
      what: "trustProxy is on without a publicUrl: callers choose the address that limits and records see",
      mend: "set publicUrl to the proxy's https address, or switch trustProxy off where there is no proxy",
    };
  if (trustProxy && !isLocal)
    return {
      state: "warn",
      what: `trustProxy is on and the node listens on ${host}: whoever reaches it there past the proxy chooses their address`,
      mend: "listen on 127.0.0.1, or let a firewall admit the proxy only",
    };
  return { state: "ok", what: trustProxy ? "a proxy tells who calls" : "no proxy is believed", mend: "" };
}

/** `offsetSeconds`: by how much this machine's clock is ahead of the database's. */
export function examineClock(offsetSeconds: number): Finding {
  const size = Math.abs(offsetSeconds);
  const what = `this machine's clock is ${size.toFixed(1)} s ${offsetSeconds > 0 ? "ahead of" : "behind"} the database's`;
  const mend = "let both machines follow one time server (timedatectl set-ntp true)";
  if (size >= CLOCK_SECONDS_FAIL) return { state: "fail", what, mend };
  if (size >= CLOCK_SECONDS_WARN) return { state: "warn", what, mend };
  return { state: "ok", what: "the clock agrees with the database's", mend: "" };
}

/** Ahead of the database's clock by this; half of what the question took is counted as its way there. */
async function clockOffsetSeconds(database: Database): Promise<number> {
  const before = Date.now();
  const { rows } = await database.pool.query<{ now: string }>(
    "select extract(epoch from clock_timestamp())::text as now",
  );
  const middle = (before + Date.now()) / 2;
  return middle / 1_000 - Number(rows[0]?.now);
}

interface Reporter {
  readonly ok: (what: string) => unknown;
  readonly warn: (what: string, mend: string) => unknown;
  readonly fail: (what: string, mend: string) => unknown;
}

async function examineDatabase({
  config,
  migrations,
  checks,
  ok,
  warn,
  fail,
  add,
}: Reporter & {
  config: Config;
  migrations: readonly Migrations[];
  checks: readonly Check[];
  add: (finding: Finding) => unknown;
}): Promise<void> {
  let stop: (() => Promise<void>) | undefined;
  let database: Database | undefined;
  try {
    let connection: pg.PoolConfig = { connectionString: config.databaseUrl };
    if (!config.databaseUrl) {
      const postgres = await startPrivatePostgres(config.home, { borrow: true });
      stop = postgres.stop;
      connection = await postgres.database("holdfast");
    }
    database = await openDatabase({ ...connection, max: 2 });
    const { rows } = await database.pool.query<{ version: string }>(
      "select current_setting('server_version') as version",
    );
    ok(`PostgreSQL ${rows[0]?.version} answers (${config.databaseUrl ? "outside" : "private"})`);
    add(examineClock(await clockOffsetSeconds(database)));
    const isCurrent = await examineSchema(database, migrations, { ok, warn, fail });
    if (isCurrent) for (const check of checks) for (const finding of await check(database.pool)) add(finding);
  } catch (error) {
    fail(
      error instanceof Error ? error.message : String(error),
      config.databaseUrl
        ? "check DATABASE_URL and that the server is up"
        : `look at ${join(config.home, "postgres", "postgres.log")}`,
    );
  } finally {
    await database?.close();
    await stop?.();
  }
}

/** @returns whether the tables are those that this program expects */
async function examineSchema(
  database: Database,
  migrations: readonly Migrations[],
  { ok, warn, fail }: Reporter,
): Promise<boolean> {
  const { rows: present } = await database.pool.query<{ there: boolean }>(
    "select to_regclass('public.platform_migration') is not null as there",
  );
  if (!present[0]?.there) {
    warn("the database is empty", "run ./holdfast serve once, or restore a backup");
    return false;
  }
  const { rows } = await database.pool.query<{ name: string; sha256: string }>(
    "select slice || '/' || name as name, sha256 from platform_migration limit 10000",
  );
  const known = new Map(listMigrations(migrations).map((migration) => [migration.name, migration.sha256]));
  const strange = rows.filter((row) => known.get(row.name) !== row.sha256);
  const pending = [...known.keys()].filter((name) => !rows.some((row) => row.name === name));
  if (strange.length > 0)
    fail(
      `the database has the migration ${strange[0]?.name}, which this program doesn't`,
      "run the newer program that made it, or restore a backup from before it",
    );
  else if (pending.length > 0)
    warn(`${pending.length} migrations wait to be applied`, "./holdfast serve applies them at its start");
  else ok(`the schema is current (${known.size} migrations)`);
  const { rows: stuck } = await database.pool.query<{ n: number }>(
    "select count(*)::int as n from platform_outbox where attempts >= 5",
  );
  if ((stuck[0]?.n ?? 0) > 0)
    warn(`${stuck[0]?.n} messages in the outbox failed five times or more`, "the log names their topic and the reason");
  const { rows: checksums } = await database.pool.query<{ on: string }>(
    "select current_setting('data_checksums') as on",
  );
  if (checksums[0]?.on !== "on")
    warn(
      "the PostgreSQL server runs without data checksums",
      "switch them on with pg_checksums, so that a failing disk is noticed",
    );
  return strange.length === 0 && pending.length === 0;
}
