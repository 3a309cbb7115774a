/** Errors as values of one shape. Every package closes the set of its codes; HTTP turns a Problem into RFC 9457 in one place. */

/**
 * An expected failure. `message` is lower case without a full stop, its inputs in backticks, its numbers included;
 * `detail` carries machine-readable context (path, rule, value) and never a secret.
 */
export class Problem<Code extends string = string> extends Error {
  readonly code: Code;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: Code, message: string, options: { detail?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "Problem";
    this.code = code;
    this.detail = options.detail ?? {};
  }
}

/** Either a value or the Problem that kept it from being one. Expected failures travel in this, bugs are asserted. */
export type Result<Value, Code extends string = string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem<Code> };

export function ok<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

export function fail<Code extends string>(
  code: Code,
  message: string,
  options: { detail?: Record<string, unknown>; cause?: unknown } = {},
): { readonly ok: false; readonly problem: Problem<Code> } {
  return { ok: false, problem: new Problem(code, message, options) };
}

/** The value of a Result. @throws its Problem when there is none. */
export function unwrap<Value>(result: Result<Value>): Value {
  if (!result.ok) throw result.problem;
  return result.value;
}

/** A bug in this program, never in its input. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Stops the current request when the program's own reasoning is wrong. @throws AssertionError when `condition` is false. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks the branch that an exhaustive switch can't reach; adding a union member makes the caller fail to compile. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable case ${JSON.stringify(value)}`);
}
