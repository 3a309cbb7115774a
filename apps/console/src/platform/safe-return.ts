/** Where to go after signing in. An address comes from the URL, so it may lead nowhere but to this console. */

/** `returnTo` when it is a path of this origin, else the overview. */
export function safeReturn(returnTo: string | undefined): string {
  const base = "https://console.invalid";
  if (!returnTo?.startsWith("/") || !URL.canParse(returnTo, base)) return "/";
  const url = new URL(returnTo, base);
  // `//host` and `/\host` are other origins to a browser (WHATWG URL 4.4)
  return url.origin === base ? url.pathname + url.search + url.hash : "/";
}
