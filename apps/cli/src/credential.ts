/**
 * `holdfast credential …`: verify, issue and present credentials without a server. Exit codes: 0 valid or done, 1 invalid,
 * 64 usage, 65 not a credential, 66 a file cannot be read, 69 not checked: something that it rests on was not given.
 */
import { type Command, Option } from "commander";
import type { IssueOptions } from "./credential-issue.ts";
import type { VerifyOptions } from "./credential-verify.ts";
import type { PresentOptions } from "./credential-issue.ts";
import { ending } from "./failure.ts";

export function addCredential(program: Command): void {
  const credential = program.command("credential").description("verify, issue and present verifiable credentials");
  credential
    .command("verify")
    .description("check one credential, part by part; asks no network")
    .argument("<file>", "vc+jwt, vc+sd-jwt, dc+sd-jwt, an envelope of one, or JSON with a Data Integrity proof")
    .option("--at <time>", "when it is to be valid; now where absent")
    .option("--did <file>", "the DID document of an issuer, may be repeated", repeated)
    .option("--status <file>", "a status list credential, may be repeated", repeated)
    .option("--audience <name>", "of a presentation: whom it is to be for; needs --nonce")
    .option("--nonce <text>", "of a presentation: the nonce that was asked for; needs --audience")
    .option("--json", "as JSON, with the claims")
    .action(
      // loaded when it is used, so that no other command waits for the cryptography
      ending(async (file: string, options: VerifyOptions) =>
        (await import("./credential-verify.ts")).verify(file, options),
      ),
    );
  credential
    .command("validate")
    .description(
      "print `valid` or `invalid`, a tab and the path, one line for each file: the form alone, VC 2.0 and UNTP 0.7",
    )
    .argument("<files...>", "credentials, signed or not")
    .option("--explain", "below each line: where, which rule and why")
    .action(
      ending(async (files: readonly string[], options: { explain?: true }) =>
        (await import("./credential-verify.ts")).validate(files, options),
      ),
    );
  credential
    .command("issue")
    .description("sign a credential; the issuer is the did:key of the key unless --kid names another")
    .argument("<file>", "the credential in JSON, without a proof")
    .requiredOption("--key <file>", "private key in PEM, Ed25519 or P-256 (`openssl genpkey -algorithm ed25519`)")
    .option("--kid <did-url>", "the key's DID URL, such as did:web:mine.example#key-1")
    .addOption(
      new Option("--securing <form>", "how it is signed")
        .choices(["vc+jwt", "eddsa-jcs-2022", "sd-jwt"])
        .default("vc+jwt"),
    )
    .option("--conceal <pointer>", "of sd-jwt: a JSON Pointer that the holder may withhold, may be repeated", repeated)
    .option("--decoys <count>", "of sd-jwt: digests of nothing beside the concealed members", "3")
    .option("--holder <did>", "of sd-jwt: the did:key of the holder, who then signs each presentation")
    .option("-o, --output <file>", "where to write it; stdout where absent")
    .action(
      ending(async (file: string, options: IssueOptions) =>
        (await import("./credential-issue.ts")).issue(file, options),
      ),
    );
  credential
    .command("present")
    .description("show a part of an SD-JWT: only what --show names, signed by its holder where --key is given")
    .argument("<file>", "the SD-JWT as it was issued")
    .option("--show <pointer>", "a JSON Pointer to show, may be repeated", repeated)
    .option("--key <file>", "the holder's private key in PEM; needs --audience and --nonce")
    .option("--audience <name>", "whom it is for")
    .option("--nonce <text>", "what the verifier asked for")
    .option("-o, --output <file>", "where to write it; stdout where absent")
    .action(
      ending(async (file: string, options: PresentOptions) =>
        (await import("./credential-issue.ts")).present(file, options),
      ),
    );
}

/** An option that may come several times; unlike a variadic one it never swallows the argument that follows it. */
function repeated(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
