/** What a list asks the node for: bigger pages than the default, and the filter's words once there are enough of them. */
import { defined } from "../../shell/search-params.ts";

const LIST_PAGE = 500; // rows a request; a scroll through 100,000 takes 200 of them
const FILTER_LENGTH_MIN = 2; // the node refuses to search for less

export function listQuery<Filters extends object>(filter: string | undefined, filters: Filters) {
  const text = filter && filter.trim().length >= FILTER_LENGTH_MIN ? filter.trim().slice(0, 100) : undefined;
  return { ...defined({ ...filters, text }), limit: LIST_PAGE };
}
