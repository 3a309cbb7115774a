/** Kinds of statements and their subjects as people read them, and where what they are about is shown. */

const WORDS: Readonly<Record<string, string>> = {
  "access/granted": "Access granted or changed",
  "access/link-issued": "Set-up link issued",
  "access/reset": "Ways in started anew",
  "access/policies-changed": "Access policies changed",
  "designation/decided": "Criteria decided",
  "investment/decided": "Investment decided",
  "custody/checked": "Findings of custody",
  "custody/decided": "Finding decided",
  "custody/settings-changed": "Rules of custody changed",
  "thread/captured": "Events captured",
  "intel/collection": "Access to a collection changed",
  "intel/document": "Advisory, catalogue or list received",
  "intel/verdict": "Said whether it touches us",
  "intel/merged": "Duplicates merged",
  "intel/merge-undone": "Merge of duplicates taken back",
  "intel/feed": "Feed configured",
  "intel/key": "Key of a partner trusted or withdrawn",
  "intel/bundle": "Signed bundle made or read",
  "intel/received": "Intelligence received",
  "intel/removed": "Intelligence removed",
  "registry/imported": "Import into the registry",
  "ledger/opened": "Log opened",
  "ledger/witness-changed": "Witness changed",
  "ledger/policy-changed": "Accepted issuers changed",
  "ledger/key-changed": "Signing key changed",
  "ledger/erased": "Erasure",
  "ledger/overridden": "Start-up check overridden",
  "foreign/statement": "Statement of another party",
  "load/entry": "Entry of a load tool",
};

/** `registry/imported` as "Import into the registry"; a kind that has no words yet stands for itself. */
export function kindWords(kind: string): string {
  return WORDS[kind] ?? kind;
}

/** The page of what a statement is about; undefined where there is none. */
export function subjectHref(kind: string, subject: string): string | undefined {
  const statement = /^urn:sha256:([0-9a-f]{64})$/.exec(subject)?.[1];
  if (statement) return `/prove/ledger/${statement}`;
  const id = /^urn:uuid:([0-9a-f-]{36})$/.exec(subject)?.[1];
  if (!id) return kind === "access/policies-changed" ? "/decisions?tab=policies" : undefined;
  if (kind === "designation/decided") return `/know/designation/${id}`;
  if (kind === "registry/imported") return `/know/import/${id}?step=report`;
  if (kind === "access/granted" || kind === "access/reset") return `/people?row=${id}`;
  return undefined;
}
