/** What `holdfast dossier redact` does: withholds what was named, and writes what still opens under the same seal. */
import { writeFileSync } from "node:fs";
import { MAX_DOSSIER_BYTES, openDossier, redactDossier } from "@holdfast/credential";
import { readEvidence } from "./evidence-input.ts";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";

export interface RedactOptions {
  readonly output: string;
  readonly withhold?: readonly string[];
  readonly withholdPart?: readonly string[];
  readonly withholdMember?: readonly string[];
}

/** @throws Failure or Problem when the words or the file are not right */
export async function redact(file: string, options: RedactOptions): Promise<void> {
  const { output, withhold = [], withholdPart = [], withholdMember = [] } = options;
  if (withhold.length + withholdPart.length + withholdMember.length === 0)
    throw new Failure(EXIT.usage, "say what to withhold: --withhold, --withhold-part or --withhold-member");
  const wrong = withholdPart.find((number) => !/^[1-9]\d{0,5}$/.test(number));
  if (wrong !== undefined) throw new Failure(EXIT.usage, `\`${wrong}\` is not the number of a part`);
  const redacted = redactDossier(readEvidence(file, MAX_DOSSIER_BYTES), {
    part: ({ kind }, index) => withhold.includes(kind) || withholdPart.includes(String(index + 1)),
    member: (_part, name) => withholdMember.includes(name),
  });
  writeFileSync(output, redacted);
  const { parts } = openDossier(redacted);
  const count = parts.filter((part) => "digest" in part).length;
  await print(`${output}: ${parts.length} parts, ${count} withheld\n`);
}
