import { strict as assert } from "node:assert";
import { copyFileSync, mkdirSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import { formatCoseKey, signStatement, tileAt } from "@holdfast/tlog";
import { migrate } from "../../platform/migrations.ts";
import type { Client } from "./head-store.ts";
import { ledgerMigrations } from "./index.ts";
import { putIssuer, SIGNED_STATEMENT_BYTES_MAX } from "./issuer-store.ts";
import { moveStatements, placeOf, readEntries } from "./leaf-store.ts";
import { publicKeyOf, signerOf } from "./native-crypto.ts";
import { releaseOf, unwitnessedSince, waitingSince } from "./release-store.ts";
import { BATCH_MAX } from "./sequencer.ts";
import { findStatement, listQuery, listStatements, readDocument } from "./statement-store.ts";
import { appendMany, newPlace, openTestLedger, PLATFORM, Watcher } from "./test/harness.ts";
import { TileCache, TILES_MAX } from "./tile-cache.ts";
import { readTile, readTiles } from "./tile-store.ts";

const FOLDER = resolve(import.meta.dirname, "migrations");

test("a log written before leaves were rows is taken over whole", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  const ids = await appendMany(place, ledger, 300);
  await ledger.beat();
  const old = await newPlace({ migrated: false, home: place.home });
  const before = join(place.home, "migrations-before");
  mkdirSync(before);
  for (const file of ["0001-init.sql", "0002-release.sql"]) copyFileSync(join(FOLDER, file), join(before, file));
  await migrate(old.database, [PLATFORM, { slice: "ledger", folder: before }]);
  const copy = async (from: string, into = from) => {
    const { rows } = await place.database.pool.query(`select to_jsonb(t) as row from ${from} t`);
    await old.database.pool.query(
      `insert into ${into} overriding system value select r.* from jsonb_populate_recordset(null::${into}, $1::jsonb) r`,
      [JSON.stringify(rows.map(({ row }) => row))],
    );
  };
  for (const table of ["ledger_log", "ledger_head", "ledger_key", "ledger_document", "ledger_kind_count"])
    await copy(table);
  await copy("ledger_statement");
  for (const level of ["entries", 0, 1] as const)
    for (const index of [0n, 1n]) {
      const tile = tileAt(level, index, 301n);
      if (!tile) continue;
      await old.database.pool.query("insert into ledger_tile (log, level, index, bytes) values (1, $1, $2, $3)", [
        level === "entries" ? -1 : level,
        index.toString(),
        await readTile(place.database.pool, 1, tile),
      ]);
    }
  await old.database.pool.query("update ledger_statement set statement = null where leaf_index = 7");
  await migrate(old.database, [PLATFORM, ledgerMigrations]);
  const taken = await openTestLedger({ ...old, name: place.name });
  const more = await appendMany(old, taken, 3);
  await taken.beat();
  await new Watcher(taken).hold([...ids, ...more]);
  assert.equal((await listStatements(old.database.pool, { limit: 400, kind: "test/said" })).length, 303);
  assert.equal((await findStatement(old.database.pool, ids[6] ?? ""))?.statement, null, "what was erased stays so");
  assert.ok(await readDocument(old.database.pool, ids[0] ?? ""));
});

test("every question about leaves is answered from an index, in a log that grew after its plans were made", async () => {
  const place = await newPlace();
  const { pool } = place.database;
  const ledger = await openTestLedger(place);
  const [id = ""] = await appendMany(place, ledger, 2);
  await ledger.beat();
  await pool.query(
    `insert into ledger_leaf (place, accepted_at, signer, kind, entry, subject, statement)
     select (1::bigint << 40) + i, now(), 1, (select id from ledger_kind where kind = 'ledger/opened'), sha256(int8send(i)), 'urn:lot:' || i % 1000, int8send(i)
     from generate_series(3, 120000) i`,
  );
  await pool.query(
    "insert into ledger_kind_block select k.id, b from ledger_kind k, generate_series(1::bigint << 32, (1::bigint << 32) + 468) b where k.kind = 'ledger/opened' on conflict do nothing",
  );
  await pool.query(
    "insert into ledger_release (log, size, published_at) select 1, i, now() from generate_series(10, 20000) i",
  );
  await pool.query("analyze ledger_leaf, ledger_kind_block, ledger_release");
  const asked: [string, unknown[]][] = [];
  const client = {
    query: (text: string, values: unknown[] = []) => {
      asked.push([text, values]);
      return pool.query(text, values);
    },
  } as unknown as Client; // of the overloads of `query`, the slice uses this one
  await findStatement(client, id);
  await readDocument(client, id);
  await readEntries(client, 1, { index: 100_000, count: 256 });
  const tiles = [tileAt(0, 300n, 120_000n), tileAt(0, 2n, 120_000n), tileAt(1, 1n, 120_000n)];
  await readTiles(
    client,
    1,
    tiles.filter((tile) => tile !== undefined),
  );
  await releaseOf(client, 1, 15_000);
  await waitingSince(client);
  await unwitnessedSince(client, { log: 1, witnessed_size: 0 });
  for (const filter of [
    { limit: 50 },
    { limit: 50, before: { log: 1, index: 90_000 } },
    { limit: 50, kind: "ledger/opened" },
    { limit: 50, kind: "ledger/opened", before: { log: 1, index: 90_000 } },
    { limit: 50, subject: "urn:lot:7" },
    { limit: 50, subject: "urn:lot:7", kind: "ledger/opened", before: { log: 1, index: 90_000 } },
  ]) {
    asked.push(listQuery(filter));
    const rows = await listStatements(pool, filter);
    assert.equal(rows.length, 50, JSON.stringify(filter));
    const indexes = rows.map(({ leaf_index }) => leaf_index ?? -1);
    assert.deepEqual(
      indexes,
      indexes.toSorted((a, b) => b - a),
      "newest first",
    );
    if (filter.subject) for (const row of rows) assert.equal(row.subject, filter.subject);
    if (filter.before) assert.ok(indexes.every((index) => index < 90_000));
  }
  for (const [text, values] of asked) {
    const { rows } = await pool.query<Record<string, string>>(
      `explain (analyze, costs off, timing off) ${text}`,
      values,
    );
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    assert.doesNotMatch(plan, /Seq Scan on (ledger_leaf|ledger_release|ledger_document|ledger_kind_block)/, plan);
    for (const [, count] of plan.matchAll(/rows=(\d+)/g)) assert.ok(Number(count) <= 16_384, plan);
  }
});

test("the pages of a list join without a gap or a double, over kinds, subjects and two logs", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  await appendMany(place, ledger, 290, "urn:lot:1");
  await ledger.beat();
  await ledger.freeze();
  await appendMany(place, ledger, 20, "urn:lot:1");
  await appendMany(place, ledger, 20, "urn:lot:2");
  await ledger.beat();
  for (const [filter, count] of [
    [{}, 332],
    [{ kind: "test/said" }, 330],
    [{ kind: "ledger/opened" }, 2],
    [{ subject: "urn:lot:1" }, 310],
    [{ subject: "urn:lot:2", kind: "test/said" }, 20],
    [{ subject: "urn:lot:2", kind: "ledger/opened" }, 0],
    [{ kind: "no/such" }, 0],
  ] as const) {
    const seen: string[] = [];
    let before: { log: number; index: number } | undefined;
    for (;;) {
      const rows = await listStatements(place.database.pool, { limit: 17, before, ...filter });
      for (const { log, leaf_index: index } of rows) {
        before = { log: log ?? 0, index: index ?? 0 };
        seen.push(`${log}-${index}`);
      }
      if (rows.length < 17) break;
    }
    assert.deepEqual([seen.length, new Set(seen).size], [count, count], JSON.stringify(filter));
  }
});

test("a batch takes as many statements as its limit, and one more waits for the next", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  await ledger.beat();
  const wait = (count: number) =>
    place.database.pool.query(
      `insert into ledger_outbox (entry, kind, subject, issuer, statement, accepted_at)
       select sha256(int8send(i)), 'test/bulk', 's', 'i', int8send(i), now() from generate_series(1, $1::bigint) i`,
      [count],
    );
  await wait(BATCH_MAX + 1);
  const head = await ledger.head();
  assert.ok(head);
  const client = await place.database.pool.connect();
  await client.query("begin");
  assert.equal((await moveStatements(client, head, BATCH_MAX)).length, BATCH_MAX);
  await client.query("rollback");
  client.release();
  assert.equal(await ledger.beat(), BATCH_MAX + 1);
  await wait(1);
  assert.equal(await ledger.beat(), 0, "one that is in the log already is dropped");
  assert.equal(await ledger.countWaiting(), 0);
});

test("names as long as a statement may have them go into the log and are found again", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  const { privateKey } = generateKeyPairSync("ed25519");
  const publicKey = publicKeyOf(privateKey);
  const text = (length: number) =>
    Array.from({ length }, (_, i) => String.fromCharCode(97 + ((i * i * 7 + i * 31) % 26))).join(""); // does not compress away
  const issuer = text(8_192);
  const kid = await putIssuer(place.database.pool, {
    key: formatCoseKey({ publicKey }),
    issuer,
    subjectPrefix: "",
    at: new Date(),
  });
  const sign = async (subjectLength: number, payloadBytes: number) =>
    (
      await signStatement(
        { algorithm: -8n, kid, issuer, subject: text(subjectLength), payload: new Uint8Array(payloadBytes) },
        signerOf(privateKey),
      )
    ).canonical;
  const send = (bytes: Uint8Array) => place.database.transaction((tx) => ledger.appendSigned(tx, bytes));
  const overhead = (await sign(8_192, 60_000 - 16_384)).length - (60_000 - 16_384);
  const { id } = await send(await sign(8_192, SIGNED_STATEMENT_BYTES_MAX - overhead));
  const refused = (error: unknown) => error instanceof Problem && error.code === "ledger/statement-refused";
  await assert.rejects(send(await sign(8_192, SIGNED_STATEMENT_BYTES_MAX - overhead + 1)), refused);
  await assert.rejects(send(await sign(8_193, 10)), refused);
  await ledger.beat();
  const [row] = await listStatements(place.database.pool, { limit: 2, subject: text(8_192) });
  assert.deepEqual([row?.entry.toString("hex"), row?.issuer], [id, issuer]);
  await new Watcher(ledger).hold([id]);
});

test("the cache keeps as many tiles as it may, and drops the one that was not used for longest", () => {
  const cache = new TileCache();
  const bytes = new Uint8Array(32);
  const tile = (index: number, width = 256, level = 1) => ({ level, index: BigInt(index), width });
  for (let i = 0; i < TILES_MAX; i++) cache.put(1, tile(i), bytes);
  assert.equal(cache.size, TILES_MAX);
  assert.ok(cache.get(1, tile(0)));
  cache.put(1, tile(TILES_MAX), bytes);
  assert.equal(cache.size, TILES_MAX);
  assert.ok(cache.get(1, tile(0)), "it was used");
  assert.equal(cache.get(1, tile(1)), undefined);
  cache.put(1, tile(9, 255, 0), bytes);
  assert.ok(cache.get(1, tile(9, 255, 0)), "the right edge");
  assert.equal(cache.get(1, tile(9, 254, 0)), undefined, "a partial tile is the one of its width");
  cache.put(1, tile(9, 256, 0), bytes);
  assert.equal(cache.get(1, tile(9, 256, 0)), undefined, "a full tile of level 0");
  assert.equal(cache.get(2, tile(0)), undefined, "each log has its own");
});

test("a place is one number over all logs, and what lies past every leaf stays a number (2^53)", () => {
  assert.equal(placeOf({ log: 1, index: 0 }), 2 ** 40);
  assert.equal(placeOf({ log: 8_191, index: 2 ** 40 - 1 }), Number.MAX_SAFE_INTEGER);
  assert.equal(placeOf({ log: 8_192, index: 0 }), Number.MAX_SAFE_INTEGER);
  assert.equal(placeOf({ log: 1, index: 2 ** 40 }), Number.MAX_SAFE_INTEGER);
});
