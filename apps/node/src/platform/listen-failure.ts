/** What kept a node from listening, as a Problem that names the setting to change. Any other failure is handed back as it is. */
import { Problem } from "@holdfast/kernel";
import type { Config } from "./config.ts";

/** @returns a Problem `listen/port-taken`, `listen/not-allowed` or `listen/no-such-address`, or `error` itself */
export function listenFailure(error: unknown, { host, port }: Pick<Config, "host" | "port">): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const options = { detail: { host, port }, cause: error };
  switch (code) {
    case "EADDRINUSE":
      return new Problem(
        "listen/port-taken",
        `port \`${port}\` on \`${host}\` is taken by another program: stop it, or choose another with --port (0 picks a free one)`,
        options,
      );
    case "EACCES":
      return new Problem(
        "listen/not-allowed",
        `this user may not listen on port \`${port}\`: choose one from 1024 on with --port, and put a proxy before it`,
        options,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new Problem(
        "listen/no-such-address",
        `this machine has no address \`${host}\` to listen on port \`${port}\`: choose another with --host`,
        options,
      );
    default:
      return error;
  }
}
