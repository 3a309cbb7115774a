/** The auth_ tables as they stand in migrations/, and the person that every store of this room returns. Rows stay inside the stores. */
import { type Role, ROLES } from "@holdfast/access";
import type { Kysely, Transaction } from "kysely";

/** The pool or a transaction on it, as this room's tables. */
export type AuthDb = Kysely<AuthTables>;
export type AuthTx = Transaction<AuthTables>;

export type SessionMethod = "set-up" | "password" | "passkey" | "oidc";
export type CeremonyKind = "passkey-registration" | "passkey-sign-in" | "oidc";

/** A person with what only this room may see. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly Role[];
  readonly state: "invited" | "active" | "disabled";
  readonly passwordHash: string | undefined;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
  readonly version: number;
}

export interface PersonRow {
  id: string;
  name: string;
  email: string;
  roles: string[];
  password_hash: string | null;
  accepted_at: Date | null;
  disabled_at: Date | null;
  created_at: Date;
  last_sign_in_at: Date | null;
  version: number;
}

export interface SessionRow {
  id: string;
  token_sha256: Buffer;
  person_id: string;
  method: SessionMethod;
  created_at: Date;
  last_used_at: Date;
  ends_at: Date;
  ends_at_latest: Date;
  user_agent: string;
  address: string;
}

export interface TokenRow {
  id: string;
  secret_sha256: Buffer;
  person_id: string;
  name: string;
  scopes: string[];
  created_at: Date;
  ends_at: Date;
  last_used_at: Date | null;
}

export interface PasskeyRow {
  id: string;
  person_id: string;
  name: string;
  public_key: Buffer;
  counter: number;
  transports: string[];
  created_at: Date;
  last_used_at: Date | null;
}

export interface AuthTables {
  auth_person: PersonRow;
  auth_set_up_link: {
    token_sha256: Buffer;
    person_id: string | null;
    name: string | null;
    roles: string[];
    ends_at: Date;
  };
  auth_session: SessionRow;
  auth_token: TokenRow;
  auth_passkey: PasskeyRow;
  auth_identity: { issuer: string; subject: string; person_id: string; created_at: Date };
  auth_ceremony: {
    secret_sha256: Buffer;
    kind: CeremonyKind;
    person_id: string | null;
    return_to: string | null;
    ends_at: Date;
  };
  auth_throttle: { key_sha256: Buffer; attempts: number; ends_at: Date };
}

export const PERSON = [
  "auth_person.id",
  "auth_person.name",
  "auth_person.email",
  "auth_person.roles",
  "auth_person.password_hash",
  "auth_person.accepted_at",
  "auth_person.disabled_at",
  "auth_person.created_at",
  "auth_person.last_sign_in_at",
  "auth_person.version",
] as const;

export function personOf(row: PersonRow): Person {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    roles: ROLES.filter((role) => row.roles.includes(role)),
    state: row.disabled_at ? "disabled" : row.accepted_at ? "active" : "invited",
    passwordHash: row.password_hash ?? undefined,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at,
    version: row.version,
  };
}
