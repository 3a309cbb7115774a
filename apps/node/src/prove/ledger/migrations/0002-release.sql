-- When each checkpoint was published, and when the witnesses' quorum had cosigned it: the earliest one that holds an index
-- tells since when a statement is published, and since when it is witnessed.
create table ledger_release (
  log smallint not null references ledger_log (id),
  size bigint not null,
  published_at timestamptz not null,
  witnessed_at timestamptz,
  primary key (log, size)
);
create index ledger_release_witnessed on ledger_release (log, size) where witnessed_at is not null;

insert into ledger_release (log, size, published_at)
select log, published_size, published_at from ledger_head where published_at is not null;
