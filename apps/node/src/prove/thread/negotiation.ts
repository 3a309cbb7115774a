/**
 * What a caller can take, and what this node says of itself (EPCIS 2.0 12.7): media types, versions of EPCIS and CBV,
 * spelling of identifiers and terms, prefixes of extensions. Refuses a version that this node does not speak.
 */
import type { Namespaces } from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";

export type Headers = Readonly<Record<string, string | string[] | undefined>>;
export type Format = "json" | "xml";
export type EpcFormat = "No_Preference" | "Always_GS1_Digital_Link" | "Always_EPC_URN" | "Never_Translates";
export type CbvXmlFormat = "No_Preference" | "Always_Web_URI" | "Always_URN" | "Never_Translates";

export interface Wish {
  readonly format: Format;
  readonly epcFormat: EpcFormat;
  readonly cbvXmlFormat: CbvXmlFormat;
}

export const JSON_TYPES: readonly string[] = ["application/json", "application/ld+json"];
export const XML_TYPES: readonly string[] = ["application/xml", "text/xml"];
const EPC_FORMATS: readonly string[] = [
  "No_Preference",
  "Always_GS1_Digital_Link",
  "Always_EPC_URN",
  "Never_Translates",
];
const CBV_FORMATS: readonly string[] = ["No_Preference", "Always_Web_URI", "Always_URN", "Never_Translates"];
const EXTENSIONS_MAX = 100; // prefixes of one request

/** Versions that are spoken: of EPCIS, capture takes 1.x too. */
const SPOKEN = { min: [2, 0], max: [2, 0] } as const;

export const VERSION_HEADERS: Readonly<Record<string, string>> = {
  "gs1-epcis-version": "2.0.0",
  "gs1-epcis-min": "2.0.0",
  "gs1-epcis-max": "2.0.0",
  "gs1-cbv-version": "2.0.0",
  "gs1-cbv-min": "2.0.0",
  "gs1-cbv-max": "2.0.0",
  "gs1-vendor-version": "1.0.0",
};

/** @throws Problem `thread/not-acceptable` */
export function wishOf(headers: Headers): Wish {
  checkVersions(headers);
  return {
    format: formatOf(first(headers["accept"])),
    epcFormat: choice(headers, "gs1-epc-format", EPC_FORMATS, "Always_GS1_Digital_Link") as EpcFormat, // one of the list
    cbvXmlFormat: choice(headers, "gs1-cbv-xml-format", CBV_FORMATS, "No_Preference") as CbvXmlFormat, // as above
  };
}

/** The best of an Accept header, RFC 9110 12.5.1; JSON where it is all the same. */
function formatOf(accept: string | undefined): Format {
  if (accept === undefined || accept.trim() === "") return "json";
  let best: { format: Format; quality: number } | undefined;
  for (const part of accept.split(",").slice(0, 50)) {
    const [type = "", ...parameters] = part.split(";").map((each) => each.trim().toLowerCase());
    const given = parameters.find((each) => each.startsWith("q="))?.slice(2);
    const quality = given === undefined ? 1 : Number(given);
    if (!(quality > 0)) continue;
    const isJson = JSON_TYPES.includes(type) || type === "*/*" || type === "application/*";
    const format = isJson ? "json" : XML_TYPES.includes(type) ? "xml" : undefined;
    if (format && (!best || quality > best.quality)) best = { format, quality };
  }
  if (best) return best.format;
  throw new Problem(
    "thread/not-acceptable",
    "answers come as `application/json`, `application/ld+json`, `application/xml` or `text/xml`",
  );
}

/** @throws Problem `thread/not-acceptable` for a range without 2.0 */
export function checkVersions(headers: Headers): void {
  for (const name of ["epcis", "cbv"]) {
    const exact = versionOf(headers, `gs1-${name}-version`);
    const min = versionOf(headers, `gs1-${name}-min`) ?? exact;
    const max = versionOf(headers, `gs1-${name}-max`) ?? exact;
    if ((min && isBefore(SPOKEN.max, min)) || (max && isBefore(max, SPOKEN.min)))
      throw new Problem(
        "thread/not-acceptable",
        `this node speaks ${name.toUpperCase()} 2.0, and takes EPCIS 1.x in captures`,
      );
  }
}

/** As `checkVersions`, for a capture: documents of 1.x are upgraded, so a sender may say so. */
export function checkCaptureVersions(headers: Headers): void {
  const version = versionOf(headers, "gs1-epcis-version");
  if (version && version[0] === 1) return;
  checkVersions(headers);
}

function versionOf(headers: Headers, name: string): readonly [number, number] | undefined {
  const text = first(headers[name]);
  if (text === undefined) return undefined;
  const [, major, minor = "0"] = /^(\d{1,3})(?:\.(\d{1,3})(?:\.\d{1,3})*)?$/.exec(text.trim()) ?? [];
  if (major === undefined) throw new Problem("thread/not-acceptable", `\`${name}\` is a version, such as 2.0.0`);
  return [Number(major), Number(minor)];
}

function isBefore(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

function choice(headers: Headers, name: string, choices: readonly string[], fallback: string): string {
  const value = first(headers[name])?.trim();
  if (value === undefined) return fallback;
  if (choices.includes(value)) return value;
  throw new Problem(
    "thread/not-acceptable",
    `\`${name}\` is one of ${choices.map((each) => `\`${each}\``).join(", ")}`,
  );
}

/** Prefixes that a GS1-Extensions header declares: `ex=https://ex.org/,…`. */
export function extensionsOf(headers: Headers): Namespaces {
  const declared = new Map<string, string>();
  const text = headers["gs1-extensions"];
  for (const pair of (Array.isArray(text) ? text.join(",") : (text ?? "")).split(",").slice(0, EXTENSIONS_MAX)) {
    const [, prefix, namespace] = /^\s*([A-Za-z_][\w.-]*)\s*=\s*(\S+)\s*$/.exec(pair) ?? [];
    if (prefix !== undefined && namespace !== undefined) declared.set(prefix, namespace);
  }
  return declared;
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
