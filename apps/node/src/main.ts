/**
 * The node as a program: `serve` and `demo` run until they are told to stop; `config`, `backup`, `restore`,
 * `doctor` and `set-up-link` tend an installation. The CLI replaces itself with this program, so that signals and memory are the node's own.
 */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Problem } from "@holdfast/kernel";
import { issueAdminLink } from "./admin-link.ts";
import { CHECKS, MIGRATIONS } from "./compose.ts";
import { backUp, restore } from "./platform/backup.ts";
import { type Config, defaultHome, describeConfig, readConfig } from "./platform/config.ts";
import { consoleFolder } from "./platform/console-build.ts";
import { type Database, openDatabase } from "./platform/database.ts";
import { examine } from "./platform/doctor.ts";
import { lockHome } from "./platform/home-lock.ts";
import { startPrivatePostgres } from "./platform/postgres.ts";
import { type RunningNode, startNode } from "./start.ts";
import { VERSION } from "./version.ts";

const EXIT = { negative: 1, usage: 64, badData: 65, noInput: 66, unavailable: 69, internal: 70 } as const;
const EXIT_BY_CODE: Readonly<Record<string, number>> = {
  usage: EXIT.usage,
  "config/invalid": EXIT.usage,
  "backup/damaged": EXIT.badData,
  "backup/newer": EXIT.badData,
  "backup/no-such-file": EXIT.noInput,
  "backup/no-such-folder": EXIT.noInput,
  "backup/nothing-there": EXIT.noInput,
};

interface Flags {
  readonly home: string | undefined;
  readonly port: string | undefined;
  readonly host: string | undefined;
  readonly json: boolean;
  readonly replace: boolean;
}

async function main(words: readonly string[]): Promise<void> {
  const [verb, ...rest] = words;
  const { values: flags, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: {
      home: { type: "string" },
      port: { type: "string" },
      host: { type: "string" },
      json: { type: "boolean", default: false },
      replace: { type: "boolean", default: false },
    },
  });
  const given: Flags = {
    home: flags.home,
    port: flags.port,
    host: flags.host,
    json: flags.json,
    replace: flags.replace,
  };
  switch (verb) {
    case "serve":
    case "demo":
      return run(verb === "demo", given);
    case "config":
      return printConfig(given);
    case "doctor":
      return printFindings(given);
    case "set-up-link":
      return withDatabase(given, false, (database) => printAdminLink(database, given));
    case "backup":
    case "restore": {
      const file = path(positionals, verb === "restore");
      return withDatabase(given, verb === "restore", (database) =>
        verb === "backup" ? makeBackup(database, file) : loadBackup(database, file, given),
      );
    }
    default:
      throw new Problem("usage", `there is no verb \`${verb ?? ""}\``);
  }
}

function path(positionals: readonly string[], mustExist: boolean): string {
  const [file] = positionals;
  if (file === undefined) throw new Problem("usage", "name the backup's file");
  const full = resolve(file);
  if (mustExist && !existsSync(full)) throw new Problem("backup/no-such-file", `there is no file \`${full}\``);
  if (!existsSync(dirname(full))) throw new Problem("backup/no-such-folder", `there is no folder \`${dirname(full)}\``);
  return full;
}

/** Runs until SIGINT or SIGTERM, also while it still starts; a second signal ends at once. */
async function run(demo: boolean, flags: Flags): Promise<void> {
  const running: { node?: RunningNode } = {};
  let isTold = false;
  const stop = async (): Promise<void> => {
    console.log("Stopping: letting requests and jobs end (once more to stop at once)");
    await running.node?.stop();
    process.exit(0);
  };
  const told = (): void => {
    if (isTold) process.exit(EXIT.negative);
    isTold = true;
    if (running.node) void stop();
  };
  process.on("SIGINT", told);
  process.on("SIGTERM", told);
  running.node = await startNode({
    home: flags.home,
    flags: settingsOf(flags),
    demo,
    say: (line) => console.log(line),
  });
  if (isTold) await stop();
}

function settingsOf(flags: Flags): Record<string, string> {
  return {
    ...(flags.port === undefined ? {} : { port: flags.port }),
    ...(flags.host === undefined ? {} : { host: flags.host }),
  };
}

function configOf(flags: Flags): Config {
  return readConfig(placeOf(flags));
}

function placeOf(flags: Flags): { home: string; environment: NodeJS.ProcessEnv } {
  return { home: resolve(flags.home ?? defaultHome(process.env)), environment: process.env };
}

function printConfig(flags: Flags): void {
  const rows = describeConfig(configOf(flags));
  if (flags.json) console.log(JSON.stringify(rows, null, 2));
  else
    for (const row of rows)
      console.log(`${row.name.padEnd(24)} ${row.value.padEnd(24)} ${row.source.padEnd(30)} ${row.meaning}`);
}

async function printFindings(flags: Flags): Promise<void> {
  const home = resolve(flags.home ?? defaultHome(process.env));
  const findings = await examine({
    home,
    environment: process.env,
    flags: {},
    migrations: MIGRATIONS,
    checks: CHECKS,
    consoleFolder: consoleFolder(),
  });
  if (flags.json) console.log(JSON.stringify(findings, null, 2));
  else
    for (const { state, what, mend } of findings)
      console.log(`${state.padEnd(5)} ${what}${mend ? `\n      mend: ${mend}` : ""}`);
  if (findings.some(({ state }) => state === "fail")) process.exitCode = EXIT.negative;
}

/** A backup may run beside a node; a restore needs the home folder for itself. */
async function withDatabase(flags: Flags, alone: boolean, work: (database: Database) => Promise<void>): Promise<void> {
  const config = configOf(flags);
  if (!alone && !config.databaseUrl && !existsSync(config.home))
    throw new Problem("backup/nothing-there", `there is no node in \`${config.home}\``);
  const unlock = alone && !config.databaseUrl ? lockHome(config.home) : () => undefined;
  const postgres = config.databaseUrl ? undefined : await startPrivatePostgres(config.home, { borrow: true });
  try {
    const database = await openDatabase({
      max: 2,
      ...(postgres ? await postgres.database("holdfast") : { connectionString: config.databaseUrl }),
    });
    try {
      await work(database);
    } finally {
      await database.close();
    }
  } finally {
    await postgres?.stop();
    unlock();
  }
}

async function printAdminLink(database: Database, flags: Flags): Promise<void> {
  const { url, endsAt } = await issueAdminLink(database, readConfig({ ...placeOf(flags), flags: settingsOf(flags) }));
  if (flags.json) console.log(JSON.stringify({ url, endsAt }));
  else console.log(`Makes whoever takes it an admin, once, until ${endsAt.toISOString()}:\n  ${url}`);
}

async function makeBackup(database: Database, file: string): Promise<void> {
  const report = await backUp(database, {
    path: file,
    program: VERSION,
    createdAt: new Date(),
    progress: (line) => console.error(line),
  });
  console.log(`${file}: ${report.tables} tables, ${report.rows} rows, ${report.sizeBytes} bytes`);
}

async function loadBackup(database: Database, file: string, flags: Flags): Promise<void> {
  const report = await restore(database, {
    path: file,
    migrations: MIGRATIONS,
    replace: flags.replace,
    progress: (line) => console.error(line),
  });
  console.log(`restored ${report.tables} tables as of ${report.createdAt}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Problem) {
    console.error(`holdfast: ${error.message} (${error.code})`);
    process.exit(EXIT_BY_CODE[error.code] ?? EXIT.unavailable);
  }
  if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
    console.error(`holdfast: ${error.message}`);
    process.exit(EXIT.usage);
  }
  console.error(error);
  process.exit(EXIT.internal);
}
