/**
 * Identifiers with a rule of their own: LEI (ISO 17442-1, check digits ISO/IEC 7064 MOD 97-10), GLN and GTIN (GS1 General
 * Specifications 7.9.1), Harmonized System code, ECCN (15 CFR 774). Each function gives the stored form, or undefined for a
 * text that breaks the rule. Only the form is judged: that an LEI was issued, or an HS code exists, nobody here can know.
 */

/** An LEI in capitals: 18 characters and two check digits. */
export function parseLei(text: string): string | undefined {
  const lei = text.replace(/[\s-]/g, "").toUpperCase();
  if (!/^[0-9A-Z]{18}[0-9]{2}$/.test(lei)) return undefined;
  return remainder97(lei) === 1 ? lei : undefined;
}

/** The two check digits that complete 18 characters of an LEI, for whoever makes a synthetic one. */
export function leiCheckDigits(first18: string): string {
  return String(98 - remainder97(`${first18}00`)).padStart(2, "0");
}

/** The text as a number, letters as 10 to 35, modulo 97. */
function remainder97(text: string): number {
  let remainder = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}

/** A GLN of 13 digits. */
export function parseGln(text: string): string | undefined {
  const gln = text.replace(/\s/g, "");
  return /^\d{13}$/.test(gln) && hasGs1CheckDigit(gln) ? gln : undefined;
}

/** A GTIN of 8, 12, 13 or 14 digits. */
export function parseGtin(text: string): string | undefined {
  const gtin = text.replace(/\s/g, "");
  return /^(\d{8}|\d{12,14})$/.test(gtin) && hasGs1CheckDigit(gtin) ? gtin : undefined;
}

/** Weights 3 and 1 alternate from the right, beside the check digit; the sum with it is a multiple of 10. */
function hasGs1CheckDigit(digits: string): boolean {
  return gs1CheckDigit(digits.slice(0, -1)) === digits.at(-1);
}

/** The digit that completes a GS1 key. */
export function gs1CheckDigit(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) sum += Number(digits[digits.length - 1 - i]) * (i % 2 === 0 ? 3 : 1);
  return String((10 - (sum % 10)) % 10);
}

/** An HS code without points: chapter, heading and subheading (6 digits), or with a national part (8 or 10). */
export function parseHsCode(text: string): string | undefined {
  const code = text.replace(/[\s.]/g, "");
  if (!/^\d{6}(\d{2}){0,2}$/.test(code)) return undefined;
  const chapter = Number(code.slice(0, 2));
  // 77 is reserved for future use, 98 and 99 are for national use (HS 2022); the headings of a chapter begin at 01
  return chapter >= 1 && chapter !== 77 && code.slice(2, 4) !== "00" ? code : undefined;
}

/** An ECCN: category 0 to 9, product group A to E, three digits, then the paragraph; or EAR99. */
export function parseEccn(text: string): string | undefined {
  const trimmed = text.trim();
  if (/^EAR ?99$/i.test(trimmed)) return "EAR99";
  const match = /^([0-9][A-E][0-9]{3})((?:\.[0-9a-z]{1,4})*)$/i.exec(trimmed);
  return match ? `${(match[1] ?? "").toUpperCase()}${(match[2] ?? "").toLowerCase()}` : undefined;
}
