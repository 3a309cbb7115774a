/** Puts the policy set on record whenever a starting node has another one than the node before it. */
import { createHash } from "node:crypto";
import { policyTexts } from "@holdfast/access";
import { canonicalJson } from "@holdfast/kernel";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import type { Evidence } from "./evidence.ts";

/** @returns whether it had changed */
export function recordPolicies(database: Database, evidence: Evidence): Promise<boolean> {
  const policies = policyTexts();
  const sha256 = createHash("sha256")
    .update(canonicalJson({ ...policies }))
    .digest("hex");
  return database.transaction<Record<never, never>, boolean>(async (tx) => {
    const { rows } = await sql`
      insert into platform_setting as stored (name, value) values ('policy-set', to_jsonb(${sha256}::text))
      on conflict (name) do update set value = excluded.value, changed_at = now() where stored.value <> excluded.value
      returning true`.execute(tx);
    if (rows.length === 0) return false;
    const payload = { sha256, policies: { ...policies } };
    await evidence.append(tx, { kind: "access/policies-changed", subject: "urn:holdfast:policy-set", payload });
    return true;
  });
}
