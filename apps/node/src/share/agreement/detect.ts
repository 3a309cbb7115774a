/**
 * Finds what a redaction profile scrubs in a text: people, mail addresses, telephone numbers, internal addresses and host
 * names, serial and order numbers, exact positions, and the organisation's own words. Linear in the text: every repetition
 * is bounded. What is hidden from a reader's eye but not from a machine (invisible characters, other forms of a letter,
 * percent encoding, `[.]` and `[at]`) is found too. Errs towards finding.
 */
import type { agreement as contract } from "@holdfast/api";

export type Detector = (typeof contract.DETECTORS)[number];
export type HitKind = Detector | "deny-list";

/** Where a hit is in the text; undefined when it is only there after decoding, so that all of it counts. */
export interface Hit {
  readonly kind: HitKind;
  readonly span: { readonly from: number; readonly to: number } | undefined;
}

export interface Profile {
  readonly detectors: readonly Detector[];
  readonly denyWords: readonly string[];
}

const DOT = String.raw`(?:\.|\[\.\]|\(\.\)|\[dot\]|\(dot\))`;
const NUMBER = String.raw`(?=[A-Z0-9/._-]{0,40}\d)[A-Z0-9][A-Z0-9/._-]{2,40}`;
const NAME = String.raw`\p{Lu}[\p{L}'’-]{1,40}`;

const EXPRESSIONS: Readonly<Record<Detector, readonly RegExp[]>> = {
  person: [
    new RegExp(
      String.raw`(?<![\p{L}])(?:Mr|Mrs|Ms|Mx|Dr|Prof|Herrn?|Frau|Mme|Sr|Sra)\.?\s{1,3}(?:\p{Lu}\.\s?)?${NAME}(?:\s${NAME}){0,2}`,
      "gu",
    ),
    new RegExp(
      String.raw`(?:[Cc]ontact|[Nn]ame|[Oo]perator|[Ee]mployee|[Aa]uthor|[Ss]uspect|[Gg]uard|(?:[Rr]eported|[Ss]een|[Ss]igned) by)\s{0,3}[:=]?\s{1,3}${NAME}\s${NAME}`,
      "gu",
    ),
    new RegExp(
      String.raw`\b(?:badge|employee|personnel|staff)[ _-]?(?:id|no\.?|number|nr\.?)?\s{0,3}[:#=]?\s{0,3}${NUMBER}`,
      "gi",
    ),
  ],
  "mail-address": [
    new RegExp(
      String.raw`[\p{L}\p{N}._%+'-]{1,64}\s?(?:@|\[at\]|\(at\)|\[@\]|＠)\s?(?:[\p{L}\p{N}-]{1,63}${DOT}){1,8}[\p{L}]{2,24}`,
      "giu",
    ),
  ],
  "phone-number": [
    /\+\d(?:[\s()./-]{0,2}\d){7,14}/g,
    /\b(?:tel|phone|mobile|cell|fax)\w{0,6}\.?\s{0,2}:?\s{0,3}\d(?:[\s()./-]{0,2}\d){5,14}/gi,
  ],
  "internal-address": [
    new RegExp(String.raw`(?<![\d.])\d{1,3}(?:${DOT}\d{1,3}){3}(?!\d|\.\d)`, "gi"),
    /(?<![\w:.])(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):[0-9a-f:]{1,40}/gi,
    /(?<![\w:.])::1(?![\w:.])/g,
  ],
  "internal-host": [
    new RegExp(
      String.raw`(?<![\w-])(?:[a-z0-9_][a-z0-9_-]{0,62}${DOT}){1,8}(?:local|localdomain|localhost|internal|intranet|intra|lan|corp|private|home\.arpa|plant|factory)(?![\w-])`,
      "gi",
    ),
    /\\\\[A-Za-z0-9][\w.-]{0,62}\\{1,2}[\w$.-]{1,80}/g,
    /\b(?:SRV|WS|PC|PLC|HMI|SCADA|DC|EWS|RTU|NAS|FS|LAPTOP|DESKTOP|SERVER|HOST)[-_](?=[A-Z0-9_-]{0,30}\d)[A-Z0-9][A-Z0-9_-]{0,40}/gi,
  ],
  "serial-number": [
    new RegExp(
      String.raw`\b(?:s\/n|sn|serial(?:[ _-]?(?:number|no\.?|nr\.?|num))?|seriennummer|seriennr\.?)\s{0,3}[:#=]?\s{0,3}${NUMBER}`,
      "gi",
    ),
    /urn:epc:(?:id|idpat|class):[a-z-]{2,12}:[\w.*%/-]{3,100}/gi,
    /\(21\)[!-~]{1,20}/g,
  ],
  "order-number": [
    new RegExp(
      String.raw`\b(?:p\.?o\.?|purchase order|order|customer|client|invoice|contract|kunden|auftrags?|bestell|rechnungs?)(?:[ _-]{0,2}(?:number|no\.?|nr\.?|nummer|id|ref\.?))?\s{0,3}[:#=-]?\s{0,3}${NUMBER}`,
      "gi",
    ),
  ],
  position: [
    /[-+]?\d{1,3}\.\d{3,15}\s{0,2}°?\s?[NS]?\s{0,2}[,;/ ]\s{0,2}[-+]?\d{1,3}\.\d{3,15}/gi,
    /\d{1,3}\s?°\s?\d{1,2}(?:\.\d{1,6})?\s?['′’](?:\s?\d{1,2}(?:\.\d{1,6})?\s?["″”])?\s?[NSEW]/gi,
  ],
};

// Characters that nobody sees: soft hyphen, zero-width, direction marks, variation selectors.
const INVISIBLE = /\p{Cf}|\p{Default_Ignorable_Code_Point}/gu;

/** Everything that `profile` finds in `text`, in the text's order. */
export function findHits(text: string, profile: Profile): readonly Hit[] {
  const hits: Hit[] = [...spansOf(text, profile)];
  const seen = new Set(hits.map(({ kind }) => kind));
  for (const decoded of decodingsOf(text))
    for (const { kind } of spansOf(decoded, profile))
      if (!seen.has(kind)) {
        seen.add(kind);
        hits.push({ kind, span: undefined });
      }
  return hits.sort((a, b) => (a.span?.from ?? -1) - (b.span?.from ?? -1));
}

function* spansOf(text: string, { detectors, denyWords }: Profile): Iterable<Hit> {
  for (const kind of detectors)
    for (const expression of EXPRESSIONS[kind])
      for (const match of text.matchAll(expression)) {
        if (kind === "internal-address" && !isInternal(match[0])) continue;
        yield { kind, span: { from: match.index, to: match.index + match[0].length } };
      }
  const lower = text.toLowerCase();
  for (const word of denyWords) {
    const wanted = word.toLowerCase();
    if (wanted === "") continue;
    for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length))
      yield {
        kind: "deny-list",
        span: lower.length === text.length ? { from: at, to: at + wanted.length } : undefined,
      };
  }
}

/** What a machine would read `text` as, where that differs. */
function decodingsOf(text: string): readonly string[] {
  const plain = text.replace(INVISIBLE, "").normalize("NFKC");
  const found = new Set([plain]);
  if (/%[0-9a-f]{2}/i.test(plain))
    found.add(plain.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))));
  found.delete(text);
  return [...found];
}

/** True for an IPv4 address of a private, loopback, link-local or shared net, and for every IPv6 text that was matched. */
function isInternal(text: string): boolean {
  if (text.includes(":")) return true;
  const [a = 0, b = 0] = text.split(new RegExp(DOT, "i")).map(Number);
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168)
  );
}

const WORDS: Readonly<Record<HitKind, string>> = {
  person: "person",
  "mail-address": "mail address",
  "phone-number": "telephone",
  "internal-address": "internal address",
  "internal-host": "internal host",
  "serial-number": "device",
  "order-number": "business reference",
  position: "position",
  "deny-list": "word",
};

const ROUNDS_MAX = 4; // what is left around a removal can be a hit again; after this all of the text goes

/** The text with every hit replaced by a word for it. What it gives has no hits. */
export function scrubText(text: string, profile: Profile): string {
  let scrubbed = text;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const hits = findHits(scrubbed, profile);
    if (hits.length === 0) return scrubbed;
    if (hits.some(({ span }) => span === undefined)) return "[removed]";
    scrubbed = withoutSpans(scrubbed, hits);
  }
  return findHits(scrubbed, profile).length === 0 ? scrubbed : "[removed]";
}

function withoutSpans(text: string, hits: readonly Hit[]): string {
  let at = 0;
  let result = "";
  for (const { kind, span } of hits) {
    if (span === undefined || span.to <= at) continue;
    if (span.from >= at) result += `${text.slice(at, span.from)}[${WORDS[kind]}]`;
    at = span.to;
  }
  return result + text.slice(at);
}
