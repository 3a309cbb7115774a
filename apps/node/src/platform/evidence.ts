/**
 * How a slice puts on record what must be provable later, without knowing who keeps the record: in the transaction of the
 * change itself, so that neither is there without the other. Subjects are pseudonymous: ids, never names.
 */
import type { Json } from "@holdfast/kernel";
import type { Transaction } from "kysely";

export interface Evidence {
  append<Tables>(
    tx: Transaction<Tables>,
    said: { readonly kind: string; readonly subject: string; readonly payload: Json },
  ): Promise<unknown>;
}
