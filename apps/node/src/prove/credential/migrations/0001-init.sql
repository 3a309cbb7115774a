-- Credentials of others that were received, and those that this node issued, with what was found out about them.
create table credential_document (
  id uuid primary key,
  direction text not null check (direction in ('issued', 'received')),
  kind text,
  title text not null,
  issuer text not null,
  issuer_name text,
  securing text not null,
  -- as it was issued or received, character for character
  document text not null,
  sha256 bytea not null unique,
  -- the claims as they are shown, in JSON
  content text not null,
  withheld_count int not null,
  valid_from timestamptz,
  valid_until timestamptz,
  verdict text not null check (verdict in ('valid', 'invalid', 'not-checked')),
  checks jsonb not null,
  checked_at timestamptz not null,
  status_checked_at timestamptz,
  list_id int,
  list_index int,
  revoked_at timestamptz,
  revoked_reason text,
  added_at timestamptz not null,
  added_by_name text not null,
  unique (list_id, list_index),
  check ((list_id is null) = (list_index is null)),
  check ((revoked_at is null) = (revoked_reason is null))
);
create index credential_document_direction on credential_document (direction, id desc);
create index credential_document_kind on credential_document (kind, id desc);
create index credential_document_revoked on credential_document (list_id) where revoked_at is not null;

-- What a credential claims, and of what. Subjects are canonical; a digest is indexed, because an identifier may be long.
create table credential_claim (
  credential_id uuid not null references credential_document (id),
  position int not null,
  subject text not null,
  role text not null check (role in ('product', 'facility', 'organisation', 'other')),
  claim text not null,
  primary key (credential_id, position)
);
create index credential_claim_subject on credential_claim (md5(subject), credential_id desc);

-- This node's status lists. `signed` is the list as it is served; a revocation empties it, so that it is signed anew.
create table credential_list (
  id int generated always as identity primary key,
  issuer text not null,
  made_at timestamptz not null,
  signed text,
  signed_at timestamptz
);

-- DID documents that were fetched, every version: old credentials name keys of old versions.
create table credential_did_document (
  did text not null,
  sha256 bytea not null,
  document text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  primary key (did, sha256)
);
