/** Contents of the second pillar's part of the contract: what we can prove. */
import { credentialProblems, credentialRoutes } from "./credential.ts";
import { custodyProblems, custodyRoutes } from "./custody.ts";
import { dossierProblems, dossierRoutes } from "./dossier.ts";
import { ledgerProblems, ledgerRoutes } from "./ledger.ts";
import { threadProblems, threadRoutes } from "./thread.ts";

export * as credential from "./credential.ts";
export * as custody from "./custody.ts";
export * as dossier from "./dossier.ts";
export * as ledger from "./ledger.ts";
export * as thread from "./thread.ts";

export const proveProblems = {
  ...credentialProblems,
  ...custodyProblems,
  ...dossierProblems,
  ...ledgerProblems,
  ...threadProblems,
} as const;
export const proveRoutes = [
  ...credentialRoutes,
  ...custodyRoutes,
  ...dossierRoutes,
  ...ledgerRoutes,
  ...threadRoutes,
] as const;
