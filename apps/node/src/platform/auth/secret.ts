/**
 * Secrets that this node hands out: session cookies, set-up links, API tokens, OpenID flows. 32 random bytes each, so a
 * plain SHA-256 is enough at rest. A secret leaves this node once and is never logged.
 */
import { createHash } from "node:crypto";
import type { Random } from "@holdfast/kernel";

const SECRET_BYTES = 32;

/** A fresh secret: 43 characters of base64url. */
export function newSecret(random: Random): string {
  return Buffer.from(random.bytes(SECRET_BYTES)).toString("base64url");
}

/** What the database keeps instead of a secret. */
export function secretHash(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
