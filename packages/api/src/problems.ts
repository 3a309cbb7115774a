/**
 * The problem codes of the API and the HTTP status each becomes. Closed: a code that is not here is a bug and answers 500.
 * Capabilities keep their own codes beside their routes; this file joins them.
 */
import { knowProblems } from "./know/index.ts";
import { platformProblems } from "./platform/index.ts";
import { proveProblems } from "./prove/index.ts";
import { shareProblems } from "./share/index.ts";

/** What any route may answer. */
const httpProblems = {
  "http/bad-request": 400,
  "http/unknown-parameter": 400,
  "http/not-json": 400,
  "http/not-utf8": 400,
  "http/duplicate-name": 400,
  "http/body-too-deep": 400,
  "http/body-too-large": 413,
  "http/unsupported-media-type": 415,
  "http/invalid": 422,
  "http/not-found": 404,
  "http/method-not-allowed": 405,
  "http/too-many-requests": 429,
  "http/timeout": 408,
  "http/precondition-required": 428,
  "http/precondition-failed": 412,
  "http/idempotency-mismatch": 422,
  "http/answer-sealed": 409,
  "http/internal": 500,
  "http/unavailable": 503,
  "access/unauthenticated": 401,
  "access/session-expired": 401,
  "access/denied": 403,
  "access/forged": 403,
  "canonical-json/unrepresentable": 422,
  "id/malformed": 422,
} as const;

const registered: Readonly<Record<string, number>> = {
  ...httpProblems,
  ...platformProblems,
  ...knowProblems,
  ...proveProblems,
  ...shareProblems,
};

/** The HTTP status of a code; undefined for one that no contract names. */
export function problemStatus(code: string): number | undefined {
  return registered[code];
}

/** Every code of the API with its status, for the reference page. */
export function problemCodes(): readonly (readonly [string, number])[] {
  return Object.entries(registered);
}
