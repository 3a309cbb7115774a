/** What `holdfast credential verify` and `validate` do: reads, judges, prints line by line, and sets the exit code. */
import {
  type Check,
  checkForm,
  claimsIn,
  CredentialProblem,
  type Issue,
  type Verification,
  verifyCredential,
} from "@holdfast/credential";
import { instantOf, readOffline, readText } from "./credential-input.ts";
import { quoted } from "./evidence-claim.ts";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";

export interface VerifyOptions {
  readonly at?: string;
  readonly did?: readonly string[];
  readonly status?: readonly string[];
  readonly audience?: string;
  readonly nonce?: string;
  readonly json?: true;
}

const EXITS = { valid: EXIT.ok, invalid: EXIT.negative, "not-checked": EXIT.unavailable } as const;

/** @throws Failure or Problem when the words or the files are not right */
export async function verify(file: string, options: VerifyOptions): Promise<void> {
  const { audience, nonce } = options;
  if ((audience === undefined) !== (nonce === undefined))
    throw new Failure(EXIT.usage, "--audience and --nonce go together");
  const found = await verifyCredential(readText(file), {
    at: instantOf(options.at),
    ...readOffline(options),
    ...(audience === undefined || nonce === undefined ? {} : { challenge: { audience, nonce } }),
  });
  await print(options.json ? `${JSON.stringify(found, null, 2)}\n` : textOf(found));
  process.exitCode = EXITS[found.verdict];
}

function textOf({ verdict, checks, kind, issuer, validFrom, validUntil, withheldCount, issues }: Verification): string {
  const about = [
    `${kind ?? "credential"} by ${quoted(issuer)}`,
    ...(validFrom === undefined ? [] : [`from ${validFrom}`]),
    ...(validUntil === undefined ? [] : [`until ${validUntil}`]),
    ...(withheldCount === 0 ? [] : [`${withheldCount} claims or decoys withheld`]),
  ];
  const lines = [about.join(", "), "", ...checks.map(lineOf), ...issues.filter(({ note }) => note).map(noteOf)];
  return `${[...lines, "", `verdict: ${verdict === "not-checked" ? "not checked" : verdict}`].join("\n")}\n`;
}

function lineOf({ check, state, reason }: Check): string {
  return `${(state === "not-checked" ? "not checked" : state).padEnd(11)}  ${check}: ${reason}`;
}

function noteOf({ path, reason }: Issue): string {
  return `${"note".padEnd(11)}  ${quoted(path)}: ${reason}`;
}

/** One line for each file; a file that is no JSON object or JWT is invalid. */
export async function validate(files: readonly string[], { explain }: { explain?: true }): Promise<void> {
  let exit: number = EXIT.ok;
  for (const file of files) {
    try {
      const { valid, issues } = formOf(readText(file));
      if (!valid && exit === EXIT.ok) exit = EXIT.negative;
      await print(`${valid ? "valid" : "invalid"}\t${file}\n`);
      if (explain) for (const issue of issues) await print(`  ${explained(issue)}\n`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.error(`holdfast: ${error.message}`);
      exit = error.exit;
    }
  }
  process.exitCode = exit;
}

function formOf(text: string): { valid: boolean; issues: readonly Issue[] } {
  try {
    const { proof: _proof, ...credential } = claimsIn(text);
    return checkForm(credential);
  } catch (error) {
    if (!(error instanceof CredentialProblem)) throw error;
    return { valid: false, issues: [{ path: "", layer: "vcdm", rule: "read", reason: error.message }] };
  }
}

function explained({ path, layer, rule, reason, note }: Issue): string {
  return `${note ? "note" : "error"} at ${path === "" ? "the credential" : path}: ${reason} (${layer}/${rule})`;
}
