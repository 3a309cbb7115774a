/**
 * Reads one cell as its column says. Exact: decimals stay decimals, percentages become parts per million, days stay days.
 * Refuses what could mean two things, such as `1,234` or `03/04/2024`, instead of guessing.
 */
import { COUNTRIES, exchange, isCountry, registry, THREATS } from "@holdfast/api";

export interface CellOptions {
  readonly decimal: exchange.ImportOptions["decimal"];
}

/** `rule` is what scripts rely on, `message` what people read. */
export interface Fault {
  readonly rule: string;
  readonly message: string;
}

export type CellResult = { readonly value: unknown } | Fault;

/** The value of a cell that is not empty. A reference and an amount of money stay texts: others finish them. */
export function readCell(column: exchange.ColumnForm, text: string, options: CellOptions): CellResult {
  if (options.decimal === "undecided" && canBeThousands(column.form) && isAmbiguous(text))
    return {
      rule: "cell/ambiguous-number",
      message: `\`${short(text)}\` is either \`${text.replace(/[.,]/, "")}\` or \`${text.replace(",", ".")}\`: choose the decimal sign`,
    };
  switch (column.form) {
    case "text":
    case "reference":
    case "id":
      return { value: text };
    case "choice":
      return readChoice(column, text);
    case "country":
      return readCountry(text);
    case "currency":
      return { value: text.toUpperCase() };
    case "integer":
      return readInteger(text, options);
    case "quantity":
    case "money":
      return withDecimal(text, options, (decimal) => ({ value: decimal }));
    case "degrees":
      return withDecimal(text, options, (decimal) => ({ value: Number(decimal) }));
    case "percent":
      return readPercent(text, options);
    case "date":
      return readDate(text);
    case "list":
      return { value: splitList(text) };
    case "identifiers":
      return readIdentifiers(text);
    case "hazards":
      return readHazards(text);
  }
}

type Choice = exchange.ColumnForm & { readonly form: "choice" };

/** Folded word -> what it means, of each column asked about so far. */
const choices = new WeakMap<Choice, ReadonlyMap<string, string>>();

function choicesOf(column: Choice): ReadonlyMap<string, string> {
  const known = choices.get(column);
  if (known) return known;
  const words = [...Object.entries(column.also ?? {}), ...column.of.map((word) => [word, word] as const)];
  const folded = new Map(words.map(([word, means]) => [exchange.foldedHeader(word), means]));
  choices.set(column, folded);
  return folded;
}

function readChoice(column: Choice, text: string): CellResult {
  const known = choicesOf(column);
  const value = column.of.includes(text) ? text : known.get(exchange.foldedHeader(text));
  if (value !== undefined) return { value };
  return {
    rule: "cell/not-a-choice",
    message: `\`${short(text)}\` is none of ${column.of.map((each) => `\`${each}\``).join(", ")}`,
  };
}

let countryNames: ReadonlyMap<string, string> | undefined;

/** English names as the runtime knows them, folded -> code. */
function namesOfCountries(): ReadonlyMap<string, string> {
  if (countryNames) return countryNames;
  const names = new Intl.DisplayNames(["en"], { type: "region" });
  countryNames = new Map(COUNTRIES.map((code) => [exchange.foldedHeader(names.of(code) ?? code), code]));
  return countryNames;
}

function readCountry(text: string): CellResult {
  const code = text.toUpperCase();
  const value = isCountry(code) ? code : namesOfCountries().get(exchange.foldedHeader(text));
  if (value !== undefined) return { value };
  return {
    rule: "registry/unknown-country",
    message: `\`${short(text)}\` is neither a code of ISO 3166-1 nor a country's English name`,
  };
}

/** Degrees and percentages are never a thousand. */
export function canBeThousands(form: exchange.ColumnForm["form"]): boolean {
  return form === "quantity" || form === "money" || form === "integer";
}

/** One sign and then three digits, after at most three of which the first is not zero: thousands, or three decimals. */
function isAmbiguous(text: string): boolean {
  return /^-?[1-9]\d{0,2}[.,]\d{3}$/.test(text);
}

/** The decimal sign that a number proves by the way it is written: `12,5` a comma, `1,234.5` and `1,234,567` a point. */
export function provenDecimal(written: string, canBe1000: boolean): "point" | "comma" | undefined {
  const text = written.trim().replace(/\s*%$/, "");
  if (canBe1000 && isAmbiguous(text)) return undefined;
  if (/^-?\d+,\d+$/.test(text) || /^-?\d{1,3}((\.\d{3})+,\d+|(\.\d{3}){2,})$/.test(text)) return "comma";
  if (/^-?\d+\.\d+$/.test(text) || /^-?\d{1,3}((,\d{3})+\.\d+|(,\d{3}){2,})$/.test(text)) return "point";
  return undefined;
}

const DECIMAL = /^-?\d+(\.\d+)?$/;

function withDecimal(text: string, options: CellOptions, then: (decimal: string) => CellResult): CellResult {
  const decimal = exactDecimal(text, options);
  if (decimal !== undefined) return then(decimal);
  const hint =
    options.decimal !== "comma" && /^-?\d+,\d+$/.test(text) ? ": set the decimal sign to comma if it is one" : "";
  return { rule: "cell/not-a-number", message: `\`${short(text)}\` is not a number such as \`12.5\`${hint}` };
}

/** The number without zeros that say nothing: "012.50" is "12.5". */
function exactDecimal(text: string, options: CellOptions): string | undefined {
  const plain = text.replace(/[\s\u00a0\u202f]/g, "");
  const pointed = options.decimal === "comma" ? plain.replace(",", ".") : plain;
  if (plain !== text.trim() || (options.decimal === "comma" && plain.includes(".")) || !DECIMAL.test(pointed))
    return undefined;
  const [whole = "0", fraction = ""] = pointed.replace("-", "").split(".");
  const digits = `${whole.replace(/^0+(?=\d)/, "")}.${fraction.replace(/0+$/, "")}`.replace(/\.$/, "");
  return pointed.startsWith("-") && digits !== "0" ? `-${digits}` : digits;
}

function readInteger(text: string, options: CellOptions): CellResult {
  const decimal = exactDecimal(text, options);
  if (decimal !== undefined && /^-?\d{1,15}$/.test(decimal)) return { value: Number(decimal) };
  return { rule: "cell/not-an-integer", message: `\`${short(text)}\` is not a whole number` };
}

/** "60", "60 %" and "60.0%" are 600,000 parts per million. */
function readPercent(text: string, options: CellOptions): CellResult {
  const ppm = scaled(exactDecimal(text.replace(/\s*%$/, ""), options) ?? "", 4);
  if (ppm === undefined || ppm < 0)
    return {
      rule: "cell/not-a-percentage",
      message: `\`${short(text)}\` is not a percentage of at most 4 decimals, such as \`62.5\``,
    };
  return { value: ppm };
}

/** `decimal` times ten to the `digits` as a safe integer, or undefined when it is none. */
export function scaled(decimal: string, digits: number): number | undefined {
  if (!DECIMAL.test(decimal)) return undefined;
  const [whole = "", fraction = ""] = decimal.split(".");
  if (fraction.length > digits) return undefined;
  const value = Number(whole + fraction.padEnd(digits, "0"));
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A day; an instant with its offset; a day written 31.12.2024; of a time without offset only the day can be known. */
function readDate(text: string): CellResult {
  const german = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text);
  const [, day = "", month = "", year = ""] = german ?? [];
  const plain = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text) ? text.slice(0, 10) : text;
  const parsed = registry.observedAt.safeParse(
    german ? `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}` : plain,
  );
  if (parsed.success) return { value: parsed.data };
  if (parsed.error.issues[0]?.code === "custom")
    return { rule: "cell/not-a-date", message: `\`${short(text)}\` ${parsed.error.issues[0].message}` };
  return { rule: "cell/not-a-date", message: `\`${short(text)}\` is not a day such as \`2024-12-31\`` };
}

/** The entries of a list cell, trimmed, without empty ones. */
export function splitList(text: string): string[] {
  return (text.match(/(?:\\[|\\]|[^|])+/g) ?? [])
    .map((entry) => entry.replace(/\\([|\\])/g, "$1").trim())
    .filter((entry) => entry !== "");
}

/** splitList(joinList(entries)) equals entries. */
export function joinList(entries: readonly string[]): string {
  return entries.map((entry) => entry.replace(/[|\\]/g, "\\$&")).join("|");
}

function readIdentifiers(text: string): CellResult {
  const identifiers: registry.Identifier[] = [];
  for (const entry of splitList(text)) {
    const [, scheme = "", value = ""] = /^([^:]*):(.*)$/s.exec(entry) ?? [];
    const parsed = registry.identifier.safeParse({ scheme: scheme.trim().toLowerCase(), value });
    if (!parsed.success)
      return { rule: "cell/not-an-identifier", message: `\`${short(entry)}\` is not \`scheme:value\`` };
    identifiers.push(parsed.data);
  }
  return { value: identifiers };
}

function readHazards(text: string): CellResult {
  const hazards: unknown[] = [];
  for (const entry of splitList(text)) {
    const [threat = "", level = "", ...note] = entry.split(":");
    const word =
      THREATS.find((each) => each === threat) ??
      THREATS.find((each) => exchange.foldedHeader(each) === exchange.foldedHeader(threat));
    if (word === undefined || !/^[1-5]$/.test(level.trim()))
      return {
        rule: "cell/not-a-hazard",
        message: `\`${short(entry)}\` is not \`threat:level\` with a level from 1 to 5; threats are ${THREATS.join(", ")}`,
      };
    const said = note.join(":").trim();
    hazards.push({ threat: word, level: Number(level), ...(said === "" ? {} : { note: said }) });
  }
  return { value: hazards };
}

const SHOWN_LENGTH = 80;

/** A text as a message and the database can hold it. */
export function short(text: string): string {
  return shown(text, SHOWN_LENGTH);
}

/** At most `length` characters, none of which steers a terminal or breaks a statement. */
export function shown(text: string, length: number): string {
  const plain = text
    .slice(0, length)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ");
  return text.length > length ? `${plain}…` : plain;
}
