/**
 * Passkeys: WebAuthn Level 3 registration (7.1) and assertion (7.2). Discoverable credentials with user verification;
 * attestation is not asked for. A challenge is kept by its hash, ends after five minutes and works once. Refuses an answer
 * for another origin, without user verification, or with a signature count that does not grow.
 */
import { Problem } from "@holdfast/kernel";
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { claimedChallenge, parseAuthentication, parseRegistration } from "./ceremony.ts";
import { addPasskey, listPasskeys, notePasskeyUse, type Passkey, passkeyById } from "./key-store.ts";
import { requirePublicOrigin } from "./origin.ts";
import { type AuthParts, authDb, inTransaction, later, MINUTE } from "./parts.ts";
import { lockPerson } from "./person-store.ts";
import { newSecret, secretHash } from "./secret.ts";
import { type StartedSession, startSession, type Visitor } from "./session.ts";
import { forgetEnded, keepCeremony, takeCeremony } from "./session-store.ts";
import type { CeremonyKind, Person } from "./tables.ts";

export const PASSKEYS_PER_PERSON_MAX = 20; // a person has a few devices; each is sent back in every registration
const CHALLENGE_FOR = 5 * MINUTE;
const ALGORITHMS = [-8, -7, -257]; // EdDSA, ES256, RS256 (IANA COSE): what authenticators have

/** Options for `navigator.credentials.create`. @throws Problem `account/no-public-url`, `account/too-many-passkeys` */
export async function beginRegistration(
  parts: AuthParts,
  given: { person: Person; host: string | undefined },
): Promise<Record<string, unknown>> {
  const { person, host } = given;
  const origin = new URL(requirePublicOrigin(parts.config, host));
  const known = await listPasskeys(authDb(parts), person.id, PASSKEYS_PER_PERSON_MAX);
  if (known.length >= PASSKEYS_PER_PERSON_MAX) throw tooMany();
  const options = await generateRegistrationOptions({
    rpName: parts.config.organisationName,
    rpID: origin.hostname,
    userID: Uint8Array.from(Buffer.from(userHandle(person.id), "base64url")),
    userName: person.email,
    userDisplayName: person.name,
    challenge: await newChallenge(parts, "passkey-registration", person.id),
    timeout: CHALLENGE_FOR,
    attestationType: "none",
    excludeCredentials: known.map(({ id, transports }) => ({ id, transports: [...transports] })),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    supportedAlgorithmIDs: ALGORITHMS,
  });
  return { ...options };
}

/** Verifies an attestation and keeps the passkey. @throws Problem `account/passkey-refused`, `account/too-many-passkeys` */
export async function finishRegistration(
  parts: AuthParts,
  given: { person: Person; host: string | undefined; name: string; response: unknown },
): Promise<Passkey> {
  const { person, host, name } = given;
  const origin = requirePublicOrigin(parts.config, host);
  const response = parseRegistration(given.response);
  const challenge = await takeChallenge(parts, "passkey-registration", response.response.clientDataJSON);
  if (challenge.personId !== person.id) throw refused("its challenge was given to someone else");
  const verified = await verifying(parts, () =>
    verifyRegistrationResponse({
      response: { ...response, clientExtensionResults: {} },
      expectedChallenge: challenge.text,
      expectedOrigin: origin,
      expectedRPID: new URL(origin).hostname,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }),
  );
  if (!verified.verified) throw refused("its attestation does not verify");
  const { credential } = verified.registrationInfo;
  const passkey: Passkey = {
    id: credential.id,
    personId: person.id,
    name,
    publicKey: credential.publicKey,
    counter: credential.counter,
    transports: response.response.transports,
    createdAt: parts.ports.clock.now(),
    lastUsedAt: null,
  };
  await inTransaction(parts, async (tx) => {
    const now = await lockPerson(tx, person.id);
    if (!now || now.state === "disabled") throw refused("its account is disabled");
    const others = await listPasskeys(tx, person.id, PASSKEYS_PER_PERSON_MAX);
    if (others.length >= PASSKEYS_PER_PERSON_MAX) throw tooMany();
    if (!(await addPasskey(tx, passkey))) throw refused("it is registered already");
  });
  parts.log.info({ personId: person.id }, "passkey registered");
  return passkey;
}

/** Options for `navigator.credentials.get`, for whoever has a passkey of this node. @throws Problem `account/no-public-url` */
export async function beginSignIn(parts: AuthParts, host: string | undefined): Promise<Record<string, unknown>> {
  const origin = new URL(requirePublicOrigin(parts.config, host));
  const options = await generateAuthenticationOptions({
    rpID: origin.hostname,
    challenge: await newChallenge(parts, "passkey-sign-in", undefined),
    timeout: CHALLENGE_FOR,
    userVerification: "required",
  });
  return { ...options };
}

/** Verifies an assertion and starts a session. @throws Problem `account/passkey-refused`, `account/disabled` */
export async function finishSignIn(
  parts: AuthParts,
  given: { host: string | undefined; response: unknown; visitor: Visitor },
): Promise<StartedSession> {
  const origin = requirePublicOrigin(parts.config, given.host);
  const response = parseAuthentication(given.response);
  const challenge = await takeChallenge(parts, "passkey-sign-in", response.response.clientDataJSON);
  const passkey = await passkeyById(authDb(parts), response.id);
  if (!passkey) throw refused("it is not a passkey of this node");
  const handle = response.response.userHandle;
  if (handle && handle !== userHandle(passkey.personId)) throw refused("its user handle is someone else's");
  const { userHandle: _, ...assertion } = response.response;
  const { verified, authenticationInfo } = await verifying(parts, () =>
    verifyAuthenticationResponse({
      response: { ...response, response: assertion, clientExtensionResults: {} },
      expectedChallenge: challenge.text,
      expectedOrigin: origin,
      expectedRPID: new URL(origin).hostname,
      credential: { id: passkey.id, publicKey: passkey.publicKey, counter: passkey.counter },
      requireUserVerification: true,
    }),
  );
  if (!verified) throw refused("its signature does not verify");
  return inTransaction(parts, async (tx) => {
    const person = await lockPerson(tx, passkey.personId);
    const use = { id: passkey.id, counter: authenticationInfo.newCounter, at: parts.ports.clock.now() };
    if (!person || !(await notePasskeyUse(tx, use)))
      throw refused("it was removed, or its signature count did not grow");
    return startSession(tx, parts, { person, method: "passkey", visitor: given.visitor });
  });
}

/** WebAuthn 5.4.3: an opaque handle without personal information; here the bytes of the person's id, in base64url. */
function userHandle(personId: string): string {
  return Buffer.from(personId.replaceAll("-", ""), "hex").toString("base64url");
}

async function newChallenge(
  parts: AuthParts,
  kind: CeremonyKind,
  personId: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const challenge = newSecret(parts.ports.random);
  const now = parts.ports.clock.now();
  await forgetEnded(authDb(parts), now);
  await keepCeremony(authDb(parts), { hash: secretHash(challenge), kind, personId, endsAt: later(now, CHALLENGE_FOR) });
  return Uint8Array.from(Buffer.from(challenge, "base64url"));
}

async function takeChallenge(
  parts: AuthParts,
  kind: CeremonyKind,
  clientDataJson: string,
): Promise<{ text: string; personId: string | null }> {
  const text = claimedChallenge(clientDataJson);
  const taken = await takeCeremony(authDb(parts), { hash: secretHash(text), kind, now: parts.ports.clock.now() });
  if (!taken) throw refused("its challenge was used, has ended or is not ours");
  return { text, personId: taken.personId };
}

/** The library says what is wrong by throwing; the reason goes to the log, the caller gets one code. */
async function verifying<Value>(parts: AuthParts, verify: () => Promise<Value>): Promise<Value> {
  try {
    return await verify();
  } catch (cause) {
    parts.log.warn({ reason: cause instanceof Error ? cause.message : String(cause) }, "passkey refused");
    throw new Problem("account/passkey-refused", "this passkey's answer does not verify", { cause });
  }
}

function refused(reason: string): Problem {
  return new Problem("account/passkey-refused", `this passkey is refused: ${reason}`);
}

function tooMany(): Problem {
  return new Problem(
    "account/too-many-passkeys",
    `you have \`${PASSKEYS_PER_PERSON_MAX}\` passkeys already: remove one first`,
  );
}
