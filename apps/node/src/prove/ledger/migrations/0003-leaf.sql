-- A leaf of the tree and its statement are one row, and the row is the only copy of the leaf: bundles and level-0 tiles are
-- made of the entries, so `ledger_tile` keeps the levels above. `place` is the log's id * 2^40 + the leaf's index. Names
-- that repeat are numbers, and no foreign key is checked for every leaf: the sequencer is the only writer.
create table ledger_kind (
  id smallint generated always as identity primary key,
  kind text not null unique
);

create table ledger_signer (
  id integer generated always as identity primary key,
  issuer text not null,
  -- a hash index, because an issuer may be longer than a B-tree takes
  exclude using hash (issuer with =)
);

create table ledger_leaf (
  place bigint not null check (place >= 0),
  accepted_at timestamptz not null,
  signer integer not null,
  kind smallint not null,
  entry bytea not null check (length(entry) = 32),
  subject text not null,
  -- null when it was erased: the entry is its hash and stays
  statement bytea
);

-- Leaves of which a kind has any, in blocks of 256: what a list of one kind looks at.
create table ledger_kind_block (
  kind smallint not null,
  block bigint not null,
  primary key (kind, block)
);

alter table ledger_log add check (id < 8192); -- a place stays below 2^53

insert into ledger_kind (kind) select distinct kind from ledger_statement;
insert into ledger_signer (issuer) select distinct issuer from ledger_statement;
insert into ledger_leaf (place, accepted_at, signer, kind, entry, subject, statement)
select (s.log::bigint << 40) | s.leaf_index, s.accepted_at, g.id, k.id, s.entry, s.subject, s.statement
from ledger_statement s join ledger_kind k on k.kind = s.kind join ledger_signer g on g.issuer = s.issuer
order by s.log, s.leaf_index;
insert into ledger_kind_block (kind, block) select distinct kind, place >> 8 from ledger_leaf;
drop table ledger_statement;

-- Keys that repeat take a tenth of what unique ones take: 32 neighbours share a key of the first index, and of the third
-- the leaves of one subject within 4,096. The second has 56 bits of an entry, and whoever looks there compares the rest.
create index ledger_leaf_place on ledger_leaf ((place >> 5)) with (fillfactor = 100);
create index ledger_leaf_entry on ledger_leaf ((substring(entry for 7)));
create index ledger_leaf_subject on ledger_leaf
  ((((hashtextextended(subject, 0) & 4194303) << 41) | (place >> 12)));

-- Statements by their place in the tree, in words.
create view ledger_statement as
select (l.place >> 40)::smallint as log, l.place & 1099511627775 as leaf_index, l.entry, k.kind, l.subject, g.issuer,
  l.statement, l.accepted_at
from ledger_leaf l join ledger_kind k on k.id = l.kind join ledger_signer g on g.id = l.signer;

delete from ledger_tile where level < 1;
alter table ledger_tile drop constraint ledger_tile_level_check, add check (level between 1 and 7);

alter table ledger_document drop constraint ledger_document_pkey;
create index ledger_document_entry on ledger_document ((substring(entry for 7)));
