/** Reads a JSON body with limits that a hostile one cannot pass: depth before parsing, no prototype keys. */
import { Problem } from "@holdfast/kernel";

export const JSON_DEPTH_MAX = 64; // deeper than any contract of this API; bounds every recursion behind it

/** @throws Problem `http/not-json` or `http/body-too-deep` */
export function parseJsonBody(text: string): unknown {
  const depth = deepest(text);
  if (depth > JSON_DEPTH_MAX)
    throw new Problem(
      "http/body-too-deep",
      `the body nests \`${depth}\` levels deep, and \`${JSON_DEPTH_MAX}\` is the most`,
    );
  try {
    return JSON.parse(text, (key, value: unknown) => (key === "__proto__" ? undefined : value));
  } catch (cause) {
    throw new Problem("http/not-json", "the body is not JSON", { cause });
  }
}

/** The deepest nesting of brackets outside strings; stops counting far beyond the limit. */
function deepest(text: string): number {
  let depth = 0;
  let most = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) most = Math.max(most, ++depth);
    else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return most;
}
