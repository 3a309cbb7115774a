/**
 * How fast a log grows: leaves a second into tiles and bundles, with the native hash and with the portable one, against
 * the floor of the same run, two bare SHA-256 of 65 bytes for each leaf (its own and, amortised, one node). Then proofs out of
 * tiles at the full size and at a thousandth of it, the cost of resuming, and statements against bare signatures.
 */
import { generateKeyPairSync, hash, sign as nativeSign } from "node:crypto";
import { unwrap } from "@holdfast/kernel";
import { ed25519 } from "@noble/curves/ed25519.js";
import {
  keyThumbprint,
  latin1HashInto,
  leafHash,
  nobleVerifier,
  parseStatement,
  proveInclusion,
  type Signer,
  signStatement,
  type StatementInput,
  tileNodeReader,
  tilePath,
  TileWriter,
  type TreeCut,
  verifyInclusion,
} from "../src/index.ts";

const nativeHashInto = latin1HashInto((input) => hash("sha256", input, "binary"));

export async function bench({ tiny }: { tiny: boolean }): Promise<Record<string, unknown>> {
  const leaves = tiny ? 2_000 : 1_000_000;
  const entry = new Uint8Array(32);
  const floorPerSecond = rate(2 * leaves, () => {
    const input = new Uint8Array(65);
    const output = new Uint8Array(32);
    for (let i = 0; i < 2 * leaves; i++) nativeHashInto(input, output, 0);
  });
  const files = new Map<string, Uint8Array>();
  let cut: TreeCut | undefined;
  const treePerSecond = rate(leaves, () => {
    const writer = new TileWriter(undefined, nativeHashInto);
    for (let i = 0; i < leaves; i++) {
      entry[i & 31] = i & 0xff;
      writer.append(entry);
    }
    cut = writer.cut();
  });
  const portable = Math.ceil(leaves / 20);
  const portablePerSecond = rate(portable, () => {
    const writer = new TileWriter();
    for (let i = 0; i < portable; i++) writer.append(entry);
  });
  if (cut === undefined) throw new Error("the tree was not built");
  for (const { tile, bytes } of [...cut.full, ...cut.partials]) files.set(tilePath(tile), bytes);
  const small = new TileWriter(undefined, nativeHashInto);
  for (let i = 0; i < Math.ceil(leaves / 1_000); i++) small.append(entry);
  const smallCut = small.cut();
  const smallFiles = new Map(
    [...smallCut.full, ...smallCut.partials].map(({ tile, bytes }) => [tilePath(tile), bytes]),
  );
  const resume = rate(50, () => {
    for (let i = 0; i < 50; i++) new TileWriter(cut, nativeHashInto);
  });
  return {
    leaves,
    bareHashesPerSecond: Math.round(floorPerSecond),
    treeLeavesPerSecond: Math.round(treePerSecond),
    ratioToFloor: round(treePerSecond / (floorPerSecond / 2)),
    portableTreeLeavesPerSecond: Math.round(portablePerSecond),
    proof: await proofTimes(cut, files, tiny),
    proofAtAThousandth: await proofTimes(smallCut, smallFiles, tiny),
    resumeMs: round(1_000 / resume),
    portableEd25519VerificationsPerSecond: Math.round(verifications(tiny)),
    ...(await statements(tiny)),
  };
}

async function proofTimes(
  cut: TreeCut,
  files: ReadonlyMap<string, Uint8Array>,
  tiny: boolean,
): Promise<{ p50Ms: number; p99Ms: number; verifiesPerSecond: number }> {
  const read = tileNodeReader(async (tile) => files.get(tilePath(tile)), cut.size, nativeHashInto);
  const times: number[] = [];
  let path: Uint8Array[] = [];
  let index = 0n;
  for (let i = 0; i < (tiny ? 20 : 2_000); i++) {
    index = (BigInt(i) * 7_919_993n) % cut.size;
    const start = performance.now();
    path = await proveInclusion(read, index, cut.size);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => round(times[Math.floor((times.length - 1) * share)] ?? Number.NaN);
  const claim = { index, size: cut.size, leafHash: leafHash(new Uint8Array(32)), root: cut.root };
  const checks = tiny ? 20 : 2_000;
  const verifies = rate(checks, () => {
    for (let i = 0; i < checks; i++) verifyInclusion(claim, path);
  });
  return { p50Ms: at(0.5), p99Ms: at(0.99), verifiesPerSecond: Math.round(verifies) };
}

/** Statements of about 250 bytes, signed natively, against the bare signature of the same run. */
async function statements(tiny: boolean): Promise<Record<string, number>> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const bytes = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
  const signer: Signer = { sign: async (message) => nativeSign(null, message, privateKey) };
  const input: StatementInput = {
    algorithm: -8n,
    kid: keyThumbprint({ kind: "ed25519", bytes }),
    issuer: "did:web:node.example",
    subject: "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    payload: new Uint8Array(32),
    envelope: { algorithm: -16n, preimageContentType: "application/json" },
  };
  const { canonical } = await signStatement(input, signer);
  const count = tiny ? 20 : 5_000;
  const bareSignaturesPerSecond = rate(count, () => {
    for (let i = 0; i < count; i++) nativeSign(null, canonical, privateKey);
  });
  const start = performance.now();
  for (let i = 0; i < count; i++) await signStatement(input, signer);
  const statementsSignedPerSecond = (count * 1_000) / (performance.now() - start);
  const statementsParsedPerSecond = rate(count, () => {
    for (let i = 0; i < count; i++) unwrap(parseStatement(canonical));
  });
  return {
    statementBytes: canonical.length,
    bareSignaturesPerSecond: Math.round(bareSignaturesPerSecond),
    statementsSignedPerSecond: Math.round(statementsSignedPerSecond),
    signingRatioToBare: round(statementsSignedPerSecond / bareSignaturesPerSecond),
    statementsParsedPerSecond: Math.round(statementsParsedPerSecond),
  };
}

function verifications(tiny: boolean): number {
  const secret = new Uint8Array(32).fill(7);
  const key = { kind: "ed25519", bytes: ed25519.getPublicKey(secret) } as const;
  const message = new Uint8Array(250);
  const signature = ed25519.sign(message, secret);
  const count = tiny ? 5 : 500;
  return rate(count, () => {
    for (let i = 0; i < count; i++)
      if (!nobleVerifier.verify("ed25519", key, message, signature)) throw new Error("the signature must verify");
  });
}

/** How often a second, from one run of `work` that does it `count` times. */
function rate(count: number, work: () => void): number {
  const start = performance.now();
  work();
  return (count * 1_000) / (performance.now() - start);
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
