/** The door of dossiers: what is known of a thing, in one file that proves itself. */
export { type DossierParts, type FindingSource, makeDossier } from "./dossier.ts";
export { dossierRoutes } from "./routes.ts";
