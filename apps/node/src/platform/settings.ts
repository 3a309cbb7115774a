/** Facts about the node that are made once and kept in its database, so that every process on it tells the same. */
import { sql } from "kysely";
import type { Database } from "./database.ts";

/** The stored value of `name`, or the one that `create` makes if this call is the first. */
export async function readOrCreateSetting(database: Database, name: string, create: () => string): Promise<string> {
  const { rows } = await sql<{ value: string }>`
    with made as (insert into platform_setting (name, value) values (${name}, to_jsonb(${create()}::text)) on conflict (name) do nothing returning value)
    select value from made union all select value from platform_setting where name = ${name} limit 1`.execute(
    database.tables(),
  );
  const value = rows[0]?.value;
  if (value !== undefined) return value;
  return readOrCreateSetting(database, name, create); // another process inserted between the two halves
}
