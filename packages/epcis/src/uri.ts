/**
 * URI syntax, RFC 3986 section 3: an absolute URI with scheme, every character allowed where it stands and every percent
 * sign followed by two hex digits. CURIEs (`example:x`) have the same shape and pass, as in the EPCIS schema.
 * One leniency, because the schema's `format: uri` has it wherever it is checked: what follows `//` may be read as a path
 * where it is no authority (`http://host:x`). Refuses relative references, spaces, non-ASCII characters and an empty hierarchical part.
 */

const UNRESERVED = "a-z0-9\\-._~"; // RFC 3986 2.3
const SUB_DELIMS = "!$&'()*+,;="; // RFC 3986 2.2
const ESCAPE = "%[0-9a-f]{2}"; // RFC 3986 2.1
const OCTET = "(?:25[0-5]|2[0-4]\\d|[01]?\\d\\d?)";
const H16 = "[0-9a-f]{1,4}";
const LS32 = `(?:${H16}:${H16}|${OCTET}(?:\\.${OCTET}){3})`;

/** RFC 3986 3.2.2, one alternative per place where `::` may stand. */
const IPV6 = [
  `(?:${H16}:){6}${LS32}`,
  `::(?:${H16}:){5}${LS32}`,
  `(?:${H16})?::(?:${H16}:){4}${LS32}`,
  `(?:(?:${H16}:){0,1}${H16})?::(?:${H16}:){3}${LS32}`,
  `(?:(?:${H16}:){0,2}${H16})?::(?:${H16}:){2}${LS32}`,
  `(?:(?:${H16}:){0,3}${H16})?::${H16}:${LS32}`,
  `(?:(?:${H16}:){0,4}${H16})?::${LS32}`,
  `(?:(?:${H16}:){0,5}${H16})?::${H16}`,
  `(?:(?:${H16}:){0,6}${H16})?::`,
].join("|");

const PCHAR = `(?:[${UNRESERVED}${SUB_DELIMS}:@]|${ESCAPE})`;
const USERINFO = `(?:(?:[${UNRESERVED}${SUB_DELIMS}:]|${ESCAPE})*@)?`;
const HOST = `(?:\\[(?:${IPV6}|v[0-9a-f]+\\.[${UNRESERVED}${SUB_DELIMS}:]+)\\]|(?:[${UNRESERVED}${SUB_DELIMS}]|${ESCAPE})*)`;
const AUTHORITY = `${USERINFO}${HOST}(?::\\d*)?`;
const ABSOLUTE_PATH = `/(?:${PCHAR}+(?:/${PCHAR}*)*)?`;
const ROOTLESS_PATH = `${PCHAR}+(?:/${PCHAR}*)*`;
const TAIL = `(?:${PCHAR}|[/?])*`;

const URI = new RegExp(
  `^[a-z][a-z0-9+\\-.]*:(?:/?/${AUTHORITY}(?:/${PCHAR}*)*|${ABSOLUTE_PATH}|${ROOTLESS_PATH})(?:\\?${TAIL})?(?:#${TAIL})?$`,
  "i",
);

/** What nearly every identifier of an event looks like: a subset of URI that is cheap to recognise. */
const PLAIN_URI = /^(?:urn:[A-Za-z0-9]|https?:\/\/[A-Za-z0-9.-]+\/)[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/;

/** Whether `text` is an absolute URI. Time is linear in its length. */
export function isUri(text: string): boolean {
  return PLAIN_URI.test(text) || URI.test(text);
}
