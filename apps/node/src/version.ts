/** The program's version, from the one place that says it. */
import { readFileSync } from "node:fs";

const manifest = new URL("../../../package.json", import.meta.url);
const parsed: unknown = JSON.parse(readFileSync(manifest, "utf8"));

export const VERSION =
  typeof parsed === "object" && parsed !== null && "version" in parsed ? String(parsed.version) : "unknown";
