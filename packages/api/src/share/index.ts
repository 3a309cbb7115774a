/** Contents of the third pillar's part of the contract: what we may tell whom, and what they know. */
import { intelDocumentProblems } from "./intel-document.ts";
import { intelObjectProblems } from "./intel-object.ts";
import { intelTouchProblems } from "./intel-touch.ts";
import { agreementProblems } from "./agreement.ts";
import { intelProblems } from "./intel.ts";

export * as agreement from "./agreement.ts";
export * as intel from "./intel.ts";
export * as intelDocument from "./intel-document.ts";
export * as intelObject from "./intel-object.ts";
export * as intelTouch from "./intel-touch.ts";

export const shareProblems = {
  ...intelProblems,
  ...intelTouchProblems,
  ...intelObjectProblems,
  ...intelDocumentProblems,
  ...agreementProblems,
} as const;
