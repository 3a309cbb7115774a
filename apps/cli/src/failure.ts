/** How an offline command ends when it can't do its work: one line on stderr and an exit code scripts can rely on. */
import { Problem } from "@holdfast/kernel";
import { EXIT } from "./exit.ts";

/** Something outside the data that the command can't go on from. */
export class Failure extends Error {
  readonly exit: number;

  constructor(exit: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.exit = exit;
  }
}

/** `work` as a command's action: a Problem ends with 65, a Failure with its own code. */
export function ending<Words extends unknown[]>(
  work: (...words: Words) => Promise<void>,
): (...words: Words) => Promise<void> {
  return async (...words) => {
    try {
      await work(...words);
    } catch (error) {
      if (!(error instanceof Problem) && !(error instanceof Failure)) throw error;
      console.error(`holdfast: ${error.message}${error instanceof Problem ? ` (${error.code})` : ""}`);
      process.exitCode = error instanceof Failure ? error.exit : EXIT.badData;
    }
  };
}

let isListening = false;

/** Writes to stdout and waits where the reader is slower; a reader that went away ends the command quietly. */
export async function print(text: string): Promise<void> {
  if (!isListening) {
    process.stdout.on("error", (error) => {
      if ("code" in error && error.code === "EPIPE") process.exit(EXIT.ok);
      throw error;
    });
    isListening = true;
  }
  if (process.stdout.write(text)) return;
  await new Promise<void>((done) => process.stdout.once("drain", done));
}
