/** One node process for a home folder: a lock file with the owner's pid, taken over when that process is gone. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "@holdfast/kernel";

/** Takes the lock. @returns what gives it back. @throws Problem `home/in-use` with the pid that has it */
export function lockHome(home: string): () => void {
  mkdirSync(home, { recursive: true });
  const file = join(home, "node.pid");
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: "wx", mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      const pid = Number(readFileSync(file, "utf8"));
      if (isHoldfast(pid))
        throw new Problem(
          "home/in-use",
          `\`${home}\` is in use by process \`${pid}\`: stop it, or choose another --home`,
          { detail: { home, pid } },
        );
      rmSync(file, { force: true });
    }
  }
  throw new Problem("home/in-use", `another process is starting in \`${home}\``);
}

/** Pids are reused, so the process must also look like a node. */
function isHoldfast(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  const commandLine = `/proc/${pid}/cmdline`;
  return !existsSync(commandLine) || readFileSync(commandLine, "utf8").includes("node");
}
