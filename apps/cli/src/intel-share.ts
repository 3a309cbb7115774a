/**
 * `holdfast intel share ID… --to PARTY`: prints exactly what would leave, to whom, under which clause, what was removed and
 * why; without `--dry-run` it then shares, with the undo window. Exit codes: 0 done, 1 nothing of it may leave, 64 usage,
 * 69 the node is away, 77 it refuses.
 */
import { agreement } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { type Command, InvalidArgumentError, Option } from "commander";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";
import { nodeClient } from "./node-client.ts";
import { endingAtNode, type NodeOptions, withNode } from "./node-command.ts";

interface ShareOptions extends NodeOptions {
  readonly to: string;
  readonly purpose: (typeof agreement.PURPOSES)[number];
  readonly undo: number;
  readonly dryRun?: true;
  readonly json?: true;
}

/** Adds `share` to the verb group `intel`. */
export function addIntelShare(intel: Command): void {
  withNode(intel.command("share").description("share objects with a party of an agreement, or show what would leave"))
    .argument("<ids...>", "ids of STIX objects that the node has")
    .requiredOption("--to <party>", "the party's short name in the agreement")
    .addOption(
      new Option("--purpose <purpose>", "what the party may use it for")
        .choices(agreement.PURPOSES)
        .default("awareness"),
    )
    .option("--undo <seconds>", "how long it can be taken back", seconds, agreement.UNDO_SECONDS)
    .option("--dry-run", "show what would leave; nothing does")
    .option("--json", "as JSON")
    .action(endingAtNode(shareObjects));
}

async function shareObjects(ids: string[], options: ShareOptions): Promise<void> {
  const client = nodeClient(options);
  const wish = { objects: ids, recipient: options.to, purpose: options.purpose };
  const previewed = await client.call(agreement.previewShare, { body: wish }).catch((error: unknown) => {
    if (!(error instanceof Problem) || !error.code.startsWith("agreement/")) throw error;
    throw new Failure(EXIT.negative, `${error.message} (${error.code})`, error);
  });
  if (options.json && options.dryRun) return print(`${JSON.stringify(previewed.body, undefined, 2)}\n`);
  if (!options.json) await print(`${previewText(previewed.body)}\n`);
  if (options.dryRun) return;
  const shared = await client.call(agreement.startShare, { body: { ...wish, undoSeconds: options.undo } });
  await print(
    options.json
      ? `${JSON.stringify(shared.body, undefined, 2)}\n`
      : `share ${shared.body.id} leaves at ${shared.body.placeAt}, unless it is taken back\n`,
  );
}

/** The preview as a person reads it. */
export function previewText({
  recipient,
  purpose,
  agreement: terms,
  clause,
  objects,
  withheld,
  sha256,
}: agreement.Preview): string {
  return [
    `to ${recipient.name} (${recipient.id}) for ${purpose}`,
    `under “${terms.title}”, version ${terms.version}, clauses ${clause}`,
    ...objects.flatMap(({ original, id, tlp, label, asked, fields }) => [
      `${asked ? "leaves" : "along"}  ${id}  TLP:${tlp.toUpperCase()}  ${label}`,
      ...(original === id ? [] : [`        instead of ${original}`]),
      ...fields.map(({ selector, action, reason }) => `        ${action} ${selector}: ${reason}`),
    ]),
    ...withheld.map(({ id, rule, reason }) => `stays   ${id}  ${rule}: ${reason}`),
    `sha256 of what leaves ${sha256}`,
  ].join("\n");
}

function seconds(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0 || number > agreement.UNDO_SECONDS_MAX)
    throw new InvalidArgumentError(`a whole number of seconds up to ${agreement.UNDO_SECONDS_MAX}`);
  return number;
}
