/** The door of sharing: agreements, the one way out, shares. */
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { Config } from "../../platform/config.ts";
import type { Database } from "../../platform/database.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { Migrations } from "../../platform/migrations.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Server } from "../../platform/server.ts";
import { readOrCreateSetting } from "../../platform/settings.ts";
import type { Intel, TaxiiDoor } from "../intel/index.ts";
import { Agreements } from "./agreement.ts";
import { Egress } from "./egress.ts";
import { sharingRoutes } from "./routes.ts";
import { Shares } from "./shares.ts";
import { taxiiDoor } from "./taxii-door.ts";

export const agreementMigrations: Migrations = {
  slice: "agreement",
  folder: resolve(import.meta.dirname, "migrations"),
};

export interface SharingOptions {
  readonly database: Database;
  readonly ports: Ports;
  readonly config: Config;
  readonly evidence: Evidence;
  readonly intel: Intel;
}

export interface Sharing {
  readonly agreements: Agreements;
  readonly shares: Shares;
  readonly egress: Egress;
  /** What TAXII asks before an outsider reads. */
  readonly door: TaxiiDoor;
  register(server: Server): void;
}

export async function openSharing({ database, ports, config, evidence, intel }: SharingOptions): Promise<Sharing> {
  const identity = await readOrCreateSetting(database, "sharing-identity", () => `identity--${randomUUID()}`);
  const agreements = new Agreements({ ports, evidence });
  const egress = new Egress({ ports, evidence });
  const shares = new Shares({ database, ports, evidence, intel, agreements, egress, identity });
  return {
    agreements,
    shares,
    egress,
    door: taxiiDoor({ database, egress, isEncrypted: config.publicUrl?.startsWith("https:") === true }),
    register: (server) => sharingRoutes(server, { database, intel, agreements, egress, shares }),
  };
}
