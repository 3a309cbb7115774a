/** A node of its own for a bench: private PostgreSQL in a temporary folder, loopback, a free port, one person signed in. */
import { join } from "node:path";
import type { Role } from "@holdfast/access";
import { composeNode, type HoldfastNode } from "../../apps/node/src/compose.ts";
import { readConfig } from "../../apps/node/src/platform/config.ts";
import { systemPorts } from "../../apps/node/src/platform/ports.ts";
import { startPrivatePostgres } from "../../apps/node/src/platform/postgres.ts";
import { openLog } from "../../apps/node/src/platform/telemetry.ts";
import { temporaryFolder } from "../temporary-folder.ts";

export interface PrivateNode {
  readonly node: HoldfastNode;
  readonly url: string;
  /** The session's cookie. */
  readonly cookie: string;
  readonly postgresFolder: string;
  stop(): Promise<void>;
}

const PASSWORD = "a quiet harbour at dawn";

/** Starts the node; with `home` on a folder that stays, else on one that goes with it. */
export async function startPrivateNode(roles: readonly Role[], home?: string): Promise<PrivateNode> {
  const folder = home === undefined ? temporaryFolder("bench") : { path: home, remove: () => undefined };
  const postgres = await startPrivatePostgres(join(folder.path, "home"));
  const config = readConfig({
    home: join(folder.path, "home"),
    environment: {},
    flags: { port: 0, logLevel: "error", requestsPerMinuteMax: 1_000_000 },
  });
  const node = await composeNode({
    config,
    database: await postgres.database("bench"),
    ports: systemPorts,
    log: openLog(config.logLevel),
    demo: false,
  });
  const url = await node.listen();
  return {
    node,
    url,
    cookie: await signIn(node, url, roles),
    postgresFolder: postgres.folder,
    stop: async () => {
      await node.stop();
      await postgres.stop();
      folder.remove();
    },
  };
}

async function signIn(node: HoldfastNode, url: string, roles: readonly Role[]): Promise<string> {
  const { token } = await node.auth.issueSetUpLink({ roles: [...roles] });
  const answer = await fetch(`${url}/api/account/set-up`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, name: "Reader", email: `reader-${Date.now()}@example.org`, password: PASSWORD }),
  });
  if (answer.status !== 200) throw new Error(`set-up failed: ${await answer.text()}`);
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
}
