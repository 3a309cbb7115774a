/** Countries by name: the code stays in the data, the reader's language gives the name. */

const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "code" });

/** `CN` as "China"; a code that is none stays as it is. */
export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (names.of(code) ?? code) : code;
}
