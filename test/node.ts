/**
 * A real node for a test: PostgreSQL in a temporary folder, loopback, a free port, stopped and removed afterwards.
 * A file that runs alone starts a server of its own; files that `tools/test.ts` runs together use the one that it started.
 * Every node of a file is a database, made from a migrated one where the server is common.
 */
import { join } from "node:path";
import { after } from "node:test";
import type { Role } from "@holdfast/access";
import { composeNode, type HoldfastNode } from "../apps/node/src/compose.ts";
import { readConfig, type SettingName } from "../apps/node/src/platform/config.ts";
import { openLog } from "../apps/node/src/platform/telemetry.ts";
import { openDatabase } from "../apps/node/src/platform/database.ts";
import { systemPorts } from "../apps/node/src/platform/ports.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { type PrivatePostgres, startPrivatePostgres } from "../apps/node/src/platform/postgres.ts";

const folder = temporaryFolder("test");
const stops: (() => Promise<void>)[] = [];
let postgres: Promise<PrivatePostgres> | undefined;
let count = 0;

after(async () => {
  for (const stop of stops.toReversed()) await stop();
  await (await postgres)?.stop();
  folder.remove();
});

/** The PostgreSQL of the test file; starts at the first call and ends with the file, its databases with it. */
export function testPostgres(): Promise<PrivatePostgres> {
  const common = process.env["HOLDFAST_TEST_POSTGRES"];
  postgres ??= common ? borrowPostgres(common) : startPrivatePostgres(join(folder.path, "home"));
  return postgres;
}

/** The server of `home`, which runs already; the file's databases have names of their own there. */
async function borrowPostgres(home: string): Promise<PrivatePostgres> {
  const server = await startPrivatePostgres(home, { borrow: true });
  const made = new Set<string>();
  return {
    ...server,
    database: (name) => {
      const own = `file_${process.pid}_${name}`;
      made.add(own);
      return server.database(own);
    },
    stop: async () => {
      const { pool, close } = await openDatabase(await server.database("postgres"));
      for (const name of made) await pool.query(`drop database if exists "${name}" with (force)`); // letters, digits and _
      await close();
      await server.stop();
    },
  };
}

export interface TestNode {
  readonly url: string;
  readonly node: HoldfastNode;
  /** Signs in as a fresh person with these roles. */
  signedIn(...roles: Role[]): Promise<TestCaller>;
  stop(): Promise<void>;
}

/** Someone with a session. `send` answers with the status, headers and parsed body, whatever they are. */
export interface TestCaller {
  readonly cookie: string;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; a test states what it expects of it. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test looks at whatever came
  readonly body: any;
}

/** Starts a node on a database of its own, or on `database` together with another one. */
export async function startTestNode(
  options: { flags?: Partial<Record<SettingName, unknown>>; database?: string; consoleFolder?: string } = {},
): Promise<TestNode> {
  const server = await testPostgres();
  const home = join(folder.path, `node-${++count}`);
  const config = readConfig({
    home,
    environment: {},
    flags: { port: 0, logLevel: "error", requestsPerMinuteMax: 1_000_000, ...options.flags },
  });
  const node = await composeNode({
    config,
    database: await server.database(options.database ?? `test_${count}`),
    ports: systemPorts,
    log: openLog(config.logLevel),
    demo: false,
    ...(options.consoleFolder ? { consoleFolder: options.consoleFolder } : {}),
  });
  const url = await node.listen();
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await node.stop();
  };
  stops.push(stop);
  return {
    url,
    node,
    stop,
    signedIn: async (...roles) => {
      const person = ++count;
      const { token } = await node.auth.issueSetUpLink({ roles });
      const answer = await send(url, {}, "POST", "/api/account/set-up", {
        token,
        name: `Person ${person}`,
        email: `person-${person}@example.org`,
        password: `a quiet harbour ${person}`,
      });
      if (answer.status !== 200) throw new Error(`set-up failed: ${answer.text}`);
      const cookie = answer.headers
        .getSetCookie()
        .map((line) => line.split(";")[0])
        .join("; ");
      return {
        cookie,
        send: (method, path, body, headers = {}) =>
          send(url, { cookie, "x-holdfast-csrf": "1", ...headers }, method, path, body),
      };
    },
  };
}

/** One request as anyone; a string body is sent as it is. */
export async function send(
  url: string,
  headers: Record<string, string>,
  method: string,
  path: string,
  body?: unknown,
): Promise<TestAnswer> {
  const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(text === undefined ? {} : { "content-type": "application/json" }), ...headers },
    redirect: "manual",
    ...(text === undefined ? {} : { body: text }),
  });
  const answer = await response.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(answer);
  } catch {
    parsed = undefined;
  }
  return { status: response.status, headers: response.headers, text: answer, body: parsed };
}
