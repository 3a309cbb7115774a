/**
 * Reads a JSON body (RFC 8259) with limits that a hostile one cannot pass: well-formed UTF-8, depth before parsing, no
 * prototype keys, and no name twice in one object, of which each reader would believe another (RFC 7493, 2.1 and 2.3).
 */
import { Problem } from "@holdfast/kernel";

export const JSON_DEPTH_MAX = 64; // deeper than any contract of this API; bounds every recursion behind it

/** @throws Problem `http/not-utf8`, `http/not-json`, `http/body-too-deep` or `http/duplicate-name` */
export function parseJsonBody(body: Uint8Array): unknown {
  const text = decoded(body);
  const names = new NameCheck();
  scan(text, names);
  try {
    const value: unknown = names.hasProto
      ? JSON.parse(text, (key, member: unknown) => (key === "__proto__" ? undefined : member))
      : JSON.parse(text);
    if (names.twice !== undefined)
      throw new Problem("http/duplicate-name", `an object of the body has the name \`${names.twice}\` twice`);
    return value;
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem("http/not-json", "the body is not JSON", { cause });
  }
}

function decoded(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body); // a byte order mark stays, and is no JSON
  } catch (cause) {
    throw new Problem("http/not-utf8", "the body is not well-formed UTF-8", { cause });
  }
}

const FEW_NAMES = 8; // up to here looking through a list is faster than a set
const SHOWN_LENGTH = 80;

/** The names of each open object, kept by depth, so that no object needs lists of its own. */
class NameCheck {
  hasProto = false;
  /** The first name that its object has twice, shortened. */
  twice: string | undefined;
  readonly #few: string[][] = [];
  readonly #many: (Set<string> | undefined)[] = [];

  open(depth: number): void {
    const few = this.#few[depth];
    if (few) few.length = 0;
    else this.#few[depth] = [];
    this.#many[depth] = undefined;
  }

  add(depth: number, name: string): void {
    if (name === "__proto__") this.hasProto = true;
    const few = this.#few[depth];
    if (!few || this.twice !== undefined) return;
    const many = this.#many[depth];
    if (many ? many.has(name) : few.includes(name))
      this.twice = name
        .slice(0, SHOWN_LENGTH)
        .toWellFormed()
        .replace(/\p{Cc}/gu, " ");
    else if (many) many.add(name);
    else if (few.push(name) > FEW_NAMES) this.#many[depth] = new Set(few);
  }
}

const [QUOTE, BACKSLASH, COLON, OPEN_OBJECT, OPEN_ARRAY, CLOSE_OBJECT, CLOSE_ARRAY] = [
  0x22, 0x5c, 0x3a, 0x7b, 0x5b, 0x7d, 0x5d,
];

/** One pass before parsing: refuses depth, and notes names. Outside strings a colon stands only behind a name. */
function scan(text: string, names: NameCheck): void {
  let depth = 0;
  let [start, end, isEscaped] = [0, 0, false]; // of the last string
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      start = i + 1;
      isEscaped = false;
      for (i = start; i < text.length; i++) {
        const inner = text.charCodeAt(i);
        if (inner === QUOTE) break;
        if (inner === BACKSLASH) {
          isEscaped = true;
          i += 1;
        }
      }
      end = i;
    } else if (code === COLON) {
      names.add(depth, isEscaped ? unescaped(text.slice(start - 1, end + 1)) : text.slice(start, end));
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      depth += 1;
      if (depth > JSON_DEPTH_MAX)
        throw new Problem("http/body-too-deep", `the body nests more than \`${JSON_DEPTH_MAX}\` levels deep`);
      if (code === OPEN_OBJECT) names.open(depth);
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth -= 1;
  }
}

/** What an escaped name says: `"a"` and `"\u0061"` are one. @throws Problem `http/not-json` */
function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch (cause) {
    throw new Problem("http/not-json", "the body is not JSON", { cause });
  }
}
