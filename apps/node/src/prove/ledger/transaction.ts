/** Transactions on one connection of the pool, for code that speaks SQL itself. */
import type pg from "pg";

/** A connection that breaks between two queries says so by event; the next query on it fails and reports. */
export const ignoreLoss = (): undefined => undefined;

/** Plain transaction on one connection of the pool. */
export async function inTransaction<Value>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Value>,
): Promise<Value> {
  const client = await pool.connect();
  client.on("error", ignoreLoss);
  let failed = true;
  try {
    await client.query("begin");
    const value = await work(client);
    await client.query("commit");
    failed = false;
    return value;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  } finally {
    client.off("error", ignoreLoss);
    client.release(failed);
  }
}
