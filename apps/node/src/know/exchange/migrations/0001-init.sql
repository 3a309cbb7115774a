-- A staged file: what it is, what its columns mean, and how its last run went.
create table exchange_import (
  id uuid primary key,
  version int not null default 1,
  -- 'uploading' until every byte is here; only 'staged' ones are shown.
  state text not null check (state in ('uploading', 'staged')),
  file_name text not null,
  format text check (format in ('csv', 'xlsx')),
  size_bytes bigint,
  sha256 text,
  analysis jsonb,
  options jsonb,
  run jsonb,
  has_file boolean not null default true,
  idempotency_key text,
  created_by text not null,
  created_by_name text not null,
  created_at timestamptz not null
);
create index exchange_import_newest on exchange_import (id desc) where state = 'staged';
create unique index exchange_import_once on exchange_import (created_by, idempotency_key) where state = 'staged' and idempotency_key is not null;
create index exchange_import_old on exchange_import (created_at) where has_file;

-- The file's bytes in pieces, so that any process can run the import. Stored as they are: most are compressed already.
create table exchange_chunk (
  import_id uuid not null references exchange_import (id) on delete cascade,
  chunk_index int not null,
  bytes bytea not null,
  primary key (import_id, chunk_index)
);
alter table exchange_chunk alter column bytes set storage external;

-- The report of an import's last run, in the order of the file.
create table exchange_finding (
  import_id uuid not null references exchange_import (id) on delete cascade,
  sheet_index smallint not null,
  row_number int not null,
  sequence int not null,
  level text not null check (level in ('refused', 'warning')),
  sheet text not null,
  table_name text not null,
  column_name text,
  value text,
  rule text not null,
  message text not null,
  primary key (import_id, sheet_index, row_number, sequence)
);

-- Rows of recipes while a run gathers them: one recipe's rows may stand anywhere in the file.
create table exchange_recipe_row (
  import_id uuid not null references exchange_import (id) on delete cascade,
  site_id uuid not null,
  item_id uuid not null,
  row_number int not null,
  -- Null for a row that can't be read; its recipe is refused.
  line jsonb,
  primary key (import_id, site_id, item_id, row_number)
);
