/**
 * Sends a query document to a subscriber. Only to hosts that the operator has named; never follows a redirection, reads
 * nothing of the answer but its status, and waits no longer than a fixed time. The body is signed: HMAC-SHA-256 with the
 * subscriber's own token, or Ed25519 with this node's statement key where they gave none.
 */
import { createHmac } from "node:crypto";
import { Problem } from "@holdfast/kernel";

export const ANSWER_SECONDS_MAX = 10; // a receiver that hangs is a failure

export interface WebhookSigner {
  /** Ed25519 with a key of this node; `undefined` when this process holds none. */
  sign(message: Uint8Array): Promise<{ readonly key: string; readonly signature: Uint8Array } | undefined>;
}

export interface Delivery {
  readonly dest: string;
  readonly body: string;
  readonly contentType: string;
  readonly signatureToken: string | undefined;
  readonly at: Date;
  readonly signal: AbortSignal;
}

/** The hosts of a setting: `name`, `name:port`, separated by commas or spaces. */
export function allowedHosts(setting: string): ReadonlySet<string> {
  return new Set(
    setting
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean),
  );
}

/** @throws Problem `thread/subscription-controls` for a host that the operator has not named, or credentials in the URL */
export function checkDestination(dest: string, hosts: ReadonlySet<string>): void {
  const url = new URL(dest);
  if (url.username !== "" || url.password !== "")
    throw new Problem(
      "thread/subscription-controls",
      "`dest` has a user or a password in it: use the signature instead",
    );
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  if (hosts.has(url.hostname) || hosts.has(`${url.hostname}:${port}`)) return;
  throw new Problem(
    "thread/subscription-controls",
    `\`${url.hostname}\` is not among the hosts that this node may send to: its operator names them in \`subscriptionHosts\``,
  );
}

/** @throws Problem `thread/not-delivered` for anything but a 2xx in time */
export async function deliver(delivery: Delivery, signer: WebhookSigner): Promise<void> {
  const { dest, body, contentType, signal } = delivery;
  const headers = { "content-type": contentType, "user-agent": "holdfast", ...(await signatureOf(delivery, signer)) };
  let response: Response;
  try {
    response = await fetch(dest, {
      method: "POST",
      body,
      headers,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_SECONDS_MAX * 1_000)]),
    });
  } catch (cause) {
    if (signal.aborted) throw cause;
    const isLate = cause instanceof Error && cause.name === "TimeoutError";
    throw notDelivered(isLate ? `it did not answer for ${ANSWER_SECONDS_MAX} s` : "it can't be reached", cause);
  }
  await response.body?.cancel();
  if (response.status < 200 || response.status > 299) throw notDelivered(`it answered ${response.status}`);
}

function notDelivered(why: string, cause?: unknown): Problem {
  return new Problem("thread/not-delivered", `the subscriber did not take the events: ${why}`, { cause });
}

/** The signature covers the time too, so that an old delivery can't be played again. */
async function signatureOf(
  { body, signatureToken, at }: Delivery,
  signer: WebhookSigner,
): Promise<Record<string, string>> {
  const seconds = Math.floor(at.getTime() / 1_000);
  const message = `${seconds}.${body}`;
  if (signatureToken !== undefined)
    return {
      "gs1-signature": `t=${seconds},hmac-sha256=${createHmac("sha256", signatureToken).update(message).digest("hex")}`,
    };
  const signed = await signer.sign(new TextEncoder().encode(message));
  if (!signed) return {};
  return {
    "gs1-signature": `t=${seconds},ed25519=${Buffer.from(signed.signature).toString("base64")},key=${signed.key}`,
  };
}
