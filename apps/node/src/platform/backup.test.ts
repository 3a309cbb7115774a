import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { Problem } from "@holdfast/kernel";
import { temporaryFolder } from "../../../../test/temporary-folder.ts";
import { backUp, restore } from "./backup.ts";
import { type Database, openDatabase } from "./database.ts";
import { migrate, type Migrations } from "./migrations.ts";
import { type PrivatePostgres, startPrivatePostgres } from "./postgres.ts";

const { path: folder, remove } = temporaryFolder("backup");
let postgres: PrivatePostgres;
let migrations: Migrations[];
const progress = () => undefined;
const open: Database[] = [];

before(async () => {
  postgres = await startPrivatePostgres(join(folder, "home"));
  mkdirSync(join(folder, "people"));
  writeFileSync(
    join(folder, "people", "0001-init.sql"),
    `create table auth_person (id int primary key, name text not null, shout text generated always as (upper(name)) stored);
     create table a_pet (position bigint generated always as identity primary key, owner int references auth_person, parent bigint references a_pet, note text, data bytea);
     create table head (only_row bool primary key default true check (only_row), size int not null);
     insert into head (size) values (0);`,
  );
  migrations = [
    { slice: "platform", folder: resolve(import.meta.dirname, "migrations") },
    { slice: "people", folder: join(folder, "people") },
  ];
});

after(async () => {
  for (const database of open) await database.close();
  await postgres.stop();
  remove();
});

async function fresh(name: string): Promise<Database> {
  const database = await openDatabase({ ...(await postgres.database(name)), max: 3 });
  open.push(database);
  return database;
}

async function filled(name: string): Promise<Database> {
  const database = await fresh(name);
  await migrate(database, migrations);
  await database.pool.query("insert into auth_person (id, name) select n, 'p' || n from generate_series(1, 20000) n");
  await database.pool.query(
    "insert into a_pet (owner, parent, note, data) values (1, null, E'tab\\tnewline\\n\\\\N', '\\x00ff'), (2, 1, null, null)",
  );
  await database.pool.query(
    "insert into platform_job (id, kind, title, state, input, started_by, started_by_name) values (gen_random_uuid(), 'k', 't', 'running', '{}', 'x', 'x')",
  );
  return database;
}

const digest = async (database: Database) =>
  (
    await database.pool.query(
      "select (select md5(string_agg(id || name || shout, ',' order by id)) from auth_person) as people, (select md5(string_agg(a_pet::text, ',' order by position)) from a_pet) as pets",
    )
  ).rows[0];

test("restores every row, and goes on counting where the backup stopped", async () => {
  const source = await filled("source");
  const path = join(folder, "a.backup");
  const report = await backUp(source, { path, program: "test", createdAt: new Date(0), progress });
  assert.ok(report.rows >= 20_003);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const target = await fresh("target");
  await restore(target, { path, migrations, replace: false, progress });
  assert.deepEqual(await digest(target), await digest(source));
  const { rows } = await target.pool.query("insert into a_pet (owner) values (1) returning position");
  assert.equal(rows[0].position, 3);
  assert.equal((await target.pool.query("select state from platform_job")).rows[0].state, "failed");
});

test("refuses a file whose content has one byte changed or missing, before it changes anything", async () => {
  const target = await fresh("target");
  const before = await digest(target);
  const whole = readFileSync(join(folder, "a.backup"));
  const path = join(folder, "damaged.backup");
  // 22 to 27 are the gzip header's time and system, which carry nothing
  for (const position of [0, 3, 18, 30, 60, Math.floor(whole.length / 2), whole.length - 3]) {
    const bytes = Buffer.from(whole);
    bytes[position]! ^= 0x10; // within the file
    writeFileSync(path, bytes);
    await assert.rejects(
      restore(target, { path, migrations, replace: true, progress }),
      (error) => error instanceof Problem && error.code === "backup/damaged",
      `byte ${position}`,
    );
  }
  writeFileSync(path, whole);
  truncateSync(path, whole.length - 40);
  await assert.rejects(
    restore(target, { path, migrations, replace: true, progress }),
    (error) => error instanceof Problem && error.code === "backup/damaged",
  );
  assert.deepEqual(await digest(target), before);
});

test("refuses to overwrite data without being told to, and a backup of a newer program", async () => {
  const target = await fresh("target");
  const path = join(folder, "a.backup");
  await assert.rejects(
    restore(target, { path, migrations, replace: false, progress }),
    (error) => error instanceof Problem && error.code === "backup/not-empty",
  );
  await assert.rejects(
    restore(target, { path, migrations: migrations.slice(0, 1), replace: true, progress }),
    (error) => error instanceof Problem && error.code === "backup/newer",
  );
});

test("applies the migrations that came after the backup", async () => {
  writeFileSync(
    join(folder, "people", "0002-age.sql"),
    "alter table auth_person add column age int not null default 7;",
  );
  const target = await fresh("later");
  await restore(target, { path: join(folder, "a.backup"), migrations, replace: false, progress });
  assert.equal((await target.pool.query("select sum(age)::int as n from auth_person")).rows[0].n, 140_000);
});

test("a PostgreSQL that dies under a backup fails it with a clear problem, and leaves no file", async () => {
  const own = temporaryFolder("backup-killed");
  try {
    const server = await startPrivatePostgres(join(own.path, "home"));
    const dying = await openDatabase(await server.database("dying"));
    await migrate(dying, migrations);
    await dying.pool.query("create table long as select i, repeat('x', 500) as text from generate_series(1, 50000) i");
    const pid = Number(readFileSync(join(server.folder, "data/postmaster.pid"), "utf8").split("\n")[0]);
    const path = join(own.path, "a.backup");
    const held = await dying.pool.connect(); // one that somebody holds while nothing is asked of it
    let told = 0;
    const backup = backUp(dying, {
      path,
      program: "test",
      createdAt: new Date(0),
      progress: () => {
        told += 1;
        if (told === 1) process.kill(pid, "SIGQUIT"); // immediate shutdown: every connection breaks
      },
    });
    await assert.rejects(backup, { code: "backup/failed" });
    assert.ok(!existsSync(path), "nothing has the backup's name");
    assert.ok(!existsSync(`${path}.partial`), "and nothing lies about");
    await assert.rejects(held.query("select 1"));
    held.release(true);
    await dying.close();
    await server.stop();
  } finally {
    own.remove();
  }
});
