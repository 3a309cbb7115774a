/** Contents of the kernel: words that every other package uses and that belong to no field. */
export { canonicalJson, type Json } from "./canonical-json.ts";
export { isUuid, parseUuid, uuid7 } from "./id.ts";
export type { Clock, Random } from "./ports.ts";
export { assert, AssertionError, fail, ok, Problem, type Result, unreachable, unwrap } from "./problem.ts";
