/** Absolute URIs, RFC 3986 section 3: a scheme, then allowed characters only. Refuses relative references, spaces and bare percent signs. */
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:(?:[a-z0-9\-._~!$&'()*+,;=:@/?#[\]]|%[0-9a-f]{2})+$/i;
const URI_CHARACTERS_MAX = 8_192; // data URLs are read elsewhere

/** Whether `text` is an absolute URI. */
export function isUri(text: string): boolean {
  return text.length <= URI_CHARACTERS_MAX && ABSOLUTE.test(text) && (text.match(/#/g)?.length ?? 0) <= 1;
}
