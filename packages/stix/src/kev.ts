/**
 * The catalogue of known exploited vulnerabilities (CISA KEV). Invariant: a CVE is there once; `count` is what it says.
 * An entry raises the priority of a match by CVE and is no match by itself. Entries can be removed: releases are compared.
 */
import { fail, ok, type Result } from "@holdfast/kernel";
import { isRecord } from "./object-type.ts";
import type { StixCode } from "./problem-code.ts";

/** Entries of one catalogue; there were 1,404 in 2025. */
export const MAX_KEV_ENTRIES = 200_000;

export interface KevEntry {
  readonly cve: string;
  readonly vendor: string;
  readonly product: string;
  readonly name: string;
  /** Calendar day, `YYYY-MM-DD`. */
  readonly addedOn: string;
  readonly description: string;
  readonly requiredAction: string;
  /** Binds US federal agencies only. */
  readonly dueOn: string;
  readonly isUsedByRansomware: boolean;
  readonly notes: string;
  readonly cwes: readonly string[];
}

export interface KevCatalogue {
  readonly version: string;
  readonly releasedAt: string;
  /** By CVE. */
  readonly entries: ReadonlyMap<string, KevEntry>;
}

/** The catalogue in `document`, a parsed JSON value. */
export function readKev(document: unknown): Result<KevCatalogue, StixCode> {
  if (!isRecord(document)) return fail("stix/kev", "expected a catalogue object");
  const { catalogVersion: version, dateReleased: releasedAt, count, vulnerabilities } = document;
  if (typeof version !== "string" || typeof releasedAt !== "string")
    return fail("stix/kev", "a catalogue has a `catalogVersion` and a `dateReleased`");
  if (!Array.isArray(vulnerabilities)) return fail("stix/kev", "`vulnerabilities` of a catalogue is a list");
  if (vulnerabilities.length > MAX_KEV_ENTRIES)
    return fail("stix/kev", `a catalogue has at most ${MAX_KEV_ENTRIES} entries`);
  if (count !== vulnerabilities.length)
    return fail(
      "stix/kev",
      `\`count\` says \`${String(count)}\`, and there are ${vulnerabilities.length} entries: the file is torn`,
    );
  const entries = new Map<string, KevEntry>();
  for (const [i, value] of vulnerabilities.entries()) {
    const entry = readEntry(value);
    if (typeof entry === "string") return fail("stix/kev", `/vulnerabilities/${i}: ${entry}`);
    if (entries.has(entry.cve)) return fail("stix/kev", `/vulnerabilities/${i}: \`${entry.cve}\` is there twice`);
    entries.set(entry.cve, entry);
  }
  return ok({ version, releasedAt, entries });
}

export interface KevDifference {
  readonly added: readonly KevEntry[];
  readonly changed: readonly KevEntry[];
  /** Entries of the older release that the newer one has no more. */
  readonly removed: readonly KevEntry[];
}

/** What changed from one release to the next, in the order of their entries. */
export function compareKev(older: KevCatalogue, newer: KevCatalogue): KevDifference {
  const entries = [...newer.entries.values()];
  return {
    added: entries.filter(({ cve }) => !older.entries.has(cve)),
    changed: entries.filter(
      (entry) => older.entries.has(entry.cve) && JSON.stringify(older.entries.get(entry.cve)) !== JSON.stringify(entry),
    ),
    removed: [...older.entries.values()].filter(({ cve }) => !newer.entries.has(cve)),
  };
}

/** The entry, or what is wrong with it. */
function readEntry(value: unknown): KevEntry | string {
  if (!isRecord(value)) return "expected an object";
  const missing = TEXTS.find((name) => typeof value[name] !== "string");
  if (missing !== undefined) return `\`${missing}\` is missing`;
  const text = (name: (typeof TEXTS)[number]): string => String(value[name]);
  if (!/^CVE-\d{4}-\d{4,19}$/.test(text("cveID"))) return "`cveID` is no CVE identifier";
  if (!isDay(text("dateAdded")) || !isDay(text("dueDate"))) return "`dateAdded` and `dueDate` are days `YYYY-MM-DD`";
  const { knownRansomwareCampaignUse: ransomware = "Unknown", cwes = [], notes } = value;
  if (ransomware !== "Known" && ransomware !== "Unknown") return "`knownRansomwareCampaignUse` is `Known` or `Unknown`";
  if (!Array.isArray(cwes) || !cwes.every((cwe) => typeof cwe === "string")) return "`cwes` is a list of texts";
  return {
    cve: text("cveID"),
    vendor: text("vendorProject"),
    product: text("product"),
    name: text("vulnerabilityName"),
    addedOn: text("dateAdded"),
    description: text("shortDescription"),
    requiredAction: text("requiredAction"),
    dueOn: text("dueDate"),
    isUsedByRansomware: ransomware === "Known",
    notes: typeof notes === "string" ? notes : "",
    cwes,
  };
}

const TEXTS = [
  "cveID",
  "vendorProject",
  "product",
  "vulnerabilityName",
  "dateAdded",
  "shortDescription",
  "requiredAction",
  "dueDate",
] as const;

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}
