/**
 * A sequencer that is killed with SIGKILL at its n-th wait: before the n-th query or file write after it was told to
 * begin. Started by kill.test.ts, as a process of its own; exits 0 when it got through.
 */
import { text } from "node:stream/consumers";
import { openDatabase } from "../../../platform/database.ts";
import { openTestLedgerOn } from "./ledger-on.ts";

const { pool, home, name, killAt } = JSON.parse(await text(process.stdin)); // when it is its turn
const database = await openDatabase(pool);
let waits = -1_000_000; // until it begins
const step = (): void => {
  waits += 1;
  if (waits === killAt) process.kill(process.pid, "SIGKILL");
};
const ledger = await openTestLedgerOn(
  { name, home, database, connection: pool },
  {
    run: (stage, work) => {
      if (stage === "file") step();
      return work();
    },
  },
);
await ledger.check();
database.pool.on("acquire", (client) => {
  const query = client.query.bind(client);
  // one overload of many: the sequencer uses the promise form only
  client.query = ((...args: Parameters<typeof query>) => {
    step();
    return query(...args);
  }) as typeof client.query;
});
waits = 0;
await ledger.beat();
process.exit(0); // the pool would keep its idle connections for half a minute
