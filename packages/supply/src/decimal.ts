/** Numbers as people write them in files: a decimal point, an optional exponent, nothing else. Refuses NaN, Infinity and hexadecimal. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/;

/** The number that `text` writes, or undefined when it is not a finite decimal number. Spaces around it are ignored. */
export function parseDecimal(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > 400 || !DECIMAL.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}
