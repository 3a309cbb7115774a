/** The answers of an authenticator as they arrive, in the JSON forms of WebAuthn Level 3 5.1. Unknown members are dropped. */
import { Problem } from "@holdfast/kernel";
import { z } from "zod";

const CREDENTIAL_ID_LENGTH_MAX = 1_364; // base64url of 1,023 bytes, WebAuthn 4 "Credential ID"
const BYTES_LENGTH_MAX = 100_000; // an attestation with certificates is a few kilobytes

const base64url = (lengthMax: number) =>
  z
    .string()
    .max(lengthMax)
    .regex(/^[A-Za-z0-9_-]*$/);
const bytes = base64url(BYTES_LENGTH_MAX);
const credential = {
  id: base64url(CREDENTIAL_ID_LENGTH_MAX).min(1),
  rawId: base64url(CREDENTIAL_ID_LENGTH_MAX).min(1),
  type: z.literal("public-key"),
};

const registrationResponse = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: bytes,
    attestationObject: bytes,
    transports: z.array(z.string().max(32)).max(10).default([]),
  }),
});
const authenticationResponse = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: bytes,
    authenticatorData: bytes,
    signature: bytes,
    userHandle: base64url(88).nullish(), // at most 64 bytes, WebAuthn 5.4.3
  }),
});
const clientData = z.object({ challenge: base64url(1_000).min(1) });

export type RegistrationResponse = z.output<typeof registrationResponse>;
export type AuthenticationResponse = z.output<typeof authenticationResponse>;

/** @throws Problem `account/passkey-refused` */
export function parseRegistration(response: unknown): RegistrationResponse {
  return parsed(registrationResponse, response);
}

/** @throws Problem `account/passkey-refused` */
export function parseAuthentication(response: unknown): AuthenticationResponse {
  return parsed(authenticationResponse, response);
}

/** The challenge that an answer says it answers (WebAuthn 5.8.1); whether it does is verified with its signature. */
export function claimedChallenge(clientDataJson: string): string {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(clientDataJson, "base64url").toString("utf8"));
  } catch (cause) {
    throw new Problem("account/passkey-refused", "the client data of the authenticator's answer is not JSON", {
      cause,
    });
  }
  return parsed(clientData, json).challenge;
}

function parsed<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const path = result.error.issues[0]?.path.join(".") ?? "";
  throw new Problem("account/passkey-refused", `the authenticator's answer is malformed at \`${path}\``, {
    detail: { path },
  });
}
