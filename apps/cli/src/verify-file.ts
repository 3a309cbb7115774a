/** What `holdfast verify` does: tells the kinds of evidence apart, judges, prints, and sets the exit code. */
import { MAX_DOSSIER_BYTES } from "@holdfast/credential";
import { parseReceipt } from "@holdfast/tlog";
import { forkClaims, proofClaims, receiptClaims, type Subject, transparentClaims } from "./evidence.ts";
import { isDossier, verifyDossierFile } from "./dossier-verify.ts";
import { type Claim, verdictOf, verdictText } from "./evidence-claim.ts";
import { EVIDENCE_BYTES_MAX, readEvidence, readKeys, readTrust, type Trust } from "./evidence-input.ts";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";

export interface VerifyOptions {
  readonly policy?: string;
  readonly entry?: string;
  readonly digest?: string;
  readonly document?: string;
  readonly issuerKey?: string;
  readonly did?: readonly string[];
  readonly status?: readonly string[];
  readonly at?: string;
  readonly json?: boolean;
}

const COSE_SIGN1 = 0xd2; // CBOR tag 18
const JSON_OBJECT = 0x7b; // the brace that a fork proof begins with

/** @throws Failure or Problem when the words or the files are not right */
export async function verify(file: string, options: VerifyOptions): Promise<void> {
  if (options.entry !== undefined && options.digest !== undefined)
    throw new Failure(EXIT.usage, "give --entry or --digest, not both");
  const bytes = readEvidence(file, MAX_DOSSIER_BYTES);
  if (isDossier(bytes)) return verifyDossierFile(bytes, options);
  if (options.policy === undefined) throw new Failure(EXIT.usage, "say whom to trust with --policy");
  if (bytes.length > EVIDENCE_BYTES_MAX)
    throw new Failure(EXIT.badData, `\`${file}\` is larger than ${EVIDENCE_BYTES_MAX} bytes`);
  const subject: Subject = {
    ...(options.entry === undefined ? {} : { entry: readEvidence(options.entry) }),
    ...(options.digest === undefined ? {} : { digest: digestOf(options.digest) }),
    ...(options.document === undefined ? {} : { document: readEvidence(options.document) }),
    ...(options.issuerKey === undefined ? {} : { issuerKeys: readKeys(options.issuerKey) }),
  };
  const verdict = verdictOf(claimsOf(bytes, readTrust(options.policy), subject));
  await print(options.json ? `${JSON.stringify(verdict, null, 2)}\n` : verdictText(verdict));
  process.exitCode = verdict.verdict === "proven" ? EXIT.ok : EXIT.negative;
}

function claimsOf(bytes: Uint8Array, trust: Trust, subject: Subject): Claim[] {
  if (bytes[0] === JSON_OBJECT) return forkClaims(bytes, trust);
  if (bytes[0] !== COSE_SIGN1) return proofClaims(bytes, trust, subject);
  const receipt = parseReceipt(bytes);
  // a statement names no data structure in its protected header, and nothing else makes a COSE_Sign1 a receipt
  if (receipt.ok || receipt.problem.code === "tlog/unsupported") return receiptClaims(bytes, trust, subject);
  return transparentClaims(bytes, trust, subject);
}

function digestOf(text: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new Failure(EXIT.usage, "--digest takes 64 hex digits");
  return new Uint8Array(Buffer.from(text, "hex"));
}
