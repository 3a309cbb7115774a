/** Contents of the platform's part of the contract. */
import { accountProblems, accountRoutes } from "./account.ts";
import { decisionRoutes } from "./decision.ts";
import { jobProblems, jobRoutes } from "./job.ts";
import { peopleProblems, peopleRoutes } from "./people.ts";
import { systemRoutes } from "./system.ts";
import { tokenProblems, tokenRoutes } from "./token.ts";

export * as account from "./account.ts";
export * as decision from "./decision.ts";
export * as job from "./job.ts";
export * as people from "./people.ts";
export * as system from "./system.ts";
export * as token from "./token.ts";

export const platformProblems = { ...accountProblems, ...jobProblems, ...peopleProblems, ...tokenProblems } as const;
export const platformRoutes = [
  ...systemRoutes,
  ...accountRoutes,
  ...peopleRoutes,
  ...tokenRoutes,
  ...jobRoutes,
  ...decisionRoutes,
] as const;
