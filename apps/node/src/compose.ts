/** Builds a node from its config: the only file that knows every slice. */
import { resolve } from "node:path";
import { uuid7 } from "@holdfast/kernel";
import type pg from "pg";
import { exchangeMigrations, openExchange, REGISTRY_CHANGED } from "./know/exchange/index.ts";
import { Designation, designationMigrations, designationRoutes } from "./know/designation/index.ts";
import { Investment, investmentMigrations, investmentRoutes } from "./know/investment/index.ts";
import { mineralRoutes } from "./know/mineral/index.ts";
import { Registry, registryMigrations, registryRoutes } from "./know/registry/index.ts";
import {
  measureRoutes,
  registerRoutes,
  riskMigrations,
  RiskRegister,
  riskRoutes,
  SiteMeasures,
} from "./know/risk/index.ts";
import { Simulation, simulationMigrations, simulationRoutes } from "./know/simulation/index.ts";
import { credentialMigrations, credentialRoutes, Credentials, Identity, Outside } from "./prove/credential/index.ts";
import { Custody, custodyMigrations, custodyRoutes } from "./prove/custody/index.ts";
import { dossierRoutes } from "./prove/dossier/index.ts";
import {
  examineLedger,
  type Ledger,
  ledgerMigrations,
  ledgerRoutes,
  openLedger,
  serveLog,
  watchLedger,
} from "./prove/ledger/index.ts";
import { openThread, type Thread, threadMigrations } from "./prove/thread/index.ts";
import {
  documentRoutes,
  Intel,
  intelMigrations,
  intelRoutes,
  objectRoutes,
  serveTaxii,
  Touching,
  touchRoutes,
} from "./share/intel/index.ts";
import { agreementMigrations, openSharing } from "./share/agreement/index.ts";
import { authMigrations, openAuth, type Auth } from "./platform/auth/index.ts";
import type { Config } from "./platform/config.ts";
import { serveConsole } from "./platform/console-files.ts";
import { type Database, openDatabase } from "./platform/database.ts";
import type { Check } from "./platform/doctor.ts";
import { DecisionLog } from "./platform/decision-log.ts";
import { forgetOldAnswers } from "./platform/idempotency.ts";
import { Jobs } from "./platform/jobs.ts";
import { listenFailure } from "./platform/listen-failure.ts";
import { type Migrations, migrate } from "./platform/migrations.ts";
import { Outbox } from "./platform/outbox.ts";
import { recordPolicies } from "./platform/policy-record.ts";
import type { Ports } from "./platform/ports.ts";
import { createServer, type Server } from "./platform/server.ts";
import { readOrCreateSetting } from "./platform/settings.ts";
import { systemRoutes } from "./platform/system-routes.ts";
import { type Log, openMetrics } from "./platform/telemetry.ts";
import { VERSION } from "./version.ts";

/** Every slice's migrations, in the order in which slices build on each other. */
export const MIGRATIONS: readonly Migrations[] = [
  { slice: "platform", folder: resolve(import.meta.dirname, "platform/migrations") },
  authMigrations,
  registryMigrations,
  designationMigrations,
  simulationMigrations,
  riskMigrations,
  investmentMigrations,
  exchangeMigrations,
  ledgerMigrations,
  credentialMigrations,
  intelMigrations,
  agreementMigrations,
  threadMigrations,
  custodyMigrations,
];

/** What the doctor looks at beside the platform's own. */
export const CHECKS: readonly Check[] = [examineLedger];

const DRAIN_SECONDS = 20; // requests and jobs get this long to end when the node stops
const FORGET_MILLISECONDS = 3_600_000;
const DAY_MILLISECONDS = 86_400_000;

export interface NodeOptions {
  readonly config: Config;
  readonly database: pg.PoolConfig;
  readonly ports: Ports;
  readonly log: Log;
  /** True when the data is the labelled synthetic world. */
  readonly demo: boolean;
  /** The console's build; absent for a node that serves only the API. */
  readonly consoleFolder?: string;
}

/** A composed node. It does nothing until `listen`. */
export interface HoldfastNode {
  readonly server: Server;
  readonly auth: Auth;
  readonly database: Database;
  readonly jobs: Jobs;
  readonly outbox: Outbox;
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly thread: Thread;
  readonly custody: Custody;
  readonly designation: Designation;
  readonly simulation: Simulation;
  readonly measures: SiteMeasures;
  readonly investment: Investment;
  readonly intel: Intel;
  readonly touching: Touching;
  /** Starts jobs, outbox and HTTP. @returns the URL on this machine @throws Problem `listen/…` naming what to change */
  listen(): Promise<string>;
  /** Drains: refuses new work, lets requests and jobs end, closes the pool. */
  stop(): Promise<void>;
}

export async function composeNode(options: NodeOptions): Promise<HoldfastNode> {
  const { config, ports, log, demo } = options;
  const database = await openDatabase({ max: config.databaseConnectionsMax, ...options.database });
  await migrate(database, MIGRATIONS);
  const nodeId = await readOrCreateSetting(database, "node-id", () => uuid7(ports));
  const startedAt = ports.clock.now().toISOString();
  const metrics = openMetrics(database.pool);
  const decisions = new DecisionLog({ database, ports, log });
  const jobs = new Jobs({ database, ports, log });
  const outbox = new Outbox({ database, ports, log });
  const ledger = await openLedger({ database, ports, config, log, nodeId });
  const auth = openAuth({ database, ports, config, log, evidence: ledger });
  const server = await createServer({
    config,
    database,
    decisions,
    log,
    metrics,
    authenticate: auth.authenticate,
    random: ports.random,
  });
  let draining = false;

  systemRoutes(server, {
    config,
    database,
    decisions,
    jobs,
    metrics,
    version: VERSION,
    isDraining: () => draining,
    notices: () => ledger.notices(),
    describe: async () => ({
      name: "holdfast",
      organisationName: config.organisationName,
      version: VERSION,
      nodeId,
      startedAt,
      demo,
      signIn: { password: true, passkey: true, oidc: config.oidcIssuer !== undefined },
      needsSetUp: await auth.needsSetUp(),
    }),
  });
  auth.register(server);
  await recordPolicies(database, ledger);
  ledgerRoutes(server, { ledger, database, config, ports });
  await serveLog(server.fastify, { ledger, database, config });
  watchLedger(metrics.registry, ledger);
  const registry = new Registry({ database, ports });
  registryRoutes(server, { registry, database, jobs });
  openExchange({ database, jobs, registry, ports, outbox, evidence: ledger, config }).register(server);
  mineralRoutes(server);
  riskRoutes(server, registry);
  const simulation = new Simulation({ database, registry, jobs, ports });
  simulationRoutes(server, { simulation, registry, database });
  const measures = new SiteMeasures({ database, registry, simulation, jobs, ports, outbox });
  measureRoutes(server, { measures, registry, database });
  const investment = new Investment({ database, simulation, jobs, ports, evidence: ledger });
  investmentRoutes(server, { investment, simulation, registry, database });
  const register = new RiskRegister({ database, registry, ports, evidence: ledger });
  registerRoutes(server, { register, registry });
  const designation = new Designation({ database, registry, jobs, ports, evidence: ledger });
  await designation.prepare();
  outbox.consume(REGISTRY_CHANGED, async () => {
    await designation.evaluate(() => undefined);
    await measures.measureIfChanged();
  });
  designationRoutes(server, { designation, registry, database });
  const thread = await openThread({ database, ports, ledger, log, config, server, decisions, registry });
  const credentials = new Credentials({
    database,
    ports,
    config,
    jobs,
    evidence: ledger,
    identity: new Identity({ ledger, config, nodeId }),
    outside: new Outside({ database, ports, hosts: config.credentialHosts }),
  });
  credentialRoutes(server, { credentials, database });
  const custody = new Custody({ database, ports, log, evidence: ledger, registry, thread });
  custodyRoutes(server, { custody, registry });
  dossierRoutes(server, { database, ports, config, ledger, thread, credentials, findings: custody });
  const intel = new Intel({ database, ports, evidence: ledger });
  const touching = new Touching({ database, registry, jobs, ports, log });
  intelRoutes(server, { intel, database, touching });
  documentRoutes(server, { intel, touching, database, ports, evidence: ledger });
  objectRoutes(server, { intel, ports, evidence: ledger, config });
  touchRoutes(server, { intel, touching, ports, evidence: ledger });
  const sharing = await openSharing({ database, ports, config, evidence: ledger, intel });
  sharing.register(server);
  await serveTaxii(server.fastify, { intel, door: sharing.door, database, decisions, config, ports, log });
  if (options.consoleFolder) await serveConsole(server.fastify, options.consoleFolder);

  const forget = async () => {
    await database.transaction(forgetOldAnswers);
    await decisions.forget(new Date(ports.clock.now().getTime() - config.decisionDays * DAY_MILLISECONDS));
  };
  let forgetting: NodeJS.Timeout | undefined;
  return {
    server,
    auth,
    database,
    jobs,
    outbox,
    registry,
    ledger,
    thread,
    custody,
    designation,
    simulation,
    measures,
    investment,
    intel,
    touching,
    listen: async () => {
      await jobs.start();
      outbox.start();
      ledger.start();
      measures.start();
      thread.start();
      touching.start();
      custody.start();
      sharing.shares.start();
      forgetting = setInterval(
        () => void forget().catch((error: unknown) => log.warn({ err: error }, "forgetting what is old")),
        FORGET_MILLISECONDS,
      );
      try {
        return await server.fastify.listen({ port: config.port, host: config.host });
      } catch (error) {
        throw listenFailure(error, config);
      }
    },
    stop: async () => {
      draining = true;
      clearInterval(forgetting);
      await server.fastify.close();
      await custody.stop();
      sharing.shares.stop();
      await thread.stop();
      measures.stop();
      await touching.stop();
      await ledger.stop();
      await outbox.stop();
      await jobs.stop(DRAIN_SECONDS);
      await simulation.stop();
      await decisions
        .flush()
        .catch((error: unknown) => log.error({ err: error }, "the last access decisions are not recorded"));
      await database.close();
    },
  };
}
