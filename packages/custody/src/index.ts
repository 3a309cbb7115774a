/** Contents of the custody package: pedigrees, balances and findings out of EPCIS events. */
export {
  add,
  type Amount,
  type Amounts,
  amountOf,
  amountText,
  COUNT,
  GRAM,
  inUnit,
  multiply,
  negate,
  type Unit,
  ZERO,
} from "./amount.ts";
export type { Interval } from "./containment.ts";
export {
  type Facts,
  type Limits,
  LIMITS,
  type Material,
  ppm,
  type Qualification,
  type Site,
  type StepDeclaration,
} from "./facts.ts";
export { type Finding, type RuleId, RULES } from "./finding.ts";
export { findingsOf } from "./findings.ts";
export { type Flow, type FlowKind, flowsOf } from "./flow.ts";
export {
  type Happening,
  EventReading,
  idsTouched,
  type Level,
  partsOf,
  type Role,
  type StoredEvent,
} from "./happening.ts";
export { type BalanceRow, isOff, massBalance, type OpeningStock, type Period } from "./mass-balance.ts";
export { type Step, type StepSide, type Thread, threadOf } from "./thread.ts";
export {
  type Direction,
  type EdgeKind,
  type Pedigree,
  type PedigreeEdge,
  type PedigreeStep,
  type PedigreeThing,
  type Relation,
  trace,
  type Traced,
  traceFrom,
  TRACE_LIMITS,
  type TraceLimits,
  type TraceOptions,
} from "./trace.ts";
