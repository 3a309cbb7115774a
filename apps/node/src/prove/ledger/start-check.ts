/**
 * Whether this node may go on signing: what the database says against everything outside it that remembers. A database
 * restored from an old backup would sign a second history; here it is refused, and the reason says what remembers more.
 * Nothing here changes anything.
 */
import { Problem } from "@holdfast/kernel";
import { leafHash, type NoteKey, openCheckpoint, parseBundle, tileAt } from "@holdfast/tlog";
import type { Client, Head } from "./head-store.ts";
import { nativeVerifier } from "./native-crypto.ts";
import { openTree } from "./sequencer.ts";
import type { SignedHead } from "./signed-head-file.ts";
import { readTile } from "./tile-store.ts";

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
 * The node's own evidence: the last signed head, the checkpoint's signature, the right edge of the tree, the last bundle
 * and its statements, and the clock.
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
  await checkLastBundle(client, head);
  if (now < head.signed_at)
    throw new Problem(
      "ledger/clock",
      `the clock says \`${now.toISOString()}\`, and the last checkpoint is of \`${head.signed_at.toISOString()}\`: set it right`,
    );
}

/** Every entry of the last bundle is the leaf of its level-0 tile and the entry of its statement. */
async function checkLastBundle(client: Client, head: Head): Promise<void> {
  const index = BigInt(head.size - 1) / 256n;
  const bundle = tileAt("entries", index, BigInt(head.size));
  const leaves = tileAt(0, index, BigInt(head.size));
  const [bundled, hashed] = [
    bundle && (await readTile(client, head.log, bundle)),
    leaves && (await readTile(client, head.log, leaves)),
  ];
  if (!bundled || !hashed) throw new Problem("ledger/damaged", "the last bundle or its tile is missing or cut");
  const entries = parseBundle(bundled);
  const { rows } = await client.query<{ leaf_index: number; entry: Buffer }>(
    "select leaf_index, entry from ledger_statement where log = $1 and leaf_index >= $2 order by leaf_index limit 257",
    [head.log, Number(index) * 256],
  );
  for (const [i, entry] of entries.entries()) {
    const leaf = Number(index) * 256 + i;
    if (Buffer.compare(leafHash(entry), hashed.subarray(i * 32, (i + 1) * 32)) !== 0)
      throw new Problem("ledger/damaged", `entry \`${leaf}\` is not the leaf of its tile`);
    const row = rows[i];
    if (row?.leaf_index !== leaf || Buffer.compare(row.entry, entry) !== 0)
      throw new Problem("ledger/damaged", `the statement at index \`${leaf}\` is not the entry of the log`);
  }
}
