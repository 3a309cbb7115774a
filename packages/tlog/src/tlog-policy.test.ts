import { strict as assert } from "node:assert";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import { ed25519 } from "@noble/curves/ed25519.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import fc from "fast-check";
import { concat, utf8 } from "./bytes.ts";
import { formatCheckpoint } from "./checkpoint.ts";
import { leafHash, treeHead } from "./merkle.ts";
import { formatNote, MAX_NOTE_BYTES } from "./note.ts";
import { signNote } from "./note-signing.ts";
import { proveInclusion, type TreeNode } from "./proof.ts";
import type { TlogCode, TlogResult } from "./refusal.ts";
import {
  evaluatePolicy,
  formatPolicy,
  isQuorum,
  MAX_POLICY_BYTES,
  MAX_POLICY_LINES,
  parsePolicy,
} from "./tlog-policy.ts";
import { formatTlogProof, parseTlogProof, type TlogProof, verifyTlogProof } from "./tlog-proof.ts";
import { formatVkey, type NoteKey, noteKey, SIGNATURE_TYPE, type SignatureType } from "./vkey.ts";

const secretOf = (n: number) => new Uint8Array(32).fill(n);
const keyOf = (n: number, name: string, type: SignatureType) => noteKey(name, type, ed25519.getPublicKey(secretOf(n)));
const signerOf = (n: number) => ({ sign: async (message: Uint8Array) => ed25519.sign(message, secretOf(n)) });
const log = keyOf(1, "log.example", SIGNATURE_TYPE.ed25519);
const witnesses = Array.from({ length: 40 }, (_, i) => keyOf(i + 10, `w${i}.example`, SIGNATURE_TYPE.cosignatureV1));
const LOG = `log ${formatVkey(log)}\n`;
const witnessLine = (i: number, name = `w${i}`) => `witness ${name} ${formatVkey(witnesses[i]!)}\n`;

function codeOf(result: TlogResult<unknown>): TlogCode | "ok" {
  return result.ok ? "ok" : result.problem.code;
}

test("reads the specification's kind of policy: comments, tabs, URLs, two levels of groups (tlog-policy)", () => {
  const text = `# who we trust\n\n \t${LOG.trim()}\thttps://log.example/\n  # more\n${[0, 1, 2].map((i) => witnessLine(i)).join("")}group x 2 w0 w1 w2\n${witnessLine(3, "Kelvin-\u212a")}group all-of all x Kelvin-\u212a\nquorum all-of\n`;
  const policy = unwrap(parsePolicy(utf8(text)));
  assert.equal(policy.logs[0]?.url, "https://log.example/");
  assert.deepEqual(policy.groups[0], { name: "x", threshold: 2, members: ["w0", "w1", "w2"] });
  assert.deepEqual(policy.groups[1]?.threshold, 2);
  assert.deepEqual(unwrap(parsePolicy(formatPolicy(policy))), policy);
  const fourth = policy.witnesses[3]!.name;
  assert.ok(isQuorum(policy, new Set(["w0", "w2", fourth])));
  assert.ok(!isQuorum(policy, new Set(["w0", "w1", "w2"])));
  assert.ok(!isQuorum(policy, new Set(["w0", fourth, "x", "all-of"])), "a group's name is no cosignature");
});

test("supports 32 logs, 32 witnesses and 32 groups (tlog-policy)", () => {
  const logs = Array.from({ length: 32 }, (_, i) => `log ${formatVkey(keyOf(i + 100, "l", SIGNATURE_TYPE.ed25519))}\n`);
  const lines = witnesses.slice(0, 32).map((_, i) => witnessLine(i));
  const groups = Array.from({ length: 32 }, (_, i) => `group g${i} any w${i}${i > 0 ? ` g${i - 1}` : ""}\n`);
  const policy = unwrap(parsePolicy(utf8([...logs, ...lines, ...groups, "quorum g31\n"].join(""))));
  assert.ok(isQuorum(policy, new Set(["w0"])));
});

test("refuses every policy that the specification forbids", () => {
  const two = witnessLine(0) + witnessLine(1);
  const bad = [
    "",
    "quorum",
    LOG,
    "quorum none\nquorum none\n",
    "quorum w0\n",
    `quorum w0\n${witnessLine(0)}`,
    "quorum none extra\n",
    "Quorum none\n",
    "log\nquorum none\n",
    `log ${formatVkey(log)} u extra\nquorum none\n`,
    `${LOG}${LOG}quorum none\n`,
    `log ${formatVkey(witnesses[0]!)}\nquorum none\n`,
    `witness w ${formatVkey(log)}\nquorum none\n`,
    `witness w x\nquorum none\n`,
    `witness none ${formatVkey(witnesses[0]!)}\nquorum none\n`,
    `${two}${witnessLine(2, "w0")}quorum none\n`,
    `${two}${witnessLine(0, "other")}quorum none\n`,
    `${two}group g 0 w0 w1\nquorum g\n`,
    `${two}group g 3 w0 w1\nquorum g\n`,
    `${two}group g 01 w0 w1\nquorum g\n`,
    `${two}group g some w0 w1\nquorum g\n`,
    `${two}group g any\nquorum none\n`,
    `${two}group g any none\nquorum none\n`,
    `${two}group g any w0 w0\nquorum g\n`,
    `${two}group g any w0\ngroup h any w0\nquorum g\n`,
    `${two}group g any g\nquorum g\n`,
    `group g any w0\n${two}quorum g\n`,
    `${two}group w0 any w1\nquorum w0\n`,
    "quorum none",
    "quorum none\r\n",
    "# \u0007\nquorum none\n",
    "# \u007f\nquorum none\n",
  ];
  for (const text of bad) assert.equal(codeOf(parsePolicy(utf8(text))), "tlog/policy", JSON.stringify(text.slice(-60)));
  const renamed = noteKey("other.example", SIGNATURE_TYPE.ed25519, log.publicKey);
  assert.equal(
    codeOf(parsePolicy(utf8(`${LOG}log ${formatVkey(renamed)}\nquorum none\n`))),
    "tlog/policy",
    "one key, two names",
  );
  assert.equal(codeOf(parsePolicy(utf8("quorum none\n"))), "ok");
});

test("takes 4,096 lines and 4,000,000 bytes, and refuses one more", () => {
  const lines = (count: number) => utf8(`${"\n".repeat(count - 1)}quorum none\n`);
  assert.equal(codeOf(parsePolicy(lines(MAX_POLICY_LINES))), "ok");
  assert.equal(codeOf(parsePolicy(lines(MAX_POLICY_LINES + 1))), "tlog/policy");
  const tail = utf8("\nquorum none\n");
  const long = (length: number) => concat(new Uint8Array(length - tail.length).fill(0x23), tail);
  assert.equal(codeOf(parsePolicy(long(MAX_POLICY_BYTES))), "ok");
  assert.equal(codeOf(parsePolicy(long(MAX_POLICY_BYTES + 1))), "tlog/policy");
});

const leaves = Array.from({ length: 11 }, (_, i) => leafHash(Uint8Array.of(i)));
const root = treeHead(leaves);
const read = async (nodes: readonly TreeNode[]) =>
  nodes.map(({ height, index }) =>
    treeHead(leaves.slice(Number(index) * 2 ** height, (Number(index) + 1) * 2 ** height)),
  );
const text = formatCheckpoint({ origin: "log.example", size: 11n, root, extensions: [] });

async function checkpoint(
  cosigners: readonly { n: number; key: NoteKey; timestamp?: bigint }[],
  withLog = true,
): Promise<Uint8Array> {
  const signatures = withLog ? [await signNote(text, log, signerOf(1))] : [];
  for (const { n, key, timestamp = 1_700_000_000n } of cosigners)
    signatures.push(await signNote(text, key, signerOf(n), timestamp));
  return formatNote({ text, signatures });
}

const cosigner = (i: number, timestamp?: bigint) => ({
  n: i + 10,
  key: witnesses[i]!,
  ...(timestamp === undefined ? {} : { timestamp }),
});
const policy = unwrap(
  parsePolicy(utf8(`${LOG}${witnessLine(0)}${witnessLine(1)}${witnessLine(2)}group q 2 w0 w1 w2\nquorum q\n`)),
);

test("accepts a checkpoint that the quorum cosigned, and says who did and when", async () => {
  const verdict = unwrap(
    evaluatePolicy(policy, await checkpoint([cosigner(2, 7n), cosigner(0, 5n), cosigner(0, 9n), cosigner(9)])),
  );
  assert.equal(verdict.log.key, policy.logs[0]?.key);
  assert.deepEqual(
    verdict.witnessed.map(({ witness, timestamp }) => [witness.name, timestamp]),
    [
      ["w0", 9n],
      ["w2", 7n],
    ],
  );
});

test("refuses a checkpoint below the quorum, counting no witness twice and none without a time", async () => {
  assert.equal(
    codeOf(evaluatePolicy(policy, await checkpoint([cosigner(0), cosigner(0), cosigner(9)]))),
    "tlog/quorum",
  );
  assert.equal(codeOf(evaluatePolicy(policy, await checkpoint([cosigner(0), cosigner(1, 0n)]))), "tlog/quorum");
  assert.equal(codeOf(evaluatePolicy(policy, await checkpoint([cosigner(0), cosigner(1)], false))), "tlog/unsigned");
  const noLogs = unwrap(parsePolicy(utf8("quorum none\n")));
  assert.equal(codeOf(evaluatePolicy(noLogs, await checkpoint([]))), "tlog/unsigned");
});

test("counts an ML-DSA-44 witness like any other", async () => {
  const { publicKey, secretKey } = ml_dsa44.keygen(secretOf(3));
  const key = noteKey("pq.example", SIGNATURE_TYPE.mlDsa44, publicKey);
  const pq = unwrap(parsePolicy(utf8(`${LOG}witness pq ${formatVkey(key)}\nquorum pq\n`)));
  const signatures = [
    await signNote(text, log, signerOf(1)),
    await signNote(text, key, { sign: async (m) => ml_dsa44.sign(m, secretKey) }, 3n),
  ];
  assert.equal(unwrap(evaluatePolicy(pq, formatNote({ text, signatures }))).witnessed[0]?.timestamp, 3n);
});

async function proof(index: number, change: Partial<TlogProof> = {}): Promise<TlogProof> {
  const path = await proveInclusion(read, BigInt(index), 11n);
  return { index: BigInt(index), path, checkpoint: await checkpoint([cosigner(0), cosigner(1)]), ...change };
}

test("proves every entry to whoever holds the policy, and nothing else (tlog-proof)", async () => {
  for (let i = 0; i < 11; i++) {
    const file = formatTlogProof(await proof(i));
    const parsed = unwrap(parseTlogProof(file));
    assert.equal(unwrap(verifyTlogProof(parsed, leaves[i]!, policy)).index, BigInt(i));
    assert.equal(codeOf(verifyTlogProof(parsed, leaves[(i + 1) % 11]!, policy)), "tlog/proof");
    assert.equal(codeOf(verifyTlogProof({ ...parsed, index: BigInt((i + 1) % 11) }, leaves[i]!, policy)), "tlog/proof");
  }
  const lonely = await proof(3, { checkpoint: await checkpoint([]) });
  assert.equal(codeOf(verifyTlogProof(lonely, leaves[3]!, policy)), "tlog/quorum");
});

test("never proves a damaged file: any one byte changed is refused, or was not part of the evidence", async () => {
  const file = formatTlogProof(await proof(6, { extra: utf8("not authenticated") }));
  const extraLine = new TextDecoder().decode(file).split("\n").slice(0, 2).join("\n").length;
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const parsed = parseTlogProof(file.with(at, file[at]! ^ flip));
      if (!parsed.ok || !verifyTlogProof(parsed.value, leaves[6]!, policy).ok) return;
      // what still proves the entry: another extra line, a cosigner's name or key ID made unknown would break the quorum
      assert.ok(at <= extraLine, `byte ${at}`);
    }),
    { numRuns: 400 },
  );
});

test("reads back every proof it writes", async () => {
  for (const extra of [undefined, new Uint8Array(), utf8("x")]) {
    const file = formatTlogProof(await proof(4, extra === undefined ? {} : { extra }));
    assert.deepEqual(formatTlogProof(unwrap(parseTlogProof(file))), file);
  }
});

test("refuses every malformed proof, takes 63 hashes and refuses 64", async () => {
  const good = new TextDecoder().decode(formatTlogProof(await proof(4)));
  const bad = [
    "",
    "\n",
    good.replace("@v1", "@v2"),
    good.replace("index 4", "index 04"),
    good.replace("index 4", "index -4"),
    good.replace("index 4\n", ""),
  ];
  bad.push(
    good.replace("index 4", "extra AA==\nextra AA==\nindex 4"),
    good.replace("index 4", "index 4\nextra AA=="),
    good.replace("index 4", "extra A\nindex 4"),
  );
  bad.push(
    good.replace("\n", "\r\n"),
    good.split("\n\n")[0]!,
    good.replace("index 4\n", "index 4\nAAAA\n"),
    `\ufeff${good}`,
    ` ${good}`,
  );
  for (const one of bad) assert.equal(parseTlogProof(utf8(one)).ok, false, JSON.stringify(one.slice(0, 60)));
  const path = (length: number) => Array.from({ length }, () => root);
  assert.equal(codeOf(parseTlogProof(formatTlogProof(await proof(4, { path: path(63) })))), "ok");
  assert.equal(codeOf(parseTlogProof(formatTlogProof(await proof(4, { path: path(64) })))), "tlog/proof-file");
  const long = (length: number) => concat(utf8(good), new Uint8Array(length - utf8(good).length).fill(0x61));
  assert.equal(codeOf(parseTlogProof(long(3 * MAX_NOTE_BYTES))), "ok", "the checkpoint itself is read later");
  assert.equal(codeOf(parseTlogProof(long(3 * MAX_NOTE_BYTES + 1))), "tlog/proof-file");
});

test("a log's own key is no witness, under another name or type either, whichever line comes first", () => {
  const witness = `witness w ${formatVkey(keyOf(1, "w.example", SIGNATURE_TYPE.cosignatureV1))}\n`;
  for (const lines of [LOG + witness, witness + LOG])
    assert.equal(codeOf(parsePolicy(utf8(`${lines}quorum w\n`))), "tlog/policy");
});
