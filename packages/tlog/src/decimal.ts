/**
 * Sizes, indices and times as the C2SP formats write them: ASCII decimal, no sign, no leading zero. They are bigint
 * everywhere in this package, so that nothing changes at 2^31 or 2^53. Refuses more than 2^63 - 1, the largest that
 * every implementation of these formats can hold.
 */
import { refuse, shown } from "./refusal.ts";

export const MAX_SIZE = (1n << 63n) - 1n; // the largest tree size, index or POSIX time in these formats

/** @throws TlogProblem `tlog/number` when `text` is not such a decimal */
export function parseDecimal(text: string): bigint {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text)) refuse("tlog/number", `${shown(text)} is not a decimal number`);
  const value = BigInt(text);
  if (value > MAX_SIZE) refuse("tlog/number", `\`${text}\` exceeds 2^63 - 1`);
  return value;
}
