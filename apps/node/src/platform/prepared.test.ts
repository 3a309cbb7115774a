import { strict as assert } from "node:assert";
import { test } from "node:test";
import { sql } from "kysely";
import { testPostgres } from "../../../../test/node.ts";
import { openDatabase } from "./database.ts";

test("a statement that a connection is asked often is prepared once, and answers as before", async () => {
  const database = await openDatabase({ ...(await (await testPostgres()).database("prepared")), max: 1 });
  try {
    const db = database.tables<Record<never, never>>();
    const ask = async (n: number) =>
      (await sql<{ twice: number }>`select ${n}::int * 2 as twice`.execute(db)).rows[0]?.twice;
    const prepared = async () =>
      (await database.pool.query("select statement from pg_prepared_statements where name like 'often-%'")).rows;
    for (let n = 1; n <= 4; n++) assert.equal(await ask(n), 2 * n);
    assert.equal((await prepared()).length, 0, "not before the fifth time");
    for (let n = 5; n <= 20; n++) assert.equal(await ask(n), 2 * n);
    assert.equal((await prepared()).length, 1);
    await assert.rejects(ask("seven" as never), /integer/);
    assert.equal(await ask(21), 42, "a failure spoils nothing");
  } finally {
    await database.close();
  }
});

test("several commands in one text are never prepared, on a connection of the caller's either", async () => {
  const database = await openDatabase({ ...(await (await testPostgres()).database("prepared_several")), max: 1 });
  const client = await database.pool.connect();
  try {
    for (let times = 0; times < 8; times++) await client.query("select 1; select 2", []);
  } finally {
    client.release();
    await database.close();
  }
});

test("at most 200 statements are prepared on a connection", async () => {
  const database = await openDatabase({ ...(await (await testPostgres()).database("prepared_many")), max: 1 });
  try {
    const db = database.tables<Record<never, never>>();
    for (let n = 0; n < 201; n++)
      for (let times = 0; times < 5; times++) await sql`select ${1}::int as ${sql.id(`column_${n}`)}`.execute(db);
    const { rows } = await database.pool.query("select count(*)::int as n from pg_prepared_statements");
    assert.equal(rows[0].n, 200);
  } finally {
    await database.close();
  }
});
