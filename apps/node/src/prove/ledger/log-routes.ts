/**
 * What standards define for whoever reads, witnesses or registers, at their own paths: tiles and checkpoint (C2SP
 * tlog-tiles) below /ledger/, `add-checkpoint` (C2SP tlog-witness) below /witness/, SCRAPI (draft-ietf-scitt-scrapi-10).
 * Nothing here tells anyone's business: the log holds digests, and a receipt names only the log and the entry.
 */
import { Problem } from "@holdfast/kernel";
import {
  formatCoseKey,
  formatCoseKeySet,
  formatConciseProblem,
  parseTilePath,
  SCRAPI_TITLES,
  type ScrapiTitle,
  type Tile,
  tileWidth,
} from "@holdfast/tlog";
import { problemStatus } from "@holdfast/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../../platform/config.ts";
import type { Database } from "../../platform/database.ts";
import type { Log } from "../../platform/telemetry.ts";
import { SIGNED_STATEMENT_BYTES_MAX } from "./issuer-store.ts";
import { releasedNote } from "./head-store.ts";
import { noteKeyOf } from "./key-ring.ts";
import type { Ledger } from "./ledger.ts";
import { inTransaction } from "./transaction.ts";
import { kidOfKey } from "./statement.ts";
import { readTile } from "./tile-store.ts";
import { witnessCheckpoint, witnessedNote } from "./witness-server.ts";

export interface LogRouteParts {
  readonly ledger: Ledger;
  readonly database: Database;
  readonly config: Config;
}

const IMMUTABLE = "public, max-age=31536000, immutable";
const BRIEFLY = "public, max-age=1"; // C2SP tlog-tiles: a few seconds at most
const ADD_CHECKPOINT_BYTES_MAX = 1_010_000; // the largest note and its proof
const LOAD_BYTES_MAX = 65_535;
const REGISTRATION_WAIT_MS = 2_000; // then the caller is told where to look
const RETRY_SECONDS = "1";
const STATEMENT_TYPES = ["application/cose", "application/scitt-statement+cose"];

/** Where the log `log` is served: the first one at the prefix itself, its successors below their number. */
export function logPath(log: number): string {
  return log === 1 ? "/ledger/" : `/ledger/${log}/`;
}

export async function serveLog(fastify: FastifyInstance, parts: LogRouteParts): Promise<void> {
  serveTiles(fastify, parts.ledger);
  await fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    serveWitness(scope, parts);
    await scope.register(async (own) => serveScrapi(own, parts));
    if (parts.config.ledgerLoadPath) serveLoad(scope, parts);
  });
}

function serveTiles(fastify: FastifyInstance, ledger: Ledger): void {
  fastify.get<{ Params: { "*": string } }>("/ledger/*", async (request, reply) => {
    const [, number, path = ""] = /^(?:([2-9]|[1-9]\d{1,3})\/)?(.*)$/.exec(request.params["*"]) ?? [];
    const head = await ledger.head(number === undefined ? 1 : Number(number));
    if (!head) return absent(request.url);
    if (path === "checkpoint") {
      const current = releasedNote(head);
      if (!current) return absent(request.url);
      return reply.type("text/plain; charset=utf-8").header("cache-control", BRIEFLY).send(current);
    }
    const tile = tileOf(path);
    // a tile is served when a published checkpoint needs it, and no sooner
    if (!tile || tile.width > tileWidth(tile.level, tile.index, BigInt(head.published_size)))
      return absent(request.url);
    const bytes = await readTile(ledger.pool, head.log, tile);
    if (!bytes) return absent(request.url);
    return reply.type("application/octet-stream").header("cache-control", IMMUTABLE).send(Buffer.from(bytes));
  });
}

function tileOf(path: string): Tile | undefined {
  try {
    return parseTilePath(path);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

function absent(url: string): never {
  throw new Problem("http/not-found", `there is nothing at \`${url.split("?")[0]}\``);
}

function serveWitness(scope: FastifyInstance, { ledger, database }: LogRouteParts): void {
  scope.post<{ Body: Buffer | undefined }>(
    "/witness/add-checkpoint",
    { bodyLimit: ADD_CHECKPOINT_BYTES_MAX },
    async (request, reply) => {
      const body = new Uint8Array(request.body ?? []);
      const answer = await inTransaction(database.pool, (client) =>
        witnessCheckpoint(client, body, ledger.witnessParts()),
      );
      return reply.code(answer.status).type(answer.contentType).header("cache-control", "no-store").send(answer.body);
    },
  );
  scope.get<{ Params: { hash: string } }>("/witness/:hash/checkpoint", async (request, reply) => {
    const note = await witnessedNote(ledger.pool, request.params.hash);
    if (!note) return absent(request.url);
    return reply.type("text/plain; charset=utf-8").header("cache-control", BRIEFLY).send(note);
  });
}

function serveScrapi(scope: FastifyInstance, { ledger, database }: LogRouteParts): void {
  scope.setErrorHandler((error, request, reply) => answerProblem(error, { request, reply, log: ledger.log }));
  const keys = async () => {
    await ledger.ring.reload(ledger.pool);
    return ledger.ring.known
      .filter(({ role }) => role === "statement")
      .map(({ vkey }) => {
        const publicKey = { kind: "ed25519", bytes: noteKeyOf(vkey).publicKey } as const;
        return { kid: kidOfKey(publicKey.bytes), publicKey };
      });
  };
  scope.get("/.well-known/scitt-keys", async (_request, reply) =>
    reply.type("application/cbor").send(Buffer.from(formatCoseKeySet(await keys()))),
  );
  scope.get<{ Params: { kid: string } }>("/.well-known/scitt-keys/:kid", async (request, reply) => {
    const key = (await keys()).find(({ kid }) => Buffer.from(kid).toString("base64url") === request.params.kid);
    if (!key) return refuse(reply, 404, "No such key", "this node never had a key of this id");
    return reply.type("application/cbor").send(Buffer.from(formatCoseKey(key)));
  });
  scope.post<{ Body: Buffer | undefined }>(
    "/entries",
    { bodyLimit: SIGNED_STATEMENT_BYTES_MAX },
    async (request, reply) => {
      const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
      if (type !== undefined && !STATEMENT_TYPES.includes(type))
        return refuse(reply, 415, "Malformed request", `a statement is sent as \`${STATEMENT_TYPES[0]}\``);
      const bytes = new Uint8Array(request.body ?? []);
      const { id } = await database.transaction((tx) => ledger.appendSigned(tx, bytes));
      return sendReceipt(reply, ledger, { id, status: 201, running: 303 });
    },
  );
  scope.get<{ Params: { id: string } }>("/entries/:id", (request, reply) =>
    sendReceipt(reply, ledger, { id: request.params.id, status: 200, running: 302 }),
  );
}

/** Every 4xx and 5xx of SCRAPI has concise problem details, whoever found the fault. */
function answerProblem(
  error: unknown,
  { request, reply, log }: { request: FastifyRequest; reply: FastifyReply; log: Log },
): FastifyReply {
  const problem = error instanceof Problem ? error : undefined;
  if (problem?.code === "ledger/statement-refused") return refuse(reply, 400, titleOf(problem), problem.message);
  if (problem?.code === "ledger/not-found") return refuse(reply, 404, "Not Found", problem.message);
  const given = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
  const status = (problem && problemStatus(problem.code)) ?? given;
  if (status === 429) return refuse(reply, 429, "Too Many Requests", "ask again later");
  if (status < 500) return refuse(reply, status, "Malformed request", problem?.message ?? "the request cannot be read");
  log.error({ requestId: request.id, err: error }, "request failed");
  reply.header("retry-after", RETRY_SECONDS);
  return refuse(reply, status, "Service Unavailable", `the log of this node has it under \`${request.id}\``);
}

/** The receipt when it can be had soon; otherwise where it will be. */
async function sendReceipt(
  reply: FastifyReply,
  ledger: Ledger,
  { id, status, running }: { id: string; status: number; running: number },
): Promise<FastifyReply> {
  const location = `/entries/${id}`;
  try {
    await ledger.published(id, running === 303 ? REGISTRATION_WAIT_MS : 0);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "ledger/not-published") throw error;
    return reply.code(running).header("location", location).header("retry-after", RETRY_SECONDS).send();
  }
  const receipt = await ledger.receipt(id);
  return reply.code(status).type("application/cose").header("location", location).send(Buffer.from(receipt));
}

function titleOf(problem: Problem): ScrapiTitle {
  const { title } = problem.detail;
  return SCRAPI_TITLES.find((one) => one === title) ?? "Rejected";
}

function refuse(reply: FastifyReply, status: number, title: ScrapiTitle, detail: string): FastifyReply {
  return reply
    .code(status)
    .type("application/concise-problem-details+cbor")
    .header("cache-control", "no-store")
    .send(Buffer.from(formatConciseProblem(title, detail)));
}

/** For load tools: any bytes in, the index out when it is published. */
function serveLoad(scope: FastifyInstance, { ledger }: LogRouteParts): void {
  scope.post<{ Body: Buffer | undefined }>("/ledger/add", { bodyLimit: LOAD_BYTES_MAX }, async (request, reply) => {
    const payload = { bytes: (request.body ?? Buffer.of()).toString("base64") };
    const { id } = await ledger.record(
      { kind: "load/entry", subject: "urn:holdfast:load", payload },
      { wait: "published" },
    );
    const { evidence } = await ledger.proof(id);
    return reply.type("text/plain; charset=utf-8").send(`${evidence.index}`);
  });
}
