/**
 * Starts a node and keeps it until it is told to stop: `serve` on an empty database, `demo` with the synthetic world and
 * the sector hub beside it. Called by the CLI in the same process.
 */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { composeNode, type HoldfastNode } from "./compose.ts";
import { defaultHome, readConfig, type SettingName } from "./platform/config.ts";
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

/** Starts a node. @throws Problem with what to do when it can't */
export async function startNode(options: StartOptions): Promise<RunningNode> {
  const environment = process.env;
  const home = resolve(options.home ?? (options.demo ? `${defaultHome(environment)}-demo` : defaultHome(environment)));
  mkdirSync(home, { recursive: true });
  const config = readConfig({ home, environment, flags: options.flags });
  const log = openLog(config.logLevel);
  const unlock = lockHome(home);
  let postgres: PrivatePostgres | undefined;
  const nodes: HoldfastNode[] = [];
  const stop = async () => {
    for (const node of nodes.toReversed()) await node.stop();
    await postgres?.stop();
    unlock();
  };
  try {
    const consoleFolder = await buildConsole({ say: options.say });
    if (!config.databaseUrl) postgres = await startPrivatePostgres(home);
    const database = config.databaseUrl
      ? { connectionString: config.databaseUrl }
      : await postgres!.database("holdfast"); // started on the line above
    const node = await composeNode({
      config,
      database,
      ports: systemPorts,
      log,
      demo: options.demo,
      ...(consoleFolder ? { consoleFolder } : {}),
    });
    nodes.push(node);
    const url = await node.listen();
    if (await node.auth.needsSetUp()) {
      const { token } = await node.auth.issueSetUpLink({ roles: ["admin"] });
      options.say(`Set up the first account, once, within a day: ${config.publicUrl ?? url}/set-up?token=${token}`);
    }
    options.say(`Holdfast is running: ${config.publicUrl ?? url}`);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
