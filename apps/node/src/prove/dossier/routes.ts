/** Serves the dossier of a lot, serial or shipment. */
import { Readable } from "node:stream";
import { dossier as contract } from "@holdfast/api";
import type { Server } from "../../platform/server.ts";
import { type DossierParts, makeDossier } from "./dossier.ts";

export function dossierRoutes(server: Server, parts: DossierParts): void {
  server.serve(contract.downloadDossier, async (call) => {
    const { id, direction } = call.query;
    call.authorise({ type: "Thing", id: id.slice(0, 200) });
    const bytes = await makeDossier(parts, { id, direction });
    call.setHeader("content-disposition", 'attachment; filename="dossier.json"');
    return Readable.from([Buffer.from(bytes)]);
  });
}
