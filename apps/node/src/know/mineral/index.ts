/** The door of minerals: world production by country and stage, and the measure of concentration. */
export { type Concentration, concentration } from "./concentration.ts";
export { findMineral, type Output, outputOf } from "./production.ts";
export { mineralRoutes } from "./routes.ts";
