/** Contents of the HTTP contract: the form of a route, pages, and one file per capability. */
export { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, page, pageQuery } from "./page.ts";
export { type Input, type Method, type Output, type Route, route } from "./route.ts";
