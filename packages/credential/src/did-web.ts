/**
 * did:web: a DID that is an https address. `did:web:host` is https://host/.well-known/did.json, `did:web:host:a:b` is
 * https://host/a/b/did.json, and a port stands as %3A. Refuses IP addresses, upper-case and empty parts, and every
 * percent escape but the port's, so that one DID has one spelling and one address.
 */
import { refuse, shown } from "./refusal.ts";

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const HOST = new RegExp(`^(${LABEL}(?:\\.${LABEL})*)(?:%3[Aa]([1-9]\\d{0,4}))?$`);
const SEGMENT = /^[A-Za-z0-9._~!$&'()*+,;=@-]+$/;
const DID_CHARACTERS_MAX = 2_048;

/** @throws CredentialProblem `credential/did` */
export function didWebUrl(did: string): string {
  const parts = did.length <= DID_CHARACTERS_MAX && did.startsWith("did:web:") ? did.slice(8).split(":") : [];
  const [authority = "", ...path] = parts;
  const [, host, port] = HOST.exec(authority) ?? [];
  if (host === undefined || host.length > 253) refuse("credential/did", `${shown(did)} is not a did:web`);
  if (/^[\d.]+$/.test(host)) refuse("credential/did", `${shown(did)} names an address, not a host`);
  if (port !== undefined && Number(port) > 65_535) refuse("credential/did", `${shown(did)} has no such port`);
  for (const segment of path)
    if (!SEGMENT.test(segment) || segment === "." || segment === "..")
      refuse("credential/did", `the path of ${shown(did)} has the part ${shown(segment)}`);
  const where = path.length === 0 ? ".well-known" : path.join("/");
  return `https://${host}${port === undefined ? "" : `:${port}`}/${where}/did.json`;
}

/** The did:web of an https URL without its trailing slash. @throws CredentialProblem `credential/did` for what did:web cannot name */
export function didWebOf(url: string): string {
  const [, host, port, path = ""] = /^https:\/\/([^/:?#@]+)(?::(\d+))?((?:\/[^/?#]+)*)\/?$/.exec(url) ?? [];
  if (host === undefined) refuse("credential/did", `${shown(url)} is not an https address without query`);
  const did = `did:web:${host.toLowerCase()}${port === undefined ? "" : `%3A${port}`}${path.replaceAll("/", ":")}`;
  didWebUrl(did);
  return did;
}
