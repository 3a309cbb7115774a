/**
 * Dossiers: what this node knows of a lot, serial or shipment in one file that proves itself offline (`holdfast verify`).
 * The file's form is in packages/credential.
 */
import { z } from "zod";
import { route } from "../route.ts";

const tag = "prove/dossier";

export const dossierProblems = {
  "dossier/unknown-thing": 404,
  "dossier/too-large": 413,
} as const;

export const downloadDossier = route({
  id: "downloadDossier",
  method: "GET",
  path: "/api/prove/dossier",
  tag,
  summary:
    "The dossier of one lot, serial or shipment: events, findings, credentials, ledger proofs and policy, sealed",
  action: "dossier:make",
  query: z.object({
    id: z.string().min(1).max(2_000).describe("EPC URN, Digital Link or any other identifier in the events"),
    direction: z.enum(["back", "forward", "both"]).default("back").describe("its origins, what became of it, or both"),
  }),
  status: 200,
  download: { contentType: "application/json; charset=utf-8" },
});

export const dossierRoutes = [downloadDossier] as const;
