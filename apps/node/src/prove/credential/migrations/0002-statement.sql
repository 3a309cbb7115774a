-- The ledger statement that says that the credential was issued or received: what a dossier proves it with.
alter table credential_document add column statement text;
