/**
 * TAXII reads of people and machines from outside: every entry of a page is asked about. A node's own people read by role,
 * and nothing leaves by that. What a poll is for is each agreement's standing purpose.
 */
import type { Database } from "../../platform/database.ts";
import { handledInPlaces, type TaxiiDoor } from "../intel/index.ts";
import { type Egress, isOutside, partiesOf } from "./egress.ts";
import { allAgreements } from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export function taxiiDoor(parts: { database: Database; egress: Egress; isEncrypted: boolean }): TaxiiDoor {
  return async (principal, collectionId, entries) => {
    if (!isOutside(principal)) return entries;
    if (entries.length === 0) return [];
    return parts.database.transaction<NoTables, typeof entries>(async (tx) => {
      const known = await handledInPlaces(
        tx,
        collectionId,
        entries.map(({ sequence }) => sequence),
      );
      const asked = entries.flatMap((entry) => {
        const object = known.get(entry.sequence);
        return object ? [{ entry, object }] : [];
      });
      const verdicts = await parts.egress.mayLeave(tx, {
        objects: asked.map(({ object }) => object),
        recipients: partiesOf(await allAgreements(tx), principal),
        channel: "taxii",
        encrypted: parts.isEncrypted,
        purpose: null,
        by: `${principal.kind}:${principal.id}`,
      });
      return asked.filter((_, n) => verdicts[n]?.allowed === true).map(({ entry }) => entry);
    });
  };
}
