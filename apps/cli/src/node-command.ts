/** What commands that ask a node have in common: how they are told which, and the exit codes of an absent or refusing one. */
import { Problem } from "@holdfast/kernel";
import type { Command } from "commander";
import { EXIT } from "./exit.ts";
import { ending, Failure } from "./failure.ts";

export interface NodeOptions {
  readonly url?: string;
  readonly token?: string;
}

export const DEFAULT_URL = "http://localhost:8420";

/** Adds `--url` and `--token`. */
export function withNode(command: Command): Command {
  return command
    .option("--url <url>", `the node (HOLDFAST_URL; ${DEFAULT_URL} when absent)`)
    .option("--token <token>", "an API token with the rights that this needs (HOLDFAST_TOKEN)");
}

/** As `ending`, with exit codes for a node that is away (69) and one that refuses (77). */
export function endingAtNode<Words extends unknown[]>(
  work: (...words: Words) => Promise<void>,
): (...words: Words) => Promise<void> {
  return ending(async (...words) => {
    try {
      await work(...words);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const exit = exitOf(error);
      throw exit === undefined ? error : new Failure(exit, `${error.message} (${error.code})`, error);
    }
  });
}

function exitOf({ code }: Problem): number | undefined {
  if (code === "client/unreachable" || code === "http/unavailable") return EXIT.unavailable;
  return code.startsWith("access/") ? EXIT.refused : undefined;
}
