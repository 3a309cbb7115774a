/** One's own account: set-up, sign-in by password, passkey or OpenID Connect, sessions, sign-out. */
import { ROLES } from "@holdfast/access";
import { z } from "zod";
import { route } from "../route.ts";
import { line } from "../text.ts";

const tag = "platform/account";

export const PASSWORD_LENGTH_MIN = 12; // NIST SP 800-63B asks for 8 with checks; length is the better check
export const PASSWORD_LENGTH_MAX = 256; // bounds the work of argon2id

export const email = z.string().trim().toLowerCase().pipe(z.email().max(254));
export const newPassword = z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX);

export const me = z.object({
  kind: z.enum(["person", "token", "node"]),
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  roles: z.array(z.enum(ROLES)),
  /** What this caller may ask for, so that the console can say why something is disabled. */
  actions: z.array(z.string()),
  sessionEndsAt: z.iso.datetime().nullable(),
});
export type Me = z.output<typeof me>;

export const passkey = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export const session = z.object({
  id: z.uuid(),
  current: z.boolean(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  method: z.enum(["set-up", "password", "passkey", "oidc"]),
  userAgent: z.string(),
  address: z.string(),
});

export const accountProblems = {
  "account/sign-in-failed": 401,
  "account/too-many-attempts": 429,
  "account/set-up-link-invalid": 410,
  "account/set-up-email-differs": 422,
  "account/weak-password": 422,
  "account/passkey-refused": 401,
  "account/passkey-not-found": 404,
  "account/too-many-passkeys": 409,
  "account/no-public-url": 409,
  "account/session-not-found": 404,
  "account/oidc-not-configured": 404,
  "account/oidc-failed": 401,
  "account/disabled": 401,
} as const;

export const getMe = route({
  id: "getMe",
  method: "GET",
  path: "/api/account",
  tag,
  summary: "Who I am and what I may do",
  action: "account:own",
  status: 200,
  answer: me,
});

export const readSetUpLink = route({
  id: "readSetUpLink",
  method: "POST",
  path: "/api/account/set-up/link",
  tag,
  summary:
    "Whom a set-up link is for and what roles they have with it, without using it; null where its holder chooses",
  action: "public",
  body: z.strictObject({ token: z.string().min(20).max(200) }),
  status: 200,
  answer: z.object({
    name: z.string().nullable(),
    email: z.string().nullable(),
    roles: z.array(z.enum(ROLES)),
    endsAt: z.iso.datetime(),
  }),
});

export const setUp = route({
  id: "setUp",
  method: "POST",
  path: "/api/account/set-up",
  tag,
  summary: "Takes a one-time set-up link: makes its account's password and signs in",
  action: "public",
  body: z.strictObject({
    token: z.string().min(20).max(200),
    name: line(200),
    email,
    password: newPassword,
  }),
  status: 200,
  answer: me,
});

export const signIn = route({
  id: "signIn",
  method: "POST",
  path: "/api/account/sign-in",
  tag,
  summary: "Signs in with e-mail address and password",
  action: "public",
  body: z.strictObject({ email, password: z.string().min(1).max(PASSWORD_LENGTH_MAX) }),
  status: 200,
  answer: me,
});

export const signOut = route({
  id: "signOut",
  method: "POST",
  path: "/api/account/sign-out",
  tag,
  summary: "Ends this session",
  action: "account:own",
  status: 204,
});

export const changePassword = route({
  id: "changePassword",
  method: "POST",
  path: "/api/account/password",
  tag,
  summary: "Changes the password; ends every other session and every API token of the person",
  action: "account:own",
  body: z.strictObject({ current: z.string().max(PASSWORD_LENGTH_MAX), next: newPassword }),
  status: 204,
});

export const listSessions = route({
  id: "listSessions",
  method: "GET",
  path: "/api/account/sessions",
  tag,
  summary: "My sessions",
  action: "account:own",
  status: 200,
  answer: z.object({ items: z.array(session) }),
});

export const endSession = route({
  id: "endSession",
  method: "DELETE",
  path: "/api/account/sessions/:sessionId",
  tag,
  summary: "Ends one of my sessions",
  action: "account:own",
  params: z.object({ sessionId: z.uuid() }),
  status: 204,
});

const ceremony = z.record(z.string(), z.unknown()).describe("a WebAuthn JSON structure");

export const listPasskeys = route({
  id: "listPasskeys",
  method: "GET",
  path: "/api/account/passkeys",
  tag,
  summary: "My passkeys",
  action: "account:own",
  status: 200,
  answer: z.object({ items: z.array(passkey) }),
});

export const beginPasskeyRegistration = route({
  id: "beginPasskeyRegistration",
  method: "POST",
  path: "/api/account/passkeys/registration",
  tag,
  summary: "Options for navigator.credentials.create",
  action: "account:own",
  status: 200,
  answer: ceremony,
});

export const registerPasskey = route({
  id: "registerPasskey",
  method: "POST",
  path: "/api/account/passkeys",
  tag,
  summary: "Stores a passkey after its attestation was verified",
  action: "account:own",
  body: z.strictObject({ name: line(100), response: ceremony }),
  status: 201,
  answer: passkey,
});

export const removePasskey = route({
  id: "removePasskey",
  method: "DELETE",
  path: "/api/account/passkeys/:passkeyId",
  tag,
  summary: "Removes one of my passkeys",
  action: "account:own",
  params: z.object({ passkeyId: z.string().max(1_500) }),
  status: 204,
});

export const beginPasskeySignIn = route({
  id: "beginPasskeySignIn",
  method: "POST",
  path: "/api/account/passkey-sign-in/options",
  tag,
  summary: "Options for navigator.credentials.get",
  action: "public",
  status: 200,
  answer: ceremony,
});

export const passkeySignIn = route({
  id: "passkeySignIn",
  method: "POST",
  path: "/api/account/passkey-sign-in",
  tag,
  summary: "Signs in with a passkey",
  action: "public",
  body: z.strictObject({ response: ceremony }),
  status: 200,
  answer: me,
});

export const accountRoutes = [
  getMe,
  readSetUpLink,
  setUp,
  signIn,
  signOut,
  changePassword,
  listSessions,
  endSession,
  listPasskeys,
  beginPasskeyRegistration,
  registerPasskey,
  removePasskey,
  beginPasskeySignIn,
  passkeySignIn,
] as const;

/**
 * Browser navigations of the OpenID Connect code flow; they redirect, so they are not JSON operations. The start takes
 * `returnTo`, a path of the console; a failure ends at `/sign-in?problem=CODE`.
 */
export const OIDC_START_PATH = "/auth/oidc/start";
export const OIDC_CALLBACK_PATH = "/auth/oidc/callback";
