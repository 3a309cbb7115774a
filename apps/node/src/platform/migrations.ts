/**
 * Brings a database to the form the code expects: plain SQL files, forward only, in order within each slice, each in its
 * own transaction. A landed file is never edited: its hash is kept, and a difference stops the node.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "@holdfast/kernel";
import type pg from "pg";
import type { Database } from "./database.ts";

const LOCK = 4_801_984_201; // any fixed number: several processes starting at once take turns

/** A slice's migrations: files `NNNN-name.sql` in `folder`. */
export interface Migrations {
  readonly slice: string;
  readonly folder: string;
}

/** Applies what is missing. @returns the names applied, "slice/0001-init" */
export async function migrate(database: Database, slices: readonly Migrations[]): Promise<string[]> {
  const client = await database.pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    const known = await appliedMigrations(client);
    const applied: string[] = [];
    for (const migration of listMigrations(slices)) {
      const before = known.get(migration.name);
      if (before === migration.sha256) continue;
      if (before !== undefined)
        throw new Problem(
          "migration/edited",
          `migration \`${migration.name}\` was edited after it had been applied: add a new file instead`,
        );
      await client.query("begin");
      try {
        await applyMigration(client, migration);
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        throw error;
      }
      applied.push(migration.name);
    }
    return applied;
  } finally {
    await client.query("select pg_advisory_unlock($1)", [LOCK]).catch(() => undefined);
    client.release();
  }
}

/** One file of a slice, ready to run. */
export interface Migration {
  /** "slice/0001-init" */
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

/** Every migration of the program, in the order in which they run. */
export function listMigrations(slices: readonly Migrations[]): Migration[] {
  return slices.flatMap(({ slice, folder }) =>
    readdirSync(folder)
      .filter((file) => file.endsWith(".sql"))
      .sort()
      .map((file) => {
        const text = readFileSync(join(folder, file), "utf8");
        return {
          name: `${slice}/${file.slice(0, -".sql".length)}`,
          text,
          sha256: createHash("sha256").update(text).digest("hex"),
        };
      }),
  );
}

/** Name to hash of what a database has had applied; makes the table that keeps it. */
export async function appliedMigrations(client: pg.ClientBase): Promise<Map<string, string>> {
  await client.query(
    "create table if not exists platform_migration (slice text, name text, sha256 text not null, applied_at timestamptz not null default now(), primary key (slice, name))",
  );
  const { rows } = await client.query<{ slice: string; name: string; sha256: string }>(
    "select slice, name, sha256 from platform_migration limit 10000",
  );
  return new Map(rows.map((row) => [`${row.slice}/${row.name}`, row.sha256]));
}

/** Runs one migration in the caller's transaction. @throws Problem `migration/failed` */
export async function applyMigration(client: pg.ClientBase, { name, text, sha256 }: Migration): Promise<void> {
  const slash = name.lastIndexOf("/");
  try {
    await client.query(text);
    await client.query("insert into platform_migration (slice, name, sha256) values ($1, $2, $3)", [
      name.slice(0, slash),
      name.slice(slash + 1),
      sha256,
    ]);
  } catch (cause) {
    throw new Problem(
      "migration/failed",
      `migration \`${name}\` failed: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}
