/** What `holdfast ledger` does: reads a log or a checkpoint, judges, prints, and sets the exit code. */
import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { SingleBar } from "cli-progress";
import { unwrap } from "@holdfast/kernel";
import {
  fsck,
  type FsckReport,
  latin1HashInto,
  type NoteKey,
  openNote,
  parseCheckpoint,
  parseNote,
  parseVkey,
} from "@holdfast/tlog";
import {
  type Claim,
  instant,
  notChecked,
  notProven,
  proven,
  quoted,
  verdictOf,
  verdictText,
} from "./evidence-claim.ts";
import { readEvidence } from "./evidence-input.ts";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";
import { ledgerReader } from "./ledger-reader.ts";

const NOTICE_MS = 5_000; // between the lines of a run without a terminal

export interface FsckCommandOptions {
  readonly vkey?: readonly string[];
  readonly json?: boolean;
}

export interface CheckpointOptions {
  readonly vkey: readonly string[];
  readonly json?: boolean;
}

/** Prints what fsck finds. @throws Failure when the log can't be read */
export async function checkLog(place: string, options: FsckCommandOptions): Promise<void> {
  const isUrl = /^https?:\/\//i.test(place);
  if (!isUrl && !existsSync(place)) throw new Failure(EXIT.noInput, `\`${place}\` is no folder`);
  const keys = options.vkey?.map(keyOf);
  const shown = progress();
  let report: FsckReport;
  try {
    report = await fsck(ledgerReader(place), {
      ...(keys === undefined ? {} : { keys }),
      hash: latin1HashInto((input) => hash("sha256", input, "binary")),
      progress: (done, total) => shown.update(done, total),
    });
  } finally {
    shown.stop();
  }
  await print(options.json ? `${reportJson(report)}\n` : reportText(place, report));
  process.exitCode = report.findingCount === 0 ? EXIT.ok : EXIT.negative;
}

function reportText(place: string, report: FsckReport): string {
  const { checkpoint, entries, tiles, findings, findingCount } = report;
  const lines = findings.map(({ kind, path, message }) => `${kind}  ${path}  ${message}`);
  if (findingCount > findings.length) lines.push(`… and ${findingCount - findings.length} more`);
  if (checkpoint !== undefined)
    lines.push(
      `${quoted(checkpoint.origin)}: ${checkpoint.size} entries, entries read ${entries}, tiles recomputed ${tiles}`,
    );
  lines.push(`checkpoint signature: ${report.signature}${report.signature === "not checked" ? " (give --vkey)" : ""}`);
  lines.push(
    `verdict: ${findingCount === 0 ? "sound" : `${findingCount} difference${findingCount === 1 ? "" : "s"}`} in ${quoted(place)}`,
  );
  return `${lines.join("\n")}\n`;
}

function reportJson(report: FsckReport): string {
  const { checkpoint, root, ...rest } = report;
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const shown = {
    sound: report.findingCount === 0,
    ...(checkpoint === undefined ? {} : { checkpoint: { ...checkpoint, root: hex(checkpoint.root) } }),
    ...(root === undefined ? {} : { root: hex(root) }),
    ...rest,
  };
  // sizes are text, because JSON's readers round past 2^53
  return JSON.stringify(shown, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value), 2);
}

/** Prints who signed the checkpoint. @throws Problem when it is malformed */
export async function verifyCheckpoint(file: string, options: CheckpointOptions): Promise<void> {
  const keys = options.vkey.map(keyOf);
  const bytes = readEvidence(file);
  const note = unwrap(parseNote(bytes));
  const opened = openNote(bytes, keys);
  const claims: Claim[] = [];
  if (!opened.ok) claims.push(notProven(`the checkpoint: ${opened.problem.message}`));
  else {
    const { origin, size, root } = unwrap(parseCheckpoint(note.text));
    for (const key of keys) {
      const signature = opened.value.verified.find((one) => one.key === key);
      const when = signature?.timestamp === undefined ? "" : `, by its clock at ${instant(signature.timestamp)}`;
      const claim = `${quoted(key.name)} (key ${key.keyId}) signed the tree of ${size} entries of ${quoted(origin)}`;
      claims.push(
        signature === undefined
          ? notProven(claim)
          : proven(`${claim}, root ${Buffer.from(root).toString("hex")}${when}`),
      );
    }
  }
  const verdict = verdictOf(claims, notChecked("what is in the tree: inclusion proofs and fsck show that"));
  await print(options.json ? `${JSON.stringify(verdict, null, 2)}\n` : verdictText(verdict));
  process.exitCode = verdict.verdict === "proven" ? EXIT.ok : EXIT.negative;
}

function keyOf(vkey: string): NoteKey {
  const key = parseVkey(vkey);
  if (!key.ok) throw new Failure(EXIT.usage, `--vkey: ${key.problem.message}`);
  return key.value;
}

interface Progress {
  update(done: bigint, total: bigint): void;
  stop(): void;
}

/** On stderr: a bar for a terminal, and a line every few seconds for a log file. */
function progress(): Progress {
  const start = performance.now();
  const rateOf = (done: bigint) => Math.round((1_000 * Number(done)) / Math.max(performance.now() - start, 1));
  if (!process.stderr.isTTY) {
    let noticed = start;
    return {
      update(done, total) {
        if (performance.now() - noticed < NOTICE_MS) return;
        noticed = performance.now();
        const left = Math.round(Number(total - done) / Math.max(rateOf(done), 1));
        console.error(`${done} of ${total} entries, ${rateOf(done)}/s, about ${left} s left`);
      },
      stop() {},
    };
  }
  const bar = new SingleBar({ format: "{bar} {percentage}% {value}/{total} entries, {rate}/s, {eta_formatted} left" });
  return {
    update(done, total) {
      if (!bar.isActive) bar.start(Number(total), 0, { rate: 0 });
      bar.update(Number(done), { rate: rateOf(done) });
    },
    stop: () => bar.stop(),
  };
}
