/** What every reader gives, whatever the file: numbered rows of texts, a few hundred at a time, and problems of this slice. */
import type { exchange } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";

export type ExchangeCode = keyof typeof exchange.exchangeProblems;

/** A cell that holds no value but a spreadsheet's own failure, such as `#N/A`. */
export interface CellFault {
  readonly index: number;
  readonly value: string;
}

export interface SheetRow {
  /** As the file counts them, from 1; the header and blank rows count. */
  readonly row: number;
  readonly cells: readonly string[];
  readonly faults?: readonly CellFault[];
}

/** One table of a file. */
export interface Sheet {
  /** "" in a CSV file. */
  readonly name: string;
  /** The rows that are not blank, in order, in batches; starts again at every call. `onFraction` hears how much is read. */
  rows(onFraction?: (fraction: number) => void): AsyncIterable<readonly SheetRow[]>;
}

/** Bytes at rest. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** The bytes from `start` up to `end`, in chunks. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
}

export const ROWS_MAX = 2_000_000; // of one sheet; XLSX itself ends at 1,048,576

export function refusal(
  code: ExchangeCode,
  message: string,
  options: { detail?: Record<string, unknown>; cause?: unknown } = {},
): Problem<ExchangeCode> {
  return new Problem(code, message, options);
}

export function limitExceeded(what: string, detail: Record<string, unknown>): Problem<ExchangeCode> {
  return refusal("exchange/limit-exceeded", what, { detail });
}
