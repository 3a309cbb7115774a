/** The door of risk: what a product depends on, and where one source is left. */
export { riskRoutes } from "./routes.ts";
