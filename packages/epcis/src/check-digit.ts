/** GS1 check digits (GS1 General Specifications 7.9): weights 3 and 1 in turn from the right of the body, complement to ten. */

/** The check digit of a body of decimal digits. */
export function checkDigit(body: string): string {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum += (body.charCodeAt(body.length - 1 - i) - 0x30) * (i % 2 === 0 ? 3 : 1);
  return String((10 - (sum % 10)) % 10);
}

/** Whether the last digit of `digits` is the check digit of those before it. */
export function hasCheckDigit(digits: string): boolean {
  return digits.length > 1 && checkDigit(digits.slice(0, -1)) === digits.at(-1);
}
