/** Contents of the third pillar's part of the contract: what we may tell whom, and what they know. */
import { intelProblems } from "./intel.ts";

export * as intel from "./intel.ts";

export const shareProblems = { ...intelProblems } as const;
