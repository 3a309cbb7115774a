/**
 * A PostgreSQL of its own for a test file that needs no whole node. Stopped by hand in the file's last `after`, because
 * hooks run in the order of their registration and connections have to be closed before.
 */
import { join } from "node:path";
import { type PrivatePostgres, startPrivatePostgres } from "../apps/node/src/platform/postgres.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export interface PostgresForTests {
  /** Starts it at the first call. */
  server(): Promise<PrivatePostgres>;
  stop(): Promise<void>;
}

export function postgresForTests(): PostgresForTests {
  const folder = temporaryFolder("postgres");
  let postgres: Promise<PrivatePostgres> | undefined;
  return {
    server: () => (postgres ??= startPrivatePostgres(join(folder.path, "home"))),
    stop: async () => {
      await (await postgres)?.stop();
      folder.remove();
    },
  };
}
