/** The typed client of a node, with the caller's API token. */
import { randomUUID } from "node:crypto";
import { type Client, createClient } from "@holdfast/api";
import { EXIT } from "./exit.ts";
import { Failure } from "./failure.ts";
import { DEFAULT_URL, type NodeOptions } from "./node-command.ts";

/** Where a node is and who asks. @throws Failure without a token, or for what is no address */
export function nodeAccess(options: NodeOptions): { readonly origin: string; readonly authorization: string } {
  const token = options.token ?? process.env["HOLDFAST_TOKEN"];
  if (token === undefined || token === "")
    throw new Failure(
      EXIT.usage,
      "give an API token with --token or HOLDFAST_TOKEN: the console makes one under Account",
    );
  const origin = (options.url ?? process.env["HOLDFAST_URL"] ?? DEFAULT_URL).replace(/\/+$/, "");
  if (!/^https?:\/\/[^/]+$/.test(origin))
    throw new Failure(EXIT.usage, `\`${origin}\` is not the address of a node, such as \`${DEFAULT_URL}\``);
  return { origin, authorization: `Bearer ${token}` };
}

/** @throws Failure without a token */
export function nodeClient(options: NodeOptions): Client {
  const { origin, authorization } = nodeAccess(options);
  return createClient({ origin, fetch, newKey: randomUUID, headers: { authorization } });
}
