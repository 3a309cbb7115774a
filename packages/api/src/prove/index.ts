/** Contents of the second pillar's part of the contract: what we can prove. */
import { ledgerProblems, ledgerRoutes } from "./ledger.ts";
import { threadProblems } from "./thread.ts";

export * as ledger from "./ledger.ts";

export const proveProblems = { ...ledgerProblems, ...threadProblems } as const;
export const proveRoutes = [...ledgerRoutes] as const;
