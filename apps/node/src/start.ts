/**
 * Starts a node and keeps it until it is told to stop: `serve` on an empty database, `demo` with the synthetic world and
 * the sector hub beside it. Called by the CLI in the same process.
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Role } from "@holdfast/access";
import type pg from "pg";
import { loadDemoEvents } from "./demo/event-load.ts";
import { loadDemoWorld } from "./demo/load.ts";
import { loadDemoScenarios } from "./demo/scenarios.ts";
import { pairWitnesses } from "./demo/witnesses.ts";
import { composeNode, type HoldfastNode } from "./compose.ts";
import { type Config, defaultHome, readConfig, type SettingName } from "./platform/config.ts";
import { setUpPath } from "./platform/auth/index.ts";
import { buildConsole } from "./platform/console-build.ts";
import { lockHome } from "./platform/home-lock.ts";
import { systemPorts } from "./platform/ports.ts";
import { type PrivatePostgres, startPrivatePostgres } from "./platform/postgres.ts";
import { openLog } from "./platform/telemetry.ts";

export interface StartOptions {
  readonly home?: string | undefined;
  readonly flags: Partial<Record<SettingName, unknown>>;
  readonly demo: boolean;
  /** Told what a person at the terminal should read, a line at a time. */
  readonly say: (line: string) => void;
}

export interface RunningNode {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const DEMO_NAME = "Demo plant group (synthetic)";
const HUB_NAME = "Sector hub (demo)";
/** One person may try everything in the demo; a real node gives roles apart. */
const DEMO_ROLES: readonly Role[] = ["admin", "analyst", "steward", "auditor", "quality", "security", "operator"];

/** A first account that could not look at what it brings in would be a dead end; admins change this under People. */
const FIRST_ROLES: readonly Role[] = ["admin", "analyst"];

/** Starts a node, and in the demo the sector hub beside it. @throws Problem with what to do when it can't */
export async function startNode(options: StartOptions): Promise<RunningNode> {
  const environment = process.env;
  const home = resolve(options.home ?? (options.demo ? `${defaultHome(environment)}-demo` : defaultHome(environment)));
  mkdirSync(home, { recursive: true });
  const config = readConfig({ home, environment, flags: options.flags });
  const log = openLog(config.logLevel);
  const unlock = lockHome(home);
  let postgres: PrivatePostgres | undefined;
  const nodes: HoldfastNode[] = [];
  const addresses: string[] = [];
  const telling = new AbortController();
  let told: Promise<unknown> = Promise.resolve();
  const stop = async () => {
    telling.abort();
    await told;
    for (const node of nodes.toReversed()) await node.stop();
    await postgres?.stop();
    unlock();
  };
  const start = async (part: {
    config: Config;
    database: pg.PoolConfig;
    consoleFolder: string | undefined;
  }): Promise<string> => {
    const node = await composeNode({
      config: part.config,
      database: part.database,
      ports: systemPorts,
      log,
      demo: options.demo,
      ...(part.consoleFolder ? { consoleFolder: part.consoleFolder } : {}),
    });
    nodes.push(node);
    const isFresh = options.demo && nodes.length === 1 && (await loadDemoWorld(node)) > 0;
    if (isFresh) await node.designation.evaluate(() => undefined);
    const url = await node.listen();
    if (isFresh) await loadDemoScenarios(node);
    addresses.push(url);
    const shown = part.config.publicUrl ?? url;
    options.say(`${part.config.organisationName} is running: ${shown}`);
    if (await node.auth.needsSetUp()) {
      const { token } = await node.auth.issueSetUpLink({ roles: options.demo ? DEMO_ROLES : FIRST_ROLES });
      options.say(`  First sign-in, once, within a day: ${shown}${setUpPath(token)}`);
    }
    return url;
  };
  try {
    const consoleFolder = config.serveConsole ? await buildConsole({ say: options.say }) : undefined;
    if (!config.databaseUrl) postgres = await startPrivatePostgres(home);
    const database = postgres ? await postgres.database("holdfast") : { connectionString: config.databaseUrl };
    const url = await start({
      config: options.demo ? { ...config, organisationName: DEMO_NAME } : config,
      database,
      consoleFolder,
    });
    if (options.demo && postgres) {
      const port = config.port === 0 ? 0 : config.port + 1;
      const { publicUrl: _, ...shared } = config;
      await start({
        config: { ...shared, organisationName: HUB_NAME, port, home: join(home, "hub") },
        database: await postgres.database("hub"),
        consoleFolder,
      });
      const [first, hub] = nodes;
      if (first && hub) await pairWitnesses([first.ledger, addresses[0]], [hub.ledger, addresses[1]]);
    }
    const [main] = nodes;
    if (options.demo && main)
      told = loadDemoEvents(main, { signal: telling.signal }).catch((error: unknown) =>
        log.error({ err: error }, "the demo's events"),
      );
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
