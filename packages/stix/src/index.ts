/** Contents of the STIX package: STIX 2.1 objects, patterns and markings. */
export { deterministicId } from "./deterministic-id.ts";
export { MAX_DOCUMENT_BYTES, parseDocument } from "./document.ts";
export { type Finding, type ErrorRule, type Verdict, type WarningRule } from "./finding.ts";
export { parseIdentifier } from "./identifier.ts";
export { classOfType, isStixObject, type ObjectClass, type StixObject } from "./object-type.ts";
export { evaluatePattern, type PatternVerdict } from "./pattern/evaluate.ts";
export { type Observation, readObservation, readObservations } from "./pattern/observation.ts";
export { parsePattern } from "./pattern/parse.ts";
export { PatternIndex } from "./pattern/pattern-index.ts";
export type { Pattern } from "./pattern/syntax.ts";
export type { StixCode } from "./problem-code.ts";
export { validateObject, validateStix } from "./validate.ts";
