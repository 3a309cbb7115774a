/** A reporter of node:test: which files took longest, so that a slow one is seen before the whole is slow. */
import { relative, resolve } from "node:path";
import type { TestEvent } from "node:test/reporters";

const SHOWN = 15;
const SECONDS_MIN = 3; // a file that takes less is nobody's trouble

export default async function* slowFiles(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const taken = new Map<string, number>();
  for await (const { type, data } of events) {
    if ((type !== "test:pass" && type !== "test:fail") || data.nesting !== 0 || data.file === undefined) continue;
    const file = relative(resolve(import.meta.dirname, ".."), data.file);
    taken.set(file, (taken.get(file) ?? 0) + data.details.duration_ms / 1_000);
  }
  const slowest = [...taken].filter(([, seconds]) => seconds >= SECONDS_MIN).sort((a, b) => b[1] - a[1]);
  if (slowest.length > 0) yield "the slowest files:\n";
  for (const [file, seconds] of slowest.slice(0, SHOWN)) yield `  ${seconds.toFixed(1).padStart(6)} s  ${file}\n`;
}
