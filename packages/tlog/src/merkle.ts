/**
 * Merkle tree hashing, RFC 9162 2.1.1 (the same tree as RFC 6962). Invariant: a leaf and a node never hash alike, because
 * their prefixes differ. `treeHead` is the definition as it stands, O(n) hashes; `Edge` and `TileWriter` are the ways to
 * grow a tree, and the tests hold both against it.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concat } from "./bytes.ts";

export const HASH_BYTES = 32;
const LEAF_PREFIX = Uint8Array.of(0x00);
const NODE_PREFIX = Uint8Array.of(0x01);

/** The root of the tree without entries: SHA-256(""), RFC 9162 2.1.1. */
export const EMPTY_ROOT = sha256(new Uint8Array());

/** SHA-256(0x00 || entry), RFC 9162 2.1.1. */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(concat(LEAF_PREFIX, entry));
}

/** SHA-256(0x01 || left || right), RFC 9162 2.1.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(NODE_PREFIX, left, right));
}

/** MTH(D[0:n]) over leaf hashes that are already computed, RFC 9162 2.1.1. */
export function treeHead(leafHashes: readonly Uint8Array[]): Uint8Array {
  const [first] = leafHashes;
  if (first === undefined) return EMPTY_ROOT;
  if (leafHashes.length === 1) return first;
  const k = 2 ** Math.floor(Math.log2(leafHashes.length - 1)); // the largest power of two less than n
  return nodeHash(treeHead(leafHashes.slice(0, k)), treeHead(leafHashes.slice(k)));
}
