/**
 * `holdfast verify FILE --policy POLICY`: checks one piece of evidence offline and says line by line what it proves.
 * Takes a C2SP `.tlog-proof`, a transparent statement (RFC 9943), a receipt (RFC 9942) or a fork proof. Exit codes: 0
 * proven, 1 not proven, 64 usage, 65 malformed, 66 no such file.
 */
import type { Command } from "commander";
import { ending } from "./failure.ts";
import type { VerifyOptions } from "./verify-file.ts";

export function addVerifyCommand(program: Command): void {
  program
    .command("verify")
    .description("check a proof, a statement or a receipt offline, and say what it proves and what it doesn't")
    .argument("<file>", "a .tlog-proof, a COSE transparent statement, a COSE receipt, or a fork proof")
    .requiredOption("--policy <file>", "whom to trust: a tlog-policy, or the log's keys (COSE key set, COSE key, PEM)")
    .option("--entry <file>", "what should be in the log: a signed statement, or the entry itself")
    .option("--digest <hex>", "the same by its SHA-256, 64 hex digits")
    .option("--document <file>", "the document that the statement should be about")
    .option("--issuer-key <file>", "the statement's issuer's public key (COSE key set, COSE key, PEM)")
    .option("--json", "as JSON")
    .action(
      // loaded when it is used, so that no other command waits for the cryptography
      ending(async (file: string, options: VerifyOptions) => (await import("./verify-file.ts")).verify(file, options)),
    );
}
