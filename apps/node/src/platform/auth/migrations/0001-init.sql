-- The people of this node. The password is argon2id in PHC form; absent for one who signs in by passkey or single sign-on
-- only, and for one who has not yet taken a set-up link. Disabled wins over accepted.
create table auth_person (
  id uuid primary key,
  name text not null,
  email text not null unique,
  roles text[] not null,
  password_hash text,
  accepted_at timestamptz,
  disabled_at timestamptz,
  created_at timestamptz not null,
  last_sign_in_at timestamptz,
  version int not null default 1
);
create index auth_person_admin on auth_person (id)
  where 'admin' = any (roles) and accepted_at is not null and disabled_at is null;

-- One-time links. Without a person, whoever holds the link becomes a new one with these roles. A person has at most one.
create table auth_set_up_link (
  token_sha256 bytea primary key,
  person_id uuid unique references auth_person on delete cascade,
  name text,
  roles text[] not null,
  ends_at timestamptz not null
);
create index auth_set_up_link_ends on auth_set_up_link (ends_at);

-- Sessions of browsers, by the hash of their cookie. ends_at slides with use and never passes ends_at_latest.
create table auth_session (
  id uuid primary key,
  token_sha256 bytea not null unique,
  person_id uuid not null references auth_person on delete cascade,
  method text not null check (method in ('set-up', 'password', 'passkey', 'oidc')),
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  ends_at timestamptz not null,
  ends_at_latest timestamptz not null,
  user_agent text not null,
  address text not null
);
create index auth_session_person on auth_session (person_id, id desc);
create index auth_session_ends on auth_session (ends_at);

-- API tokens, by id; the secret is kept as its hash only.
create table auth_token (
  id uuid primary key,
  secret_sha256 bytea not null,
  person_id uuid not null references auth_person on delete cascade,
  name text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  ends_at timestamptz not null,
  last_used_at timestamptz
);
create index auth_token_person on auth_token (person_id, id desc);

-- Passkeys by credential id (base64url). public_key is COSE; counter is the authenticator's signature count.
create table auth_passkey (
  id text primary key,
  person_id uuid not null references auth_person on delete cascade,
  name text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index auth_passkey_person on auth_passkey (person_id, created_at);

-- Who someone is at an OpenID provider.
create table auth_identity (
  issuer text not null,
  subject text not null,
  person_id uuid not null references auth_person on delete cascade,
  created_at timestamptz not null,
  primary key (issuer, subject),
  unique (person_id, issuer)
);

-- Ceremonies under way: WebAuthn challenges and OpenID states, by their hash. Taking a row ends it, so each works once.
create table auth_ceremony (
  secret_sha256 bytea primary key,
  kind text not null check (kind in ('passkey-registration', 'passkey-sign-in', 'oidc')),
  person_id uuid references auth_person on delete cascade,
  return_to text,
  ends_at timestamptz not null
);
create index auth_ceremony_ends on auth_ceremony (ends_at);

-- Attempts to sign in within the current window, by the hash of an account's or an address's name.
create table auth_throttle (
  key_sha256 bytea primary key,
  attempts int not null,
  ends_at timestamptz not null
);
create index auth_throttle_ends on auth_throttle (ends_at);
