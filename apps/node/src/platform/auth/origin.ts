/**
 * The origin under which people reach this node. Passkeys, single sign-on and links are bound to it, so it comes from
 * `publicUrl`, or from a loopback Host; any other Host is a claim of the caller and is not believed.
 */
import { Problem } from "@holdfast/kernel";
import type { Config } from "../config.ts";

/** "https://node.example" without a trailing slash; undefined when only the caller says so. */
export function publicOrigin(config: Config, host: string | undefined): string | undefined {
  if (config.publicUrl) return new URL(config.publicUrl).origin;
  if (host === undefined || !URL.canParse(`http://${host}`)) return undefined;
  const url = new URL(`http://${host}`);
  return isLoopback(url.hostname) ? url.origin : undefined;
}

/** @throws Problem `account/no-public-url` when the node does not know its own name */
export function requirePublicOrigin(config: Config, host: string | undefined): string {
  const origin = publicOrigin(config, host);
  if (origin === undefined)
    throw new Problem(
      "account/no-public-url",
      "this node does not know the URL that people use: set `publicUrl`, or open it as `http://localhost`",
    );
  return origin;
}

/** True for names and addresses that never leave the machine (RFC 6761 6.3, RFC 1122 3.2.1.3, RFC 4291 2.5.3). */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}
