/**
 * The part of a URL after `?` as a page's state. All values are text; what a page does not know is dropped, so that an
 * address from elsewhere can't break it.
 */
import type { TableView } from "../table/column.ts";

export type RawSearch = Readonly<Record<string, unknown>>;
const TEXT_LENGTH_MAX = 300; // of one value; longer ones are no state of ours

/** The text of one value, or undefined. */
export function textParam(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= TEXT_LENGTH_MAX ? value : undefined;
}

/** The value when it is one of `choices`, else undefined. */
export function choiceParam<Choice extends string>(value: unknown, choices: readonly Choice[]): Choice | undefined {
  return choices.find((choice) => choice === value);
}

/** An instant with its offset, such as the API's `asOf`. */
export function instantParam(value: unknown): string | undefined {
  const text = textParam(value);
  return text && /^\d{4}-\d\d-\d\dT[\d:.]{5,12}(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
    ? text
    : undefined;
}

/** The state of a page's main table. */
export function tableParams(search: RawSearch): TableView {
  return defined({
    filter: textParam(search["filter"]),
    sort: textParam(search["sort"]),
    columns: textParam(search["columns"]),
    row: textParam(search["row"]),
  });
}

/** Without the members that are undefined, so that they leave the URL. */
export function defined<Params extends object>(params: Params): Params {
  // only members whose type allows undefined are dropped
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)) as Params;
}

/** `?a=b` to an object; the last of repeated names wins, and no value is read as anything but text. */
export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}
