/**
 * Failures in the words of EPCIS 2.0 (section 12.3): problem details whose type is `epcisException:NAME`. The node's own
 * code stays beside it, so that a program can tell more cases apart than the standard does.
 */
import { problemStatus } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";

const NAMES: Readonly<Record<string, string>> = {
  "thread/query-validation": "QueryValidationException",
  "thread/query-parameter": "QueryParameterException",
  "thread/subscription-controls": "SubscriptionControlsException",
  "thread/no-such-name": "NoSuchNameException",
  "thread/exists": "ResourceAlreadyExistsException",
  "thread/too-large": "CaptureLimitExceededException",
  "thread/query-too-large": "QueryTooLargeException",
  "thread/query-too-complex": "QueryTooComplexException",
  "http/body-too-large": "CaptureLimitExceededException",
  "epcis/too-large": "CaptureLimitExceededException",
  "epcis/too-many-events": "CaptureLimitExceededException",
};

const BY_STATUS: Readonly<Record<number, string>> = {
  400: "ValidationException",
  401: "SecurityException",
  403: "SecurityException",
  404: "NoSuchResourceException",
  406: "NotAcceptableException",
  409: "ResourceAlreadyExistsException",
  413: "CaptureLimitExceededException",
  414: "URITooLongException",
  415: "UnsupportedMediaTypeException",
  422: "ValidationException",
};

export interface Exception {
  readonly status: number;
  readonly name: string;
}

/** The standard's exception for a problem; a fault of this program is an ImplementationException. */
export function exceptionOf(problem: Problem): Exception {
  const status = problemStatus(problem.code) ?? 500;
  return { status, name: NAMES[problem.code] ?? BY_STATUS[status] ?? "ImplementationException" };
}

/** The problem object of a failure, as an answer or in a capture's list of errors. */
export function exceptionBody(problem: Problem, instance?: string): Record<string, unknown> {
  const { status, name } = exceptionOf(problem);
  return {
    type: `epcisException:${name}`,
    title: name,
    status,
    detail: problem.message,
    ...(instance === undefined ? {} : { instance }),
    code: problem.code,
    ...(Object.keys(problem.detail).length > 0 ? { context: problem.detail } : {}),
  };
}
