/** The door of import and export. */
import { resolve } from "node:path";
import type { Config } from "../../platform/config.ts";
import type { Database } from "../../platform/database.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { Jobs } from "../../platform/jobs.ts";
import type { Migrations } from "../../platform/migrations.ts";
import type { Outbox } from "../../platform/outbox.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Server } from "../../platform/server.ts";
import type { Registry } from "../registry/index.ts";
import { IMPORT_JOB, ImportDesk } from "./import-desk.ts";
import { type ImportInput, REGISTRY_CHANGED, runImport } from "./import-run.ts";
import { exchangeRoutes } from "./routes.ts";

export { REGISTRY_CHANGED };

export const exchangeMigrations: Migrations = { slice: "exchange", folder: resolve(import.meta.dirname, "migrations") };

export interface ExchangeOptions {
  readonly database: Database;
  readonly jobs: Jobs;
  readonly registry: Registry;
  readonly ports: Ports;
  readonly outbox: Outbox;
  readonly evidence?: Evidence;
  readonly config: Pick<Config, "uploadBytesMax">;
}

/** Defines the import job and gives what serves the routes. */
export function openExchange(options: ExchangeOptions): {
  register(server: Server): void;
} {
  const { database, jobs, registry, ports, config } = options;
  const sizeBytesMax = config.uploadBytesMax;
  const desk = new ImportDesk({ database, jobs, ports, sizeBytesMax });
  jobs.define<ImportInput>(IMPORT_JOB, (job) => runImport(options, job));
  return { register: (server) => exchangeRoutes(server, { desk, registry }) };
}
