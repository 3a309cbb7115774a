/**
 * What a node is told to be: one file (`holdfast.json` in its home), overridden by environment variables, overridden by
 * the command line. Every value keeps where it came from. Refuses unknown keys, so that a typing error is not silence.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";

const settings = z.strictObject({
  port: z.coerce.number().int().min(0).max(65_535).default(8420).describe("TCP port; 0 picks a free one"),
  host: z.string().min(1).default("127.0.0.1").describe("address to listen on; 0.0.0.0 for all"),
  publicUrl: z.url().optional().describe("the URL that people and partners use, behind a proxy"),
  organisationName: z.string().min(1).max(200).default("My organisation").describe("whose node this is"),
  databaseUrl: z
    .string()
    .startsWith("postgres")
    .optional()
    .describe("an outside PostgreSQL 15 or later; absent: a private one in the home folder"),
  logLevel: z
    .enum(["trace", "debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("how much is logged"),
  trustProxy: z
    .stringbool()
    .or(z.boolean())
    .or(z.coerce.number().int().min(1).max(16))
    .default(false)
    .describe(
      "believe X-Forwarded-* headers of the proxy before this node, or of so many; only behind proxies of yours",
    ),
  serveConsole: z
    .stringbool()
    .or(z.boolean())
    .default(true)
    .describe("serve the console; without it the node is an API only"),
  bodyBytesMax: z.coerce.number().int().min(1_024).max(1_073_741_824).default(1_048_576).describe("largest JSON body"),
  uploadBytesMax: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(1_099_511_627_776)
    .default(1_073_741_824)
    .describe("largest uploaded file"),
  requestsPerMinuteMax: z.coerce.number().int().min(1).default(6_000).describe("per caller and process"),
  requestSecondsMax: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_600)
    .default(60)
    .describe("time a request may take to arrive, uploads excepted"),
  uploadStallSecondsMax: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_600)
    .default(30)
    .describe("an upload of which nothing arrives for so long ends; one that moves may take its time"),
  sessionHours: z.coerce.number().int().min(1).max(720).default(12).describe("a session without use ends after this"),
  decisionDays: z.coerce
    .number()
    .int()
    .min(1)
    .max(36_500)
    .default(400)
    .describe("how long the record of access decisions is kept"),
  databaseConnectionsMax: z.coerce.number().int().min(2).max(200).default(10).describe("connections of one process"),
  oidcIssuer: z.url().optional().describe("OpenID provider for single sign-on"),
  oidcClientId: z.string().optional().describe("this node's client id at the provider"),
  oidcClientSecret: z.string().optional().describe("its secret"),
  keyFolder: z
    .string()
    .min(1)
    .optional()
    .describe(
      "folder of the node's private keys; absent: keys in the home folder; share it to let processes take over",
    ),
  ledgerOrigin: z
    .string()
    .regex(/^[^\s+]{1,200}$/u)
    .optional()
    .describe("name of this node's log, an address without scheme; fixed at the first start"),
  ledgerBatchMilliseconds: z.coerce
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(150)
    .describe("pause between log batches"),
  ledgerMlDsa44: z.stringbool().or(z.boolean()).default(false).describe("sign checkpoints with ML-DSA-44 as well"),
  ledgerLoadPath: z.stringbool().or(z.boolean()).default(false).describe("serve POST /ledger/add to load tools"),
  ledgerSignedHeadFolder: z
    .string()
    .min(1)
    .optional()
    .describe("folder of the last signed head, best outside the home's backup; absent: the key folder"),
  ledgerTrustDatabase: z
    .stringbool()
    .or(z.boolean())
    .default(false)
    .describe("sign although nothing outside the database remembers the log; is itself logged"),
  witnessQuorum: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe("witnesses that make a checkpoint witnessed"),
  witnessAlarmMinutes: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_080)
    .default(60)
    .describe("a witness silent for longer is an alarm"),
  credentialHosts: z
    .string()
    .max(10_000)
    .regex(/^[A-Za-z0-9.:-]+(?:\s*,\s*[A-Za-z0-9.:-]+)*$/, "is a list of hosts with commas between them")
    .optional()
    .describe("hosts that may be asked for DID documents and status lists of others; absent: none is asked"),
  subscriptionHosts: z
    .string()
    .max(10_000)
    .default("")
    .describe(
      "hosts that EPCIS subscriptions may send events to, `host` or `host:port`, comma-separated; none by default",
    ),
  oidcRoleClaim: z.string().default("holdfast_roles").describe("the claim that lists a person's roles"),
});

export type Settings = z.output<typeof settings>;
export type SettingName = keyof Settings;

/** Where a value came from: a default, the file's path, an environment variable's name, or a flag. */
export interface Config extends Settings {
  readonly home: string;
  readonly sources: Readonly<Record<SettingName, string>>;
}

const SECRET: ReadonlySet<SettingName> = new Set(["databaseUrl", "oidcClientSecret"]);

/** The environment variable of a setting: `databaseUrl` is DATABASE_URL by custom, the others HOLDFAST_UPPER_SNAKE. */
export function environmentName(name: SettingName): string {
  return name === "databaseUrl"
    ? "DATABASE_URL"
    : `HOLDFAST_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The folder a node lives in when nobody says otherwise; root's own home is private, so root's nodes live in /var/lib. */
export function defaultHome(environment: NodeJS.ProcessEnv): string {
  if (environment["HOLDFAST_HOME"]) return resolve(environment["HOLDFAST_HOME"]);
  if (process.getuid?.() === 0) return "/var/lib/holdfast";
  return join(environment["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "holdfast");
}

/**
 * Reads the configuration in force.
 * @throws Problem `config/invalid` naming the key, where it came from and the rule it breaks
 */
export function readConfig(options: {
  home: string;
  environment: NodeJS.ProcessEnv;
  flags?: Partial<Record<SettingName, unknown>>;
}): Config {
  const file = join(options.home, "holdfast.json");
  const fromFile = existsSync(file) ? parseFile(file) : {};
  const values: Record<string, unknown> = {};
  const sources: Partial<Record<SettingName, string>> = {};
  const names = Object.keys(settings.shape) as SettingName[]; // the keys of the shape are the names of the settings
  const unknown = Object.keys(fromFile).filter((key) => !(key in settings.shape));
  if (unknown.length > 0)
    throw new Problem("config/invalid", `\`${file}\` has the unknown key \`${unknown[0]}\``, {
      detail: { file, unknown, known: names },
    });
  for (const name of names) {
    const variable = environmentName(name);
    const candidates: readonly (readonly [unknown, string])[] = [
      [options.flags?.[name], "command line"],
      [options.environment[variable] === "" ? undefined : options.environment[variable], `environment ${variable}`],
      [fromFile[name], file],
    ];
    const found = candidates.find(([value]) => value !== undefined);
    sources[name] = found?.[1] ?? "default";
    if (found) values[name] = found[0];
  }
  const parsed = settings.safeParse(values);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!; // a failed parse has at least one issue
    const name = String(issue.path[0]) as SettingName; // paths of a flat object are its keys
    const shown = SECRET.has(name) ? "***" : String(values[name]);
    throw new Problem(
      "config/invalid",
      `\`${name}\` = \`${shown}\` from ${sources[name] ?? "nowhere"}: ${issue.message.toLowerCase()}`,
      {
        detail: { name, source: sources[name] },
      },
    );
  }
  return { ...parsed.data, home: options.home, sources: sources as Record<SettingName, string> }; // the loop above set every name
}

/** The configuration as rows for people, secrets masked. */
export function describeConfig(config: Config): { name: string; value: string; source: string; meaning: string }[] {
  return (Object.keys(settings.shape) as SettingName[]).map((name) => ({
    name,
    value: config[name] === undefined ? "" : SECRET.has(name) ? "***" : String(config[name]),
    source: config.sources[name],
    meaning: settings.shape[name].description ?? "",
  }));
}

function parseFile(file: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Problem("config/invalid", `\`${file}\` is not JSON`, { cause });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new Problem("config/invalid", `\`${file}\` is not a JSON object`);
  return { ...parsed };
}
