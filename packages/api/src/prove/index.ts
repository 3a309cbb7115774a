/** Contents of the second pillar's part of the contract: what we can prove. */
import { credentialProblems, credentialRoutes } from "./credential.ts";
import { ledgerProblems, ledgerRoutes } from "./ledger.ts";
import { threadProblems } from "./thread.ts";

export * as credential from "./credential.ts";
export * as ledger from "./ledger.ts";

export const proveProblems = { ...credentialProblems, ...ledgerProblems, ...threadProblems } as const;
export const proveRoutes = [...credentialRoutes, ...ledgerRoutes] as const;
