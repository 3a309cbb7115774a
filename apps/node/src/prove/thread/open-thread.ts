/** Puts the thread together: the store, the binding's operations, and who is told of new events. */
import { randomBytes } from "node:crypto";
import type { Config } from "../../platform/config.ts";
import type { DecisionLog } from "../../platform/decision-log.ts";
import type { Server } from "../../platform/server.ts";
import { readOrCreateSetting } from "../../platform/settings.ts";
import { hash } from "node:crypto";
import { Deliverer } from "./deliverer.ts";
import { serveEpcis } from "./epcis-scope.ts";
import { EventDesk } from "./event-desk.ts";
import { announcedLimits, eventOperations } from "./event-routes.ts";
import { lastSeq } from "./event-store.ts";
import { LiveSubscribers } from "./live-subscribers.ts";
import { PageTokens } from "./page-token.ts";
import { findEvents } from "./query-store.ts";
import { queryOperations } from "./query-routes.ts";
import { resourceOperations } from "./resource-routes.ts";
import { threadRoutes } from "./routes.ts";
import type { Registry } from "../../know/registry/index.ts";
import { readQuery } from "./subscription-store.ts";
import { Thread, type ThreadParts } from "./thread.ts";
import { allowedHosts, type WebhookSigner } from "./webhook.ts";
import { routeUpgrades } from "./websocket.ts";
import type { Ledger } from "../ledger/index.ts";

export interface OpenThreadParts extends ThreadParts {
  readonly config: Pick<Config, "uploadBytesMax" | "bodyBytesMax" | "subscriptionHosts">;
  readonly ledger: Ledger;
  readonly server: Server;
  readonly decisions: DecisionLog;
  readonly registry: Registry;
}

const KEY_BYTES = 32;

/** A thread with the EPCIS REST binding served below /epcis. */
export async function openThread(parts: OpenThreadParts): Promise<Thread> {
  const { database, ports, config, server, decisions, log } = parts;
  const thread = new Thread(parts);
  const key = await readOrCreateSetting(database, "thread-token-key", () => randomBytes(KEY_BYTES).toString("hex"));
  const tokens = new PageTokens(Buffer.from(key, "hex"), () => ports.clock.now());
  const desk = new EventDesk({ pool: database.pool, terms: thread.terms, tokens });
  const { pool } = database;
  const hosts = allowedHosts(config.subscriptionHosts);
  const live = new LiveSubscribers({
    ports,
    log,
    lastSeq: () => lastSeq(pool),
    find: (query, after, last) =>
      findEvents(
        pool,
        query,
        { limit: LIVE_EVENTS, lastSeq: last, order: "seq", after: { at: 0, seq: after } },
        desk.words(),
      ),
    hasQuery: async (name) => (await readQuery(pool, name)) !== undefined,
  });
  const signer = signerOf(parts.ledger);
  const deliverer = new Deliverer({ pool, ports, log, desk, hosts, signer, lengths: thread.lengths });
  const routeParts = { thread, captures: thread.captures, desk, config, ports, pool, hosts, live };
  const operations = [
    ...eventOperations(routeParts),
    ...resourceOperations(routeParts, pool),
    ...queryOperations(routeParts),
  ];
  await serveEpcis(server.fastify, { decisions, log }, operations, (path) => announcedLimits(path, config));
  routeUpgrades(server.fastify);
  threadRoutes(server, { thread, desk, registry: parts.registry, pool });
  thread.onStored(() => {
    live.wake();
    deliverer.wake();
  });
  thread.accompany({
    start: () => {
      live.start();
      deliverer.start();
    },
    stop: async () => {
      await live.stop();
      await deliverer.stop();
    },
  });
  server.fastify.addHook("preClose", async () => live.stop());
  return thread;
}

const LIVE_EVENTS = 500; // of one message
const KEY_NAME_LENGTH = 16;

/** Signs with this node's statement key; receivers find the public half among the node's keys. */
function signerOf(ledger: Ledger): WebhookSigner {
  return {
    sign: async (message) => {
      const [held] = ledger.ring.signing("statement");
      if (!held) return undefined;
      return {
        key: hash("sha256", held.vkey, "hex").slice(0, KEY_NAME_LENGTH),
        signature: await held.signer.sign(message),
      };
    },
  };
}
