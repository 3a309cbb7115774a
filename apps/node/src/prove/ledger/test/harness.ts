/** A ledger for a test: a database of its own on the file's PostgreSQL, a home folder of its own, a clock in hand. */
import { strict as assert } from "node:assert";
import { join, resolve } from "node:path";
import { after } from "node:test";
import { fsck, openCheckpoint, parseTilePath, verifyConsistency } from "@holdfast/tlog";
import { postgresForTests } from "../../../../../../test/postgres.ts";
import { temporaryFolder } from "../../../../../../test/temporary-folder.ts";
import { type Database, openDatabase } from "../../../platform/database.ts";
import { migrate } from "../../../platform/migrations.ts";
import { type Ledger, ledgerMigrations } from "../index.ts";
import { nativeHashInto, nativeVerifier } from "../native-crypto.ts";
import { readTile } from "../tile-store.ts";
import { openTestLedgerOn, type TestLedgerOptions, type TestPlace } from "./ledger-on.ts";

export type { TestPlace } from "./ledger-on.ts";

const folder = temporaryFolder("ledger");
const postgres = postgresForTests();
const databases: Database[] = [];
const ledgers = new Set<Ledger>();
let count = 0;

after(async () => {
  for (const ledger of ledgers) await ledger.stop();
  for (const database of databases) await database.close();
  await postgres.stop();
  folder.remove();
});

export const PLATFORM = { slice: "platform", folder: resolve(import.meta.dirname, "../../../platform/migrations") };

/** A fresh database and a fresh home; or another home on the database of `beside`, another database, or no tables yet. */
export async function newPlace(
  options: { beside?: TestPlace; home?: string; migrated?: boolean } = {},
): Promise<TestPlace> {
  const { beside, migrated = true } = options;
  const number = ++count;
  const name = beside?.name ?? `ledger_${number}`;
  const connection = await (await postgres.server()).database(name);
  const database = await openDatabase({ ...connection, max: 5, idleTimeoutMillis: 500 }); // a server has 100 for a whole file
  databases.push(database);
  if (!beside && migrated) await migrate(database, [PLATFORM, ledgerMigrations]);
  return { name, home: options.home ?? join(folder.path, `home-${number}`), database, connection };
}

export async function openTestLedger(place: TestPlace, options: TestLedgerOptions = {}): Promise<Ledger> {
  const ledger = await openTestLedgerOn(place, options);
  ledgers.add(ledger);
  return ledger;
}

/** Appends `count` statements in one transaction. @returns their ids */
export async function appendMany(
  place: TestPlace,
  ledger: Ledger,
  count: number,
  subject = "urn:test:lot",
): Promise<string[]> {
  const inputs = Array.from({ length: count }, (_, i) => ({ kind: "test/said", subject, payload: { i } }));
  return place.database.transaction((tx) => ledger.appendAll(tx, inputs));
}

/** Every published checkpoint that a test has seen of one log. */
export class Watcher {
  readonly #ledger: Ledger;
  readonly #seen: { size: bigint; root: Uint8Array }[] = [];

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Remembers what is published now. */
  async look(): Promise<void> {
    const head = await this.#ledger.head();
    if (!head?.published) return;
    const opened = openCheckpoint(head.published, await this.#ledger.checkpointKeys(head.origin), [], nativeVerifier);
    assert.ok(opened.ok, "the published checkpoint verifies");
    this.#seen.push(opened.value.checkpoint);
  }

  /**
   * Recomputes the log from its bundles; demands that every checkpoint seen so far is consistent with the newest, and that
   * each of `acknowledged` is in the tree exactly once, provably.
   */
  async hold(acknowledged: readonly string[] = []): Promise<void> {
    const ledger = this.#ledger;
    const head = await ledger.head();
    assert.ok(head?.published, "a checkpoint is published");
    assert.equal(head.published_size, head.size, "all that is signed is published");
    await this.look();
    const keys = await ledger.checkpointKeys(head.origin);
    const published = head.published;
    const read = async (path: string) => {
      if (path === "checkpoint") return new Uint8Array(published);
      return readTile(ledger.pool, head.log, parseTilePath(path));
    };
    const report = await fsck(read, { keys, verifier: nativeVerifier, hash: nativeHashInto });
    assert.deepEqual([report.findings, report.signature], [[], "verified"]);
    const newest = this.#seen.at(-1)!; // look() above
    for (const { size, root } of this.#seen) {
      assert.ok(size <= newest.size);
      if (size === newest.size) assert.deepEqual(root, newest.root);
      else {
        const path = await ledger.prover.growth(head.log, size, newest.size);
        assert.ok(
          verifyConsistency({ oldSize: size, oldRoot: root, newSize: newest.size, newRoot: newest.root }, path),
        );
      }
    }
    const { rows } = await ledger.pool.query<{ entry: Buffer }>(
      "select entry from ledger_statement where log = $1 order by leaf_index limit 100000",
      [head.log],
    );
    const placed = rows.map(({ entry }) => entry.toString("hex"));
    assert.equal(placed.length, head.size, "as many statements as leaves");
    assert.equal(new Set(placed).size, placed.length, "no statement is there twice");
    for (const id of acknowledged) assert.ok(placed.includes(id), `the acknowledged statement ${id} is there`);
    for (const id of acknowledged.slice(0, 3)) await ledger.proof(id);
  }
}
