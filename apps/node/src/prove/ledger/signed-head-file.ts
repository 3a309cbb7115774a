/**
 * The last head that was signed, in a file outside the database: what tells a restored backup from the truth. Written and
 * synced before a checkpoint is released, and replaced by a rename, so it is whole or not there. One that cannot be read
 * counts as absent, and then the start-up check asks for other evidence.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { sha256 } from "./native-crypto.ts";

export interface SignedHead {
  readonly size: number;
  /** Hex. */
  readonly root: string;
  readonly signedAt: string;
}

const line = z.strictObject({ size: z.int(), root: z.string().length(64), signedAt: z.iso.datetime() });

export interface SignedHeadFile {
  read(): SignedHead | undefined;
  write(head: SignedHead): void;
}

/** The file of the log `origin` in `folder`. */
export function openSignedHeadFile(folder: string, origin: string): SignedHeadFile {
  const path = join(folder, `${Buffer.from(sha256(Buffer.from(origin))).toString("hex")}.last-signed`);
  return {
    read: () => {
      const text = textOf(path);
      if (text === undefined) return undefined;
      const parsed = line.safeParse(jsonOf(text));
      return parsed.success ? parsed.data : undefined;
    },
    write: (head) => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const file = openSync(`${path}.new`, "w", 0o600);
      try {
        writeSync(file, `${JSON.stringify(head)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(`${path}.new`, path); // whole or not at all
      const directory = openSync(dirname(path), "r");
      fsyncSync(directory);
      closeSync(directory);
    },
  };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
