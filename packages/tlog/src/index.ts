/** Contents of tlog: the tree, its tiles, signed notes, witnesses, and the same evidence as COSE. */
export { decodeBase64, encodeBase64 } from "./base64.ts";
export { type Checkpoint, formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
export {
  COSE_LABEL,
  type CoseSign,
  type CoseSign1,
  formatSign1,
  parseSign,
  parseSign1,
  sign1,
  verifySign,
  verifySign1,
} from "./cose.ts";
export {
  type CoseKey,
  formatCoseKey,
  formatCoseKeySet,
  keyThumbprint,
  parseCoseKey,
  parseCoseKeySet,
} from "./cose-key.ts";
export { subtreeMessage } from "./cosignature.ts";
export { admitsEd25519, isEd25519Key, verifyEd25519 } from "./ed25519.ts";
export { append, type Edge, edgeOf, edgeRoot, EMPTY_EDGE } from "./edge.ts";
export { formatBundle, MAX_ENTRY_BYTES, parseBundle } from "./entry-bundle.ts";
export {
  type ForkProof,
  formatForkProof,
  type LeafProof,
  parseForkProof,
  type ProvenFork,
  verifyForkProof,
} from "./fork-proof.ts";
export { fsck, type FsckFinding, type FsckOptions, type FsckReport, type LogReader, MAX_FINDINGS } from "./fsck.ts";
export { EMPTY_ROOT, leafHash, nodeHash, treeHead } from "./merkle.ts";
export {
  formatNote,
  formatSignatureLine,
  MAX_NOTE_BYTES,
  MAX_NOTE_SIGNATURES,
  type Note,
  type NoteSignature,
  type OpenedNote,
  openNote,
  parseNote,
  parseSignatureLine,
  type VerifiedSignature,
} from "./note.ts";
export { signNote } from "./note-signing.ts";
export { openCheckpoint, type OpenedCheckpoint } from "./opened-checkpoint.ts";
export { type NodeReader, proveConsistency, proveInclusion, proveSubtree, treeRoot, type TreeNode } from "./proof.ts";
export {
  type ConsistencyProof,
  formatReceipt,
  type InclusionProof,
  parseReceipt,
  type Receipt,
  type ReceiptInput,
  signConsistencyReceipt,
  signInclusionReceipt,
  verifyConsistencyReceipt,
  verifyInclusionReceipt,
} from "./receipt.ts";
export { type TlogCode, TlogProblem, type TlogResult } from "./refusal.ts";
export { formatConciseProblem, parseConciseProblem, SCRAPI_TITLES, type ScrapiTitle } from "./scrapi.ts";
export {
  formatSignSubtree,
  parseSignSubtree,
  type SignSubtree,
  signSubtree,
  type SubtreeAnswer,
} from "./sign-subtree.ts";
export {
  attachReceipts,
  covers,
  type HashEnvelope,
  parseStatement,
  signStatement,
  type Statement,
  type StatementInput,
} from "./statement.ts";
export {
  inclusionRanges,
  isSubtree,
  type Range,
  verifyConsistency,
  verifyInclusion,
  verifySubtree,
  verifySubtreeInclusion,
} from "./subtree.ts";
export { parseTilePath, partialTiles, type Tile, TILE_WIDTH, tileAt, tileCount, tilePath, tileWidth } from "./tile.ts";
export { type HashInto, latin1HashInto, type TileBytes, TileHasher, type TreeState } from "./tile-hasher.ts";
export { tileNodeReader, tilesNodeReader, type TileSource, type TilesSource } from "./tile-reader.ts";
export { TileWriter, type TreeCut } from "./tile-writer.ts";
export {
  evaluatePolicy,
  formatPolicy,
  isQuorum,
  parsePolicy,
  type Policy,
  type PolicyGroup,
  type PolicyLog,
  type PolicyVerdict,
  type PolicyWitness,
  weighCheckpoint,
} from "./tlog-policy.ts";
export { formatTlogProof, parseTlogProof, type ProvenEntry, type TlogProof, verifyTlogProof } from "./tlog-proof.ts";
export {
  nobleVerifier,
  type PublicKey,
  type SignatureScheme,
  type Signer,
  type Verifier,
  verifyMlDsa44,
} from "./verifier.ts";
export { formatVkey, type NoteKey, noteKey, parseVkey, SIGNATURE_TYPE, type SignatureType } from "./vkey.ts";
export {
  type AddCheckpoint,
  addCheckpoint,
  formatAddCheckpoint,
  parseAddCheckpoint,
  type WitnessAnswer,
  type WitnessRecord,
} from "./witness.ts";
export { addCosignatures, type CosignedCheckpoint, parseSizeReply, witnessedCheckpointPath } from "./witness-reply.ts";
