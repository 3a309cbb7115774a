/** Serves documents that are no STIX: advisories, catalogues and warninglists, as they came. */
import { intelDocument as contract } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import type { Database } from "../../platform/database.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { Ports } from "../../platform/ports.ts";
import { acceptStreams, type Server } from "../../platform/server.ts";
import { listDocuments, type ListedDocument, readDocument } from "./document-store.ts";
import { takeDocument } from "./documents.ts";
import type { Intel } from "./intel.ts";
import { bytesOf } from "./upload-bytes.ts";
import type { Touching } from "./touch/evaluate.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export function documentRoutes(
  server: Server,
  parts: { intel: Intel; touching: Touching; database: Database; ports: Ports; evidence: Evidence },
): void {
  const { intel, touching, database } = parts;
  acceptStreams(server.fastify, contract.DOCUMENT_TYPES);
  server.serve(contract.listDocuments, async (call) => {
    call.authorise();
    const { limit, after, kind, name } = call.query;
    if (after !== undefined && !/^[0-9a-f-]{36}$/.test(after))
      throw new Problem("http/bad-request", "`after` is not from this list");
    const found = await listDocuments(intel.db, { kind, name, before: after, limit: limit + 1 });
    return {
      items: found.slice(0, limit).map(lineShown),
      next: found.length > limit ? (found[limit - 1]?.id ?? null) : null,
    };
  });
  server.serve(contract.getDocument, async (call) => {
    call.authorise();
    const found = await readDocument(intel.db, call.params.id);
    if (!found) throw new Problem("intel/document-not-found", `there is no document \`${call.params.id}\``);
    return { ...lineShown(found), sha256: found.sha256.toString("hex"), body: found.body };
  });
  server.serve(contract.importDocument, async (call) => {
    call.authorise();
    const bytes = await bytesOf(call.upload);
    const answer = await database.transaction<NoTables, contract.DocumentAnswer>(async (tx) =>
      takeDocument(tx, bytes, { ...parts, source: await intel.source(tx, call.query.source), by: call.principal.name }),
    );
    touching.wake();
    return answer;
  });
}

function lineShown(found: ListedDocument): contract.DocumentLine {
  const { id, kind, name, version, title, tlp, source, isCurrent, leadId } = found;
  return {
    id,
    kind,
    name,
    version,
    title,
    tlp,
    source,
    isCurrent,
    releasedAt: found.releasedAt?.toISOString() ?? null,
    receivedAt: found.receivedAt.toISOString(),
    lead: leadId,
  };
}
