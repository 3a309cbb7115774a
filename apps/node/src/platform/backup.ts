/**
 * Backup and restore of a node's whole database: logical, streaming, checksummed, the same on every PostgreSQL from 15 on.
 * A backup is one snapshot. A restore reads the file to its end before it changes anything, then replaces everything in
 * one transaction: the schema as it was when the backup was made, the rows, then this program's newer migrations.
 */
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { Problem } from "@holdfast/kernel";
import pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { type Frame, readBackupFile, writeBackupFile } from "./backup-file.ts";
import type { Database } from "./database.ts";
import { applyMigration, appliedMigrations, listMigrations, type Migrations } from "./migrations.ts";

interface Header {
  readonly createdAt: string;
  readonly program: string;
  readonly postgres: string;
  readonly migrations: readonly { readonly name: string; readonly sha256: string }[];
}

interface TableHead {
  readonly table: string;
  readonly columns: readonly string[];
}

export interface BackupReport {
  readonly tables: number;
  readonly rows: number;
  readonly sizeBytes: number;
}

/** Told now and then how far the work is. */
export type Progress = (line: string) => void;

export async function backUp(
  database: Database,
  options: { path: string; program: string; createdAt: Date; progress: Progress },
): Promise<BackupReport> {
  const client = await database.pool.connect();
  const count = { tables: 0, rows: 0 };
  try {
    const { rows } = await client.query<{ there: boolean }>(
      "select to_regclass('public.platform_migration') is not null as there",
    );
    if (!rows[0]?.there)
      throw new Problem("backup/nothing-there", "the database holds no node yet: run ./holdfast serve once");
    await client.query("begin transaction isolation level repeatable read read only");
    const { sizeBytes } = await writeBackupFile(options.path, frames(client, options, count));
    await client.query("commit");
    return { ...count, sizeBytes };
  } catch (cause) {
    throw asProblem(cause, "the backup is not written");
  } finally {
    client.release(true); // whatever state the snapshot is in, it ends with its connection
  }
}

/** What the database or the disk said, as the reason why it ended. */
function asProblem(cause: unknown, outcome: string): Problem {
  if (cause instanceof Problem) return cause;
  return new Problem("backup/failed", `${cause instanceof Error ? cause.message : String(cause)}: ${outcome}`, {
    cause,
  });
}

async function* frames(
  client: pg.PoolClient,
  options: { program: string; createdAt: Date; progress: Progress },
  count: { tables: number; rows: number },
): AsyncGenerator<Frame> {
  const { rows: versions } = await client.query<{ version: string }>(
    "select current_setting('server_version') as version",
  );
  const { rows: migrations } = await client.query<{ name: string; sha256: string }>(
    "select slice || '/' || name as name, sha256 from platform_migration order by applied_at, slice, name limit 10000",
  );
  const header: Header = {
    createdAt: options.createdAt.toISOString(),
    program: options.program,
    postgres: versions[0]?.version ?? "",
    migrations,
  };
  yield { type: "header", value: header };
  for (const table of await tablesInOrder(client)) {
    const columns = await columnsOf(client, table);
    yield { type: "table", value: { table, columns } satisfies TableHead };
    const list = columns.map((column) => pg.escapeIdentifier(column)).join(", ");
    const stream = client.query(copyTo(`copy (select ${list} from ${pg.escapeIdentifier(table)}) to stdout`));
    for await (const bytes of stream) yield { type: "data", bytes: bytes as Buffer }; // COPY gives Buffers
    count.tables += 1;
    count.rows += stream.rowCount;
    options.progress(`${table}: ${stream.rowCount} rows`);
  }
}

export async function restore(
  database: Database,
  options: { path: string; migrations: readonly Migrations[]; replace: boolean; progress: Progress },
): Promise<{ tables: number; createdAt: string }> {
  const header = await verify(options.path, options.progress);
  const known = listMigrations(options.migrations);
  for (const { name, sha256 } of header.migrations) {
    const ours = known.find((migration) => migration.name === name);
    if (!ours || ours.sha256 !== sha256)
      throw new Problem(
        "backup/newer",
        `the backup was made by a newer or changed program: it has the migration \`${name}\`; nothing was changed`,
      );
  }
  const client = await database.pool.connect();
  try {
    await client.query("begin");
    if (!options.replace && (await holdsData(client))) {
      throw new Problem(
        "backup/not-empty",
        "the database holds data: restore into an empty one, or say --replace to lose what it holds",
      );
    }
    await client.query("drop schema if exists platform_boss cascade");
    await client.query("drop schema public cascade");
    await client.query("create schema public");
    await appliedMigrations(client);
    const then = new Set(header.migrations.map(({ name }) => name));
    for (const migration of known) if (then.has(migration.name)) await applyMigration(client, migration);
    await setTriggers(client, "disable"); // what they would write is in the backup already
    await emptyTables(client);
    const tables = await loadTables(client, options);
    await setTriggers(client, "enable");
    await finish(client);
    for (const migration of known) if (!then.has(migration.name)) await applyMigration(client, migration);
    await client.query("commit");
    return { tables, createdAt: header.createdAt };
  } catch (cause) {
    await client.query("rollback").catch(() => undefined);
    throw asProblem(cause, "nothing was changed");
  } finally {
    client.release(true);
  }
}

/** Reads the file to its end. @throws Problem `backup/damaged` */
async function verify(path: string, progress: Progress): Promise<Header> {
  let header: Header | undefined;
  for await (const frame of readBackupFile(path)) if (frame.type === "header") header = frame.value as Header; // written by `frames`, and its checksum agrees
  if (!header) throw new Problem("backup/damaged", `\`${path}\` has no header; nothing was changed`);
  progress(`${path} is whole: made ${header.createdAt} by ${header.program}`);
  return header;
}

async function holdsData(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('public.auth_person') is not null as there",
  );
  if (!rows[0]?.there) return false;
  const { rowCount } = await client.query("select 1 from auth_person limit 1");
  return rowCount !== 0;
}

/** A slice's own triggers; foreign keys go on being checked. */
async function setTriggers(client: pg.PoolClient, to: "enable" | "disable"): Promise<void> {
  for (const table of await tablesInOrder(client))
    await client.query(`alter table ${pg.escapeIdentifier(table)} ${to} trigger user`);
}

/** Rows that migrations put in are in the backup too. */
async function emptyTables(client: pg.PoolClient): Promise<void> {
  const seeded: string[] = [];
  for (const table of await tablesInOrder(client)) {
    if (table === "platform_migration") continue;
    const { rowCount } = await client.query(`select 1 from ${pg.escapeIdentifier(table)} limit 1`);
    if (rowCount !== 0) seeded.push(pg.escapeIdentifier(table));
  }
  if (seeded.length > 0) await client.query(`truncate ${seeded.join(", ")} cascade`);
}

async function loadTables(
  client: pg.PoolClient,
  { path, progress }: { path: string; progress: Progress },
): Promise<number> {
  let tables = 0;
  let sink: { push: (bytes: Buffer) => Promise<void>; end: () => Promise<void> } | undefined;
  for await (const frame of readBackupFile(path)) {
    if (frame.type === "data") await sink?.push(frame.bytes);
    else {
      await sink?.end();
      sink = undefined;
    }
    if (frame.type !== "table") continue;
    const { table, columns } = frame.value as TableHead; // written by `frames`, and its checksum agrees
    tables += 1;
    progress(table);
    sink = table === "platform_migration" ? undefined : copyInto(client, table, columns);
  }
  return tables;
}

function copyInto(
  client: pg.PoolClient,
  table: string,
  columns: readonly string[],
): { push: (bytes: Buffer) => Promise<void>; end: () => Promise<void> } {
  const list = columns.map((column) => pg.escapeIdentifier(column)).join(", ");
  const source = new Readable({ read: () => resume?.() });
  let resume: (() => void) | undefined;
  const done = pipeline(source, client.query(copyFrom(`copy ${pg.escapeIdentifier(table)} (${list}) from stdin`)));
  done.catch(() => resume?.()); // `end` reports it
  return {
    push: async (bytes) => {
      if (!source.push(bytes)) await Promise.race([new Promise<void>((go) => (resume = go)), done]);
    },
    end: async () => {
      source.push(null);
      await done;
    },
  };
}

/** Identity columns go on after their largest value; sessions end; jobs that were under way can't go on. */
async function finish(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string }>(
    "select table_name as table, column_name as column from information_schema.columns where table_schema = 'public' and is_identity = 'YES' limit 1000",
  );
  for (const { table, column } of rows) {
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), coalesce((select max(${pg.escapeIdentifier(column)}) from ${pg.escapeIdentifier(table)}), 0) + 1, false)`,
      [pg.escapeIdentifier(table), column],
    );
  }
  // A backup is no place to take sessions from: whoever was signed in signs in again.
  await client.query(
    "do $$ begin if to_regclass('public.auth_session') is not null then delete from auth_session; end if; end $$",
  );
  await client.query(
    `update platform_job set state = 'failed', ended_at = now(), problem = '{"code":"job/failed","message":"the database was restored while this ran: start it again","detail":{}}'
     where state in ('waiting', 'running')`,
  );
}

/** The node's tables, each after those that its foreign keys name. */
async function tablesInOrder(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ table: string; needs: string[] }>(
    `select c.relname as table, coalesce(array_agg(r.relname::text) filter (where r.relname is not null and r.relname <> c.relname), '{}') as needs
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     left join pg_constraint k on k.conrelid = c.oid and k.contype = 'f' left join pg_class r on r.oid = k.confrelid
     where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition group by c.relname order by c.relname limit 10000`,
  );
  const needs = new Map(rows.map((row) => [row.table, row.needs]));
  const ordered: string[] = [];
  const visit = (table: string, path: readonly string[]): void => {
    if (ordered.includes(table)) return;
    if (path.includes(table))
      throw new Problem("backup/cycle", `tables \`${[...path, table].join("` -> `")}\` need each other`);
    for (const other of needs.get(table) ?? []) visit(other, [...path, table]);
    ordered.push(table);
  };
  for (const table of needs.keys()) visit(table, []);
  return ordered;
}

async function columnsOf(client: pg.PoolClient, table: string): Promise<string[]> {
  const { rows } = await client.query<{ column: string }>(
    "select column_name as column from information_schema.columns where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER' order by ordinal_position limit 2000",
    [table],
  );
  return rows.map((row) => row.column);
}
