/**
 * Brings a database to the form the code expects: plain SQL files, forward only, in order within each slice, each in its
 * own transaction. A landed file is never edited: its hash is kept, and a difference stops the node.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "@holdfast/kernel";
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
  const applied: string[] = [];
  try {
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    await client.query(
      "create table if not exists platform_migration (slice text, name text, sha256 text not null, applied_at timestamptz not null default now(), primary key (slice, name))",
    );
    const { rows } = await client.query<{ slice: string; name: string; sha256: string }>(
      "select slice, name, sha256 from platform_migration limit 10000",
    );
    const known = new Map(rows.map((row) => [`${row.slice}/${row.name}`, row.sha256]));
    for (const { slice, folder } of slices) {
      for (const file of readdirSync(folder)
        .filter((name) => name.endsWith(".sql"))
        .sort()) {
        const name = file.slice(0, -".sql".length);
        const text = readFileSync(join(folder, file), "utf8");
        const sha256 = createHash("sha256").update(text).digest("hex");
        const before = known.get(`${slice}/${name}`);
        if (before === sha256) continue;
        if (before !== undefined)
          throw new Problem(
            "migration/edited",
            `migration \`${slice}/${name}\` was edited after it had been applied: add a new file instead`,
          );
        await client.query("begin");
        try {
          await client.query(text);
          await client.query("insert into platform_migration (slice, name, sha256) values ($1, $2, $3)", [
            slice,
            name,
            sha256,
          ]);
          await client.query("commit");
        } catch (cause) {
          await client.query("rollback");
          throw new Problem(
            "migration/failed",
            `migration \`${slice}/${name}\` failed: ${cause instanceof Error ? cause.message : cause}`,
            { cause },
          );
        }
        applied.push(`${slice}/${name}`);
      }
    }
    return applied;
  } finally {
    await client.query("select pg_advisory_unlock($1)", [LOCK]).catch(() => undefined);
    client.release();
  }
}
