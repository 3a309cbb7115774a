/** What a list asks the node for: bigger pages than the default, the filter's words once there are enough of them, its order. */
import { defined } from "../../shell/search-params.ts";

const LIST_PAGE = 500; // rows a request; a scroll through 100,000 takes 200 of them
const FILTER_LENGTH_MIN = 2; // the node refuses to search for less

export function listQuery<Filters extends object>(filter: string | undefined, filters: Filters) {
  const text = filter && filter.trim().length >= FILTER_LENGTH_MIN ? filter.trim().slice(0, 100) : undefined;
  return { ...defined({ ...filters, text }), limit: LIST_PAGE };
}

/** Columns by which the node orders whole lists, as the contract names them. */
export const SORTS = {
  organisation: ["name", "country", "updated"],
  site: ["name", "kind", "country", "updated"],
  asset: ["name", "updated"],
  item: ["name", "kind", "updated"],
} as const;

/** The order to ask the node for; undefined where the table orders its rows itself. */
export function serverSort<Name extends string>(
  sort: string | undefined,
  names: readonly Name[],
): Name | `-${Name}` | undefined {
  return names.flatMap((name) => [name, `-${name}`] as const).find((one) => one === sort);
}
