/**
 * What a spreadsheet shows for a number, as text that a table's columns can read: exact decimals at the 15 digits that a
 * spreadsheet keeps, days and instants from serial numbers (ISO/IEC 29500-1 18.17.4), percentages with their sign.
 */

export type NumberStyle = "plain" | "date" | "percent";

/** Formats 14 to 22 and 45 to 47 are dates and times, 9 and 10 percentages: 18.8.30. 27 to 36 and 50 to 58 are East Asian dates. */
export function builtInStyle(formatId: number): NumberStyle {
  if (formatId === 9 || formatId === 10) return "percent";
  const isDate = [
    [14, 22],
    [27, 36],
    [45, 47],
    [50, 58],
  ].some(([from = 0, to = 0]) => formatId >= from && formatId <= to);
  return isDate ? "date" : "plain";
}

/** The style of a format code: letters of a date, or a percent sign, outside quotes, brackets and escapes. */
export function styleOfCode(code: string): NumberStyle {
  const bare = code
    .split(";", 1)[0]! // split gives at least one part
    .replace(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, "")
    .toLowerCase();
  if (/general/.test(bare)) return "plain";
  if (/[ymdhs]/.test(bare)) return "date";
  return bare.includes("%") ? "percent" : "plain";
}

/** The text of a stored number; undefined when it is none. `uses1904` is the workbook's date system. */
export function numberText(stored: string, style: NumberStyle, uses1904: boolean): string | undefined {
  const value = Number(stored);
  if (stored.trim() === "" || !Number.isFinite(value)) return undefined;
  if (style === "date") return dateText(value, uses1904) ?? decimalText(value);
  if (style === "percent") return `${decimalText(value * 100)}%`;
  return /^-?\d{1,15}$/.test(stored) ? stored : decimalText(value);
}

/** 15 significant digits, which is what a spreadsheet keeps, without exponent and without zeros at the end. */
function decimalText(value: number): string {
  const [digits = "0", exponent = "0"] = value.toExponential(14).split("e");
  const sign = digits.startsWith("-") ? "-" : "";
  const significant = digits.replace(/[-.]/g, "").replace(/0+$/, "");
  const point = Number(exponent) + 1;
  if (significant === "") return "0";
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${significant}`;
  if (point >= significant.length) return `${sign}${significant}${"0".repeat(point - significant.length)}`;
  return `${sign}${significant.slice(0, point)}.${significant.slice(point)}`;
}

const DAY_MILLISECONDS = 86_400_000;
const SERIAL_MAX = 2_958_466; // 10000-01-01

/** A day, or a day and time without offset; undefined outside the years 1900 to 9999. */
function dateText(serial: number, uses1904: boolean): string | undefined {
  if (serial < 0 || serial >= SERIAL_MAX) return undefined;
  // the 1900 system counts a 29 February 1900 that was none, so days before March are one less
  const epoch = uses1904 ? Date.UTC(1904, 0, 1) : serial < 60 ? Date.UTC(1899, 11, 31) : Date.UTC(1899, 11, 30);
  const at = new Date(epoch + Math.round((serial * DAY_MILLISECONDS) / 1_000) * 1_000);
  const [day = "", time = ""] = at.toISOString().slice(0, 19).split("T");
  return time === "00:00:00" ? day : `${day}T${time}`;
}
