/**
 * Retention: what came under an agreement is deleted when its days are over, also after the agreement has ended; a statement
 * on the ledger says how much went, with a digest over the contents. What another channel brought as well stays, by that one.
 */
import { createHash } from "node:crypto";
import type { Transaction } from "kysely";
import type { Database } from "../../platform/database.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { Ports } from "../../platform/ports.ts";
import { forgetCopies } from "../intel/index.ts";
import { allAgreements } from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

const DAY_MILLISECONDS = 86_400_000;
const COPIES_PER_TURN = 5_000; // of one transaction

export interface RetentionParts {
  readonly database: Database;
  readonly ports: Ports;
  readonly evidence: Evidence;
}

/** Deletes everything whose days are over. @returns how many copies went */
export async function retain({ database, ports, evidence }: RetentionParts): Promise<number> {
  let total = 0;
  for (const { id, version, retentionDays, sources, signatures } of await allAgreements(database.tables())) {
    const isOurs = signatures.some(({ party }) => party === "self"); // a draft deletes nothing
    if (!isOurs || retentionDays === null || sources.length === 0) continue;
    const before = new Date(ports.clock.now().getTime() - retentionDays * DAY_MILLISECONDS);
    const turn = (tx: Transaction<NoTables>) =>
      forgetCopies(tx, { sources, before, limit: COPIES_PER_TURN }).then(async ({ copies, digests }) => {
        if (copies === 0) return 0;
        const sha256 = createHash("sha256").update(digests.join("")).digest("hex");
        await evidence.append(tx, {
          kind: "agreement/deleted",
          subject: `urn:uuid:${id}`,
          payload: { version, retentionDays, before: before.toISOString(), copies, objects: digests.length, sha256 },
        });
        return copies;
      });
    for (let copies = COPIES_PER_TURN; copies === COPIES_PER_TURN; total += copies)
      copies = await database.transaction<NoTables, number>(turn);
  }
  return total;
}
