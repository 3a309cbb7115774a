/** Puts the thread together: the store, the binding's operations, and who is told of new events. */
import { randomBytes } from "node:crypto";
import type { Config } from "../../platform/config.ts";
import type { DecisionLog } from "../../platform/decision-log.ts";
import type { Server } from "../../platform/server.ts";
import { readOrCreateSetting } from "../../platform/settings.ts";
import { serveEpcis } from "./epcis-scope.ts";
import { EventDesk } from "./event-desk.ts";
import { announcedLimits, eventOperations } from "./event-routes.ts";
import { PageTokens } from "./page-token.ts";
import { resourceOperations } from "./resource-routes.ts";
import { Thread, type ThreadParts } from "./thread.ts";

export interface OpenThreadParts extends ThreadParts {
  readonly config: Pick<Config, "uploadBytesMax" | "bodyBytesMax">;
  readonly server: Server;
  readonly decisions: DecisionLog;
}

const KEY_BYTES = 32;

/** A thread with the EPCIS REST binding served below /epcis. */
export async function openThread(parts: OpenThreadParts): Promise<Thread> {
  const { database, ports, config, server, decisions, log } = parts;
  const thread = new Thread(parts);
  const key = await readOrCreateSetting(database, "thread-token-key", () => randomBytes(KEY_BYTES).toString("hex"));
  const tokens = new PageTokens(Buffer.from(key, "hex"), () => ports.clock.now());
  const desk = new EventDesk({ pool: database.pool, terms: thread.terms, tokens });
  const routeParts = { thread, captures: thread.captures, desk, config, ports };
  const operations = [...eventOperations(routeParts), ...resourceOperations(routeParts, database.pool)];
  await serveEpcis(server.fastify, { decisions, log }, operations, (path) => announcedLimits(path, config));
  return thread;
}
