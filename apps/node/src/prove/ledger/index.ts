/** The door of the ledger: statements in, proofs out. */
import { resolve } from "node:path";
import type { Migrations } from "../../platform/migrations.ts";

export { type Appended, type Ledger, type WaitLevel } from "./ledger.ts";
export { examineLedger } from "./ledger-findings.ts";
export { watchLedger } from "./ledger-metrics.ts";
export { type LogRouteParts, serveLog } from "./log-routes.ts";
export { type LedgerOptions, openLedger } from "./open-ledger.ts";
export { type LedgerRouteParts, ledgerRoutes, policyOf } from "./routes.ts";
export type { PreparedStatement, StatementInput } from "./statement.ts";
export { readDocument } from "./statement-store.ts";

export const ledgerMigrations: Migrations = { slice: "ledger", folder: resolve(import.meta.dirname, "migrations") };
