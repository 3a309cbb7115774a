/**
 * Lengths of GS1 company prefixes, which a Digital Link does not show. The table is data that an operator loads: GS1's
 * own `gcpprefixformatlist.json`, or lines of `prefix,length`. Invariant: the longest matching entry decides, length 0
 * means that no prefix is assigned there, and what no entry matches is unknown, never guessed.
 */
import { isObject } from "./event.ts";
import { parseJson } from "./json-text.ts";
import { GCP_LENGTH_MAX, GCP_LENGTH_MIN } from "./gs1-key.ts";
import { parseUrn } from "./epc-urn.ts";
import { excerpt, refusal } from "./refusal.ts";

const ENTRIES_MAX = 2_000_000; // far above GS1's list; bounds the memory of a hostile table

export interface PrefixLengths {
  /** The length of the company prefix that `digits` start with. */
  lengthOf(digits: string): number | undefined;
}

/** A table that knows nothing. */
export const NO_PREFIX_LENGTHS: PrefixLengths = { lengthOf: () => undefined };

/** A table of `prefix` to length. */
export function prefixLengths(entries: Iterable<readonly [prefix: string, length: number]>): PrefixLengths {
  const table = new Map<string, number>();
  let longest = 0;
  for (const [prefix, length] of entries) {
    if (!/^\d{1,12}$/.test(prefix) || !(length === 0 || (length >= GCP_LENGTH_MIN && length <= GCP_LENGTH_MAX)))
      throw refusal("epcis/bad-prefix-table", `\`${excerpt(prefix)},${length}\` is no company prefix and length`);
    table.set(prefix, length);
    longest = Math.max(longest, prefix.length);
    if (table.size > ENTRIES_MAX)
      throw refusal("epcis/bad-prefix-table", `the table has more than ${ENTRIES_MAX} entries`);
  }
  return {
    lengthOf(digits) {
      for (let i = Math.min(longest, digits.length); i > 0; i--) {
        const length = table.get(digits.slice(0, i));
        if (length !== undefined) return length === 0 ? undefined : length;
      }
      return undefined;
    },
  };
}

/** The table of a file's text: GS1's JSON list, or lines `prefix,length` with `#` comments. @throws Problem `epcis/bad-prefix-table` */
export function parsePrefixTable(text: string): PrefixLengths {
  if (!text.trimStart().startsWith("{")) {
    const lines = text.split(/\r?\n/).filter((line) => /^\s*[^#\s]/.test(line));
    return prefixLengths(
      lines.map((line) => {
        const [prefix = "", length = ""] = line.split(/[,;\t]/).map((field) => field.trim());
        return [prefix, /^\d{1,2}$/.test(length) ? Number(length) : Number.NaN] as const;
      }),
    );
  }
  const root = parseJson(text);
  const list = isObject(root) ? root["GCPPrefixFormatList"] : undefined;
  const entries = isObject(list) ? list["entry"] : undefined;
  if (!Array.isArray(entries)) throw refusal("epcis/bad-prefix-table", "the table has no `GCPPrefixFormatList.entry`");
  return prefixLengths(
    entries.map((entry: unknown) => {
      if (!isObject(entry)) throw refusal("epcis/bad-prefix-table", "an entry of the table is no object");
      return [String(entry["prefix"]), Number(entry["gcpLength"])] as const;
    }),
  );
}

/** What the URNs among `ids` say about their own company prefixes. */
export function prefixLengthsOf(ids: Iterable<string>): PrefixLengths {
  const lengths = new Map<string, number>();
  for (const id of ids) {
    const parsed = parseUrn(id);
    if (parsed && "id" in parsed) lengths.set(parsed.id.prefix, parsed.id.prefix.length);
  }
  return prefixLengths(lengths);
}

/** The first table that knows decides. */
export function firstOf(...tables: readonly PrefixLengths[]): PrefixLengths {
  return {
    lengthOf(digits) {
      for (const table of tables) {
        const length = table.lengthOf(digits);
        if (length !== undefined) return length;
      }
      return undefined;
    },
  };
}
