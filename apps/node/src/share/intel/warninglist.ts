/**
 * Warninglists in the form of MISP: values that are mostly innocent or say nothing. A hit flags and blocks what would act
 * by itself; it deletes nothing. Exact, host names with their parents, networks, substrings, and regular expressions that
 * run in linear time. Refuses what is no such list; an entry that cannot be read is left out and counted. Pure.
 */
import { Problem } from "@holdfast/kernel";
import { compileRegex, parseNet } from "@holdfast/stix";

export const WARNINGLIST_TYPES = ["string", "substring", "hostname", "cidr", "regex"] as const;
export const WARNINGLIST_ENTRIES_MAX = 2_000_000; // a list of a million domains with room to spare
const SUBSTRINGS_MAX = 10_000; // looked for one after the other
const REGEXES_MAX = 1_000; // as above

export interface WarninglistHead {
  readonly name: string;
  readonly type: (typeof WARNINGLIST_TYPES)[number];
  readonly version: string;
  readonly description: string;
  readonly entries: readonly string[];
}

/** @throws Problem `intel/not-a-document` */
export function readWarninglist(value: unknown): WarninglistHead {
  const refused = (why: string) => new Problem("intel/not-a-document", `a warninglist ${why}`);
  if (typeof value !== "object" || value === null) throw refused("is an object");
  const { name, type, version, description, list } = value as Readonly<Record<string, unknown>>; // any object may be asked
  const known = WARNINGLIST_TYPES.find((each) => each === type);
  if (typeof name !== "string" || name.trim() === "" || name.length > 300) throw refused("has a `name`");
  if (known === undefined) throw refused(`is of a type among ${WARNINGLIST_TYPES.join(", ")}`);
  if (!Array.isArray(list) || list.length > WARNINGLIST_ENTRIES_MAX)
    throw refused(`has a \`list\` of at most ${WARNINGLIST_ENTRIES_MAX} entries`);
  const limit = known === "substring" ? SUBSTRINGS_MAX : known === "regex" ? REGEXES_MAX : WARNINGLIST_ENTRIES_MAX;
  if (list.length > limit) throw refused(`of the type ${known} has at most ${limit} entries`);
  return {
    name: name.trim(),
    type: known,
    version: typeof version === "number" || typeof version === "string" ? String(version) : "0",
    description: typeof description === "string" ? description.slice(0, 2_000) : "",
    entries: list.flatMap((entry) => (typeof entry === "string" && entry.trim() !== "" ? [entry.trim()] : [])),
  };
}

/** Whether a value stands on a list. */
export type WarningTest = (value: string) => boolean;

export function compileWarninglist({ type, entries }: WarninglistHead): WarningTest {
  switch (type) {
    case "string": {
      const all = new Set(entries.map((entry) => entry.toLowerCase()));
      return (value) => all.has(value.toLowerCase());
    }
    case "hostname": {
      const all = new Set(entries.map(hostOf));
      return (value) => {
        const labels = hostOf(value).split(".");
        return labels.some((_, i) => all.has(labels.slice(i).join(".")));
      };
    }
    case "cidr":
      return cidrTest(entries);
    case "substring": {
      const all = entries.map((entry) => entry.toLowerCase());
      return (value) => all.some((entry) => value.toLowerCase().includes(entry));
    }
    case "regex": {
      const all = entries.flatMap((entry) => {
        const compiled = compileRegex(regexOf(entry), "text");
        return compiled.ok ? [compiled.value] : [];
      });
      return (value) => all.some((regex) => regex.search(value) !== false); // undecided is for a person, as a hit is
    }
  }
}

function hostOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, "")
    .replace(/[/:?#].*$/, "")
    .replace(/^\.|\.$/g, "");
}

/** `/…/i` as the lists write it, or the bare expression; in the form of PCRE. */
function regexOf(entry: string): string {
  const match = /^\/(.*)\/([a-z]*)$/s.exec(entry);
  return match ? `${match[2]?.includes("i") ? "(?i)" : ""}${match[1] ?? ""}` : entry;
}

/** Networks by their length and first address: one look-up for each length that occurs. */
function cidrTest(entries: readonly string[]): WarningTest {
  const lengths = new Set<string>();
  const nets = new Set<string>();
  for (const entry of entries) {
    const net = parseNet(entry);
    if (!net) continue;
    lengths.add(`${net.bits}/${net.length}`);
    nets.add(`${net.bits}/${net.length}/${net.first}`);
  }
  return (value) => {
    const net = parseNet(value);
    if (!net) return false;
    return [...lengths].some((key) => {
      const [bits = 0, length = 0] = key.split("/").map(Number);
      if (bits !== net.bits || length > net.length) return false;
      const hostBits = BigInt(bits - length);
      return nets.has(`${key}/${(net.first >> hostBits) << hostBits}`);
    });
  };
}
