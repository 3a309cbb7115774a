/** How a `supply` command ends when it can't do its work: one line on stderr and an exit code scripts can rely on. */
import { Problem } from "@holdfast/kernel";
import { EXIT } from "./exit.ts";

/** Something outside the data that the command can't go on from. */
export class SupplyFailure extends Error {
  readonly exit: number;

  constructor(exit: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.exit = exit;
  }
}

/** `work` as a command's action: a Problem ends with 65 (64 for an option), a SupplyFailure with its own code. */
export function guarded<Options>(work: (options: Options) => Promise<void>): (options: Options) => Promise<void> {
  return async (options) => {
    try {
      await work(options);
    } catch (error) {
      if (error instanceof Problem) {
        console.error(`holdfast: ${error.message} (${error.code})`);
        process.exitCode = error.code === "supply/option-invalid" ? EXIT.usage : EXIT.badData;
      } else if (error instanceof SupplyFailure) {
        console.error(`holdfast: ${error.message}`);
        process.exitCode = error.exit;
      } else throw error;
    }
  };
}
