/** Contents of the second pillar's part of the contract: what we can prove. */
import { credentialProblems, credentialRoutes } from "./credential.ts";
import { dossierProblems, dossierRoutes } from "./dossier.ts";
import { ledgerProblems, ledgerRoutes } from "./ledger.ts";
import { threadProblems, threadRoutes } from "./thread.ts";

export * as credential from "./credential.ts";
export * as dossier from "./dossier.ts";
export * as ledger from "./ledger.ts";
export * as thread from "./thread.ts";

export const proveProblems = {
  ...credentialProblems,
  ...dossierProblems,
  ...ledgerProblems,
  ...threadProblems,
} as const;
export const proveRoutes = [...credentialRoutes, ...dossierRoutes, ...ledgerRoutes, ...threadRoutes] as const;
