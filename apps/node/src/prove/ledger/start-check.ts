/**
 * Whether this node may go on signing: what the database says against everything outside it that remembers. A database
 * restored from an old backup would sign a second history; here it is refused, and the reason says what remembers more.
 * Nothing here changes anything.
 */
import { Problem } from "@holdfast/kernel";
import { type NoteKey, openCheckpoint } from "@holdfast/tlog";
import type { Client, Head } from "./head-store.ts";
import { placeKeys, placeOf } from "./leaf-store.ts";
import { nativeVerifier } from "./native-crypto.ts";
import { openTree } from "./sequencer.ts";
import type { SignedHead } from "./signed-head-file.ts";

/** What a witness or a mirror says it has seen of this log, its signature verified. */
export interface SeenHead {
  readonly by: string;
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** @throws Problem `ledger/rolled-back` or `ledger/forked` naming who remembers more or something else */
export function refuseRollback(head: Head, seen: SeenHead): void {
  if (seen.size > BigInt(head.size))
    throw new Problem(
      "ledger/rolled-back",
      `${seen.by} has seen \`${seen.size}\` entries of \`${head.origin}\`, and the database holds \`${head.size}\`: it was restored from an older state; signing on would fork the log`,
      { detail: { by: seen.by, size: Number(seen.size), held: head.size } },
    );
  if (seen.size === BigInt(head.size) && seen.size > 0n && Buffer.compare(seen.root, head.root) !== 0)
    throw new Problem(
      "ledger/forked",
      `${seen.by} has seen another tree of \`${seen.size}\` entries of \`${head.origin}\`: the log has two histories`,
      { detail: { by: seen.by, size: head.size } },
    );
}

/**
 * The node's own evidence: the last signed head, the checkpoint's signature, the right edge of the tree, the statements of
 * the last bundle, and the clock.
 * @throws Problem `ledger/rolled-back`, `ledger/forked`, `ledger/damaged`, `ledger/clock`, `ledger/unsure`
 */
export async function checkOwnEvidence(
  client: Client,
  head: Head,
  evidence: { file: SignedHead | undefined; keys: readonly NoteKey[]; now: Date },
): Promise<void> {
  const { file, keys, now } = evidence;
  if (file)
    refuseRollback(head, {
      by: "the file of the last signed head",
      size: BigInt(file.size),
      root: Buffer.from(file.root, "hex"),
    });
  if (head.size === 0) return;
  if (!head.checkpoint || !head.signed_at)
    throw new Problem("ledger/damaged", "the head has entries and no checkpoint");
  const opened = openCheckpoint(head.checkpoint, keys, [], nativeVerifier);
  if (!opened.ok)
    throw new Problem("ledger/damaged", `the head's checkpoint does not verify: ${opened.problem.message}`);
  const { origin, size, root } = opened.value.checkpoint;
  if (origin !== head.origin || size !== BigInt(head.size) || Buffer.compare(root, head.root) !== 0)
    throw new Problem(
      "ledger/damaged",
      `the head says size \`${head.size}\`, and its checkpoint \`${size}\` of \`${origin}\``,
    );
  await openTree(client, head);
  await checkLastStatements(client, head);
  if (now < head.signed_at)
    throw new Problem(
      "ledger/clock",
      `the clock says \`${now.toISOString()}\`, and the last checkpoint is of \`${head.signed_at.toISOString()}\`: set it right`,
    );
}

/** Every statement of the last bundle that was not erased is the one of its entry, and no leaf follows the head. */
async function checkLastStatements(client: Client, head: Head): Promise<void> {
  const first = placeOf({ log: head.log, index: head.size - 1 - ((head.size - 1) % 256) });
  const end = placeOf({ log: head.log, index: head.size });
  const [from, to] = placeKeys(first, 257);
  const { rows } = await client.query<{ place: number; whole: boolean }>(
    `select place, statement is null or sha256(statement) = entry as whole from ledger_leaf
     where (place >> 5) between $1 and $2 and place >= $3 order by place limit 289`,
    [from, to, first],
  );
  for (const { place, whole } of rows) {
    const index = place - end + head.size;
    if (place >= end) throw new Problem("ledger/damaged", `there is a leaf \`${index}\`, and the head ends before it`);
    if (!whole) throw new Problem("ledger/damaged", `the statement at index \`${index}\` is not the entry of the log`);
  }
}
