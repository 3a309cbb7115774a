/**
 * One line of text as people write it and may trust what they see. Refuses control characters and lone surrogates, which
 * logs, terminals and PostgreSQL stumble over, and characters that show nothing: bidirectional overrides, zero-width
 * spaces, tags (Unicode's Cf and Default_Ignorable_Code_Point), with which one name looks like another. Joiners, variation
 * selectors and the number signs of Arabic and other scripts stay, because those scripts are written with them.
 */
import { z } from "zod";

/** What an unseen character may be used for in writing: UAX 31 2.3 joiners, variation selectors, prepended marks. */
const WRITTEN =
  "\\u034f\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u180b-\\u180f\\u200c\\u200d\\ufe00-\\ufe0f\\u{110bd}\\u{110cd}\\u{13430}-\\u{13455}\\u{e0100}-\\u{e01ef}";
const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;
const VISIBLE = new RegExp(`^(?:[${WRITTEN}]|[^\\p{Cf}\\p{DI}])*$`, "u");
const INVISIBLE = new RegExp(`(?![${WRITTEN}])[\\p{Cf}\\p{DI}]`, "u");

/** One line of text, trimmed. */
export function line(lengthMax: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(lengthMax)
    .regex(PRINTABLE, "has control characters")
    .regex(VISIBLE, { error: ({ input }) => `has the invisible character ${invisibleIn(String(input)) ?? ""}` });
}

/** The first character of `text` that shows nothing, as `U+202E`; undefined when there is none. */
export function invisibleIn(text: string): string | undefined {
  const [found] = INVISIBLE.exec(text) ?? [];
  const code = found?.codePointAt(0);
  return code === undefined ? undefined : `\`U+${code.toString(16).toUpperCase().padStart(4, "0")}\``;
}
