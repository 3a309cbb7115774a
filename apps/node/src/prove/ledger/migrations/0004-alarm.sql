-- Alarms of the ledger: raised once, cleared once, kept. `since` is when what they tell began.
create table ledger_alarm (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('witness-missing')),
  subject text not null,
  since timestamptz not null,
  raised_at timestamptz not null,
  cleared_at timestamptz,
  message text not null
);
create unique index ledger_alarm_open on ledger_alarm (kind, subject) where cleared_at is null;

-- Every key that a witness of this log ever had. What a retired one cosigned is checked with it, and nothing new is.
create table ledger_witness_key (
  vkey text primary key,
  name text not null,
  -- hex of the key's bytes: one key is one witness, under whatever name and type
  public_key text not null,
  added_at timestamptz not null,
  retired_at timestamptz
);
create index ledger_witness_key_name on ledger_witness_key (name);
create unique index ledger_witness_key_in_use on ledger_witness_key (public_key) where retired_at is null;

insert into ledger_witness_key (vkey, name, public_key, added_at)
select vkey, name, encode(substring(decode(substring(vkey from '[^+]*$'), 'base64') from 2), 'hex'), added_at
from ledger_witness
on conflict do nothing;

-- The leaves of one subject share a key within 16,384 of them.
drop index ledger_leaf_subject;
create index ledger_leaf_subject on ledger_leaf
  ((((hashtextextended(subject, 0) & 4194303) << 41) | (place >> 14)));
