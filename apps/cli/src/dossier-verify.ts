/** What `holdfast verify` does with a dossier: opens it, judges every part, and says line by line what is proven. */
import { CredentialProblem, type DossierClaim, verifyDossier } from "@holdfast/credential";
import { instantOf, readOffline } from "./credential-input.ts";
import { notProven, verdictOf, verdictText } from "./evidence-claim.ts";
import { readTrust } from "./evidence-input.ts";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";

export interface DossierOptions {
  readonly policy?: string;
  readonly did?: readonly string[];
  readonly status?: readonly string[];
  readonly at?: string;
  readonly json?: boolean;
}

const START = '{"format":"holdfast-dossier/'; // a dossier is canonical JSON, so its format comes first

/** Whether the file claims to be a dossier. */
export function isDossier(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, START.length)).toString("latin1") === START;
}

/** @throws Failure or Problem when the words or the other files are not right */
export async function verifyDossierFile(bytes: Uint8Array, options: DossierOptions): Promise<void> {
  const trust = options.policy === undefined ? undefined : readTrust(options.policy);
  if (trust?.kind === "keys")
    throw new Failure(EXIT.usage, "a dossier is judged by a tlog-policy, and --policy holds COSE keys");
  const verdict = verdictOf(
    await claimsOf(bytes, {
      ...readOffline(options),
      ...(trust === undefined ? {} : { policy: trust.policy }),
      ...(options.at === undefined ? {} : { at: instantOf(options.at) }),
    }),
  );
  await print(options.json ? `${JSON.stringify(verdict, null, 2)}\n` : verdictText(verdict));
  process.exitCode = verdict.verdict === "proven" ? EXIT.ok : EXIT.negative;
}

/** A file that is not as it was sealed is a verdict, not a failure of the command. */
async function claimsOf(
  bytes: Uint8Array,
  ports: Parameters<typeof verifyDossier>[1],
): Promise<readonly DossierClaim[]> {
  try {
    return (await verifyDossier(bytes, ports)).claims;
  } catch (error) {
    if (!(error instanceof CredentialProblem)) throw error;
    return [notProven(`the dossier is as it was sealed: ${error.message}`)];
  }
}
