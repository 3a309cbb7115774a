/** Serves credentials: the contract's operations, and what standards define at their own paths (DID document, status lists). */
import { Readable } from "node:stream";
import { credential as contract } from "@holdfast/api";
import type { JsonObject } from "@holdfast/credential";
import { canonicalId } from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Database } from "../../platform/database.ts";
import type { Server } from "../../platform/server.ts";
import { plain } from "./claims.ts";
import type { Credentials } from "./credentials.ts";
import { countLists, listCredentials } from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export interface RouteParts {
  readonly credentials: Credentials;
  readonly database: Database;
}

export function credentialRoutes(server: Server, parts: RouteParts): void {
  serveReading(server, parts);
  serveWriting(server, parts);
  serveStandards(server.fastify, parts.credentials);
}

function serveReading(server: Server, { credentials }: RouteParts): void {
  server.serve(contract.listCredentials, async (call) => {
    call.authorise();
    const { limit, after, direction, kind, subject } = call.query;
    const rows = await listCredentials(credentials.db, {
      direction,
      kind,
      subject: subject === undefined ? undefined : plain(canonicalId(subject)),
      before: after === undefined ? undefined : pageOf(after),
      limit: limit + 1,
    });
    const items = rows.slice(0, limit).map((row) => credentials.shown(row));
    return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
  server.serve(contract.getCredential, async (call) => {
    const { id } = call.params;
    call.authorise({ type: "Credential", id });
    return credentials.detail(credentials.db, id);
  });
  server.serve(contract.downloadCredential, async (call) => {
    const { id } = call.params;
    call.authorise({ type: "Credential", id });
    const { document } = await credentials.stored(credentials.db, id);
    call.setHeader("content-disposition", `attachment; filename="${id}.credential"`);
    return Readable.from([Buffer.from(document, "utf8")]);
  });
  server.serve(contract.listBackedClaims, async (call) => {
    call.authorise();
    return { items: await credentials.credentialsFor([call.query.subject]) };
  });
  server.serve(contract.getCredentialIssuer, async (call) => {
    call.authorise();
    const { identity } = credentials;
    const lists = await countLists(credentials.db);
    return {
      did: identity.didWeb ?? identity.issuer().did,
      didDocument: identity.documentUrl,
      allowedHosts: [...credentials.allowedHosts],
      statusLists: lists.map(({ id, ...counts }) => ({ url: identity.listUrl(id), ...counts })),
    };
  });
}

function serveWriting(server: Server, { credentials, database }: RouteParts): void {
  server.serve(contract.receiveCredential, async (call) => {
    call.authorise();
    return credentials.receive(call.tx<NoTables>(), call.body.text, call.principal);
  });
  server.serve(contract.checkCredential, async (call) => {
    const { id } = call.params;
    call.authorise({ type: "Credential", id });
    const jobId = await database.transaction<NoTables, string>((tx) =>
      credentials.enqueueCheck(tx, id, call.principal),
    );
    return { jobId };
  });
  server.serve(contract.issueCredential, async (call) => {
    call.authorise();
    const { credentialSubject, ...wish } = call.body;
    // the body came out of JSON, so what the schema leaves open is JSON
    const subject = credentialSubject as JsonObject | readonly JsonObject[];
    return credentials.issue(call.tx<NoTables>(), { ...wish, credentialSubject: subject }, call.principal);
  });
  server.serve(contract.revokeCredential, async (call) => {
    const { id } = call.params;
    call.authorise({ type: "Credential", id });
    return credentials.revoke(call.tx<NoTables>(), id, call.body.reason);
  });
}

const BRIEFLY = "public, max-age=300"; // how long a revocation may go unseen by who asked before

/** Anyone may read these; neither tells of a credential that the reader does not hold. */
function serveStandards(fastify: FastifyInstance, credentials: Credentials): void {
  for (const path of ["/.well-known/did.json", "/did.json"])
    fastify.get(path, async (request, reply) => {
      const document = await credentials.identity.document();
      if (!document) return absent(request.url);
      return reply.type("application/did+json").header("cache-control", BRIEFLY).send(JSON.stringify(document));
    });
  fastify.get<{ Params: { list: string } }>("/credentials/status/:list", async (request, reply) => {
    const { list } = request.params;
    const signed = /^[1-9]\d{0,8}$/.test(list) ? await credentials.lists.signed(Number(list)) : undefined;
    if (signed === undefined) return absent(request.url);
    return reply.type("application/vc+jwt").header("cache-control", BRIEFLY).send(signed);
  });
}

function absent(url: string): never {
  throw new Problem("http/not-found", `there is nothing at \`${url.split("?")[0]}\``);
}

function pageOf(after: string): string {
  if (z.uuid().safeParse(after).success) return after;
  throw new Problem("http/invalid", "`after` is not the `next` of a page of this list");
}
