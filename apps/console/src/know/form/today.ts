/** The reader's own day. */
import { formatInstant } from "../../ui/format.ts";

export function today({ now, timeZone }: { readonly now: Date; readonly timeZone: string }): string {
  return formatInstant(now, timeZone).slice(0, "2026-03-01".length);
}
