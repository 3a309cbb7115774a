/**
 * `holdfast verify FILE --policy POLICY`: checks one piece of evidence offline and says line by line what it proves.
 * Takes a C2SP `.tlog-proof`, a transparent statement (RFC 9943), a receipt (RFC 9942), a fork proof or a dossier, which
 * brings a policy of its own where none is given. Exit codes: 0 proven, 1 not proven, 64 usage, 65 malformed, 66 no such
 * file.
 */
import type { Command } from "commander";
import { ending } from "./failure.ts";
import type { VerifyOptions } from "./verify-file.ts";

export function addVerifyCommand(program: Command): void {
  program
    .command("verify")
    .description(
      "check a dossier, a proof, a statement or a receipt offline, and say what it proves and what it doesn't",
    )
    .argument("<file>", "a dossier, a .tlog-proof, a COSE transparent statement, a COSE receipt, or a fork proof")
    .option("--policy <file>", "whom to trust: a tlog-policy, or the log's keys (COSE key set, COSE key, PEM)")
    .option("--entry <file>", "what should be in the log: a signed statement, or the entry itself")
    .option("--digest <hex>", "the same by its SHA-256, 64 hex digits")
    .option("--document <file>", "the document that the statement should be about")
    .option("--issuer-key <file>", "the statement's issuer's public key (COSE key set, COSE key, PEM)")
    .option("--did <file>", "of a dossier: a DID document that you trust, may be repeated", repeated)
    .option("--status <file>", "of a dossier: a status list, newer than its own, may be repeated", repeated)
    .option("--at <time>", "of a dossier: when its credentials are to be valid; when it was made where absent")
    .option("--json", "as JSON")
    .action(
      // loaded when it is used, so that no other command waits for the cryptography
      ending(async (file: string, options: VerifyOptions) => (await import("./verify-file.ts")).verify(file, options)),
    );
}

/** An option that may come several times; unlike a variadic one it never swallows the argument that follows it. */
function repeated(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
