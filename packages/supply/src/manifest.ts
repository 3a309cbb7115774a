/** What a result needs to be made again: hashes of its inputs and assumptions, the model's version, the seed. */
import { canonicalJson } from "@holdfast/kernel";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** Changes when the same inputs may give other numbers. */
export const MODEL_VERSION = "supply-1";

export interface Manifest {
  readonly modelVersion: string;
  /** SHA-256 of the canonical JSON (RFC 8785) of the inputs, in hexadecimal. */
  readonly inputHash: string;
  readonly assumptionsHash: string;
  readonly seed: number | undefined;
}

/** @throws Problem `canonical-json/unrepresentable` when inputs or assumptions have no JSON form */
export function manifestOf(parts: { inputs: unknown; assumptions: unknown; seed?: number }): Manifest {
  return {
    modelVersion: MODEL_VERSION,
    inputHash: hashOf(parts.inputs),
    assumptionsHash: hashOf(parts.assumptions),
    seed: parts.seed,
  };
}

function hashOf(value: unknown): string {
  return bytesToHex(sha256(new TextEncoder().encode(canonicalJson(value))));
}
