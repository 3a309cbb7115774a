import { strict as assert } from "node:assert";
import { createPrivateKey, sign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { concat, hex, utf8 } from "./bytes.ts";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { cosignatureMessage, subtreeMessage } from "./cosignature.ts";
import { leafHash } from "./merkle.ts";
import { formatNote, MAX_NOTE_SIGNATURES, openNote, parseNote, parseSignatureLine } from "./note.ts";
import { signNote } from "./note-signing.ts";
import { openCheckpoint } from "./opened-checkpoint.ts";
import { type TlogCode, TlogProblem, type TlogResult } from "./refusal.ts";
import { verifyInclusion } from "./subtree.ts";
import { nobleVerifier, type Signer, type Verifier } from "./verifier.ts";
import { formatVkey, type NoteKey, noteKey, parseVkey, SIGNATURE_TYPE } from "./vkey.ts";

/** The specification sheet's test keys: seeds 00..1f and 20..3f, never to be used for anything else. */
const LOG = "log.example/site-1+cf4a8d21+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const WITNESS = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
const EXAMPLE = utf8(`log.example/site-1
8
XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

— log.example/site-1 z0qNITUmbfse/OwITmZ/QSxEGm9x/flmjShAx8gV8zYz9fUihnMq43x8uyQVaS849MWCPI1MibJ8d5+kqSEKYVjuqQs=
— witness.example/w1 IDJKvgAAAABlU/EA6hStnUZIIRWmXmhNxGMh1WZcylReQOFLiK6lf+ppYwoRRomQyVX+DZoqjFh8c6CIPZJDdxna3PLMnuuF6sJUCw==
`);
const logKey = unwrap(parseVkey(LOG));
const witnessKey = unwrap(parseVkey(WITNESS));

function seeded(first: number): Signer {
  const seed = Buffer.from(Array.from({ length: 32 }, (_, i) => first + i));
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return { sign: async (message) => new Uint8Array(sign(null, message, key)) };
}

function codeOf(result: TlogResult<unknown>): TlogCode | "ok" {
  return result.ok ? "ok" : result.problem.code;
}

test("opens the signed-note specification's own example", () => {
  const key = unwrap(parseVkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"));
  const note = utf8(
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
  );
  assert.deepEqual(unwrap(openNote(note, [key])).verified, [{ key }]);
});

test("opens the example checkpoint with its log's signature and its witness's time", () => {
  const opened = unwrap(openCheckpoint(EXAMPLE, [logKey], [witnessKey]));
  assert.equal(opened.checkpoint.size, 8n);
  assert.deepEqual(opened.verified, [{ key: logKey }, { key: witnessKey, timestamp: 1_700_000_000n }]);
});

test("signs the example checkpoint byte for byte", async () => {
  const { text } = unwrap(parseNote(EXAMPLE));
  const signatures = [
    await signNote(text, logKey, seeded(0)),
    await signNote(text, witnessKey, seeded(32), 1_700_000_000n),
  ];
  assert.equal(new TextDecoder().decode(formatNote({ text, signatures })), new TextDecoder().decode(EXAMPLE));
});

test("builds the ML-DSA-44 message of the specification sheet, and opens a checkpoint cosigned with it", async () => {
  const { text } = unwrap(parseNote(EXAMPLE));
  const { publicKey, secretKey } = ml_dsa44.keygen(new Uint8Array(32));
  const key = noteKey("witness.example/w1", SIGNATURE_TYPE.mlDsa44, publicKey);
  const message = cosignatureMessage(key, 1_700_000_000n, text)!;
  assert.equal(message.length, 106);
  assert.equal(hex(sha256(message)), "ce34b7eeec31be15c687e5df07ef976669494bddb14ebcfdec2d77f64fc9a0e7");
  const signer = { sign: async (bytes: Uint8Array) => ml_dsa44.sign(bytes, secretKey) };
  const signatures = [await signNote(text, logKey, seeded(0)), await signNote(text, key, signer, 5n)];
  const note = formatNote({ text, signatures });
  assert.deepEqual(unwrap(openCheckpoint(note, [logKey], [key])).verified[1], { key, timestamp: 5n });
  assert.equal(unwrap(parseVkey(formatVkey(key))).keyId, key.keyId);
  await assert.rejects(signNote("not a checkpoint\n", key, signer), TlogProblem);
  const asLog = noteKey("log.example/site-1", SIGNATURE_TYPE.mlDsa44, publicKey);
  const pqOnly = formatNote({ text, signatures: [await signNote(text, asLog, signer, 5n)] });
  assert.equal(codeOf(openCheckpoint(pqOnly, [asLog])), "ok");
});

test("refuses a subtree cosignature with a time and a start, and names past 255 bytes (tlog-cosignature)", () => {
  const hash = new Uint8Array(32);
  const base = { cosigner: "w", origin: "o", timestamp: 0n, range: { start: 8n, end: 16n }, hash };
  assert.equal(subtreeMessage(base).length, 12 + 2 + 8 + 2 + 16 + 32);
  for (const bad of [
    { timestamp: 1n },
    { range: { start: 1n, end: 3n } },
    { cosigner: "" },
    { origin: "o".repeat(256) },
    { hash: new Uint8Array(31) },
  ])
    assert.throws(() => subtreeMessage({ ...base, ...bad }), TlogProblem);
  assert.equal(subtreeMessage({ ...base, origin: "o".repeat(255) }).length, 72 + 254);
});

test("ignores lines of unknown keys, even when the name or the key ID is a known one (signed-note)", async () => {
  const { text, signatures } = unwrap(parseNote(EXAMPLE));
  const junk = new Uint8Array(64);
  const strangers = [
    { name: logKey.name, keyId: "00000000", signature: junk },
    { name: "other.example", keyId: logKey.keyId, signature: junk },
    ...Array.from({ length: 16 }, (_, i) => ({ name: `grease-${i}`, keyId: "ffffffff", signature: junk })),
  ];
  const note = formatNote({ text, signatures: [...strangers, ...signatures] });
  assert.equal(codeOf(openCheckpoint(note, [logKey], [witnessKey])), "ok");
});

test("refuses the whole note when a known key's signature fails, wherever it stands (signed-note)", () => {
  const { text, signatures } = unwrap(parseNote(EXAMPLE));
  const bad = { ...signatures[1]!, signature: signatures[1]!.signature.with(70, 1) };
  assert.equal(
    codeOf(openCheckpoint(formatNote({ text, signatures: [...signatures, bad] }), [logKey], [witnessKey])),
    "tlog/signature",
  );
  const short = { ...signatures[0]!, signature: signatures[0]!.signature.subarray(1) };
  assert.equal(codeOf(openNote(formatNote({ text, signatures: [short] }), [logKey])), "tlog/signature");
  const noTime = { ...signatures[1]!, signature: signatures[1]!.signature.subarray(0, 7) };
  assert.equal(codeOf(openNote(formatNote({ text, signatures: [noTime] }), [witnessKey])), "tlog/signature");
  const late = { ...signatures[1]!, signature: signatures[1]!.signature.with(0, 0x80) };
  assert.equal(codeOf(openNote(formatNote({ text, signatures: [late] }), [witnessKey])), "tlog/signature");
});

test("takes a line of either of two keys that share name and ID, and looks at a repeated line once", async () => {
  // 4 bytes can be made to collide, so the ID alone decides nothing: here a stranger's key claims the log's
  const collides: NoteKey = { ...logKey, publicKey: witnessKey.publicKey };
  for (const keys of [
    [logKey, collides],
    [collides, logKey],
  ])
    assert.deepEqual(unwrap(openNote(EXAMPLE, keys)).verified, [{ key: logKey }]);
  assert.equal(codeOf(openNote(EXAMPLE, [collides])), "tlog/signature");
  let count = 0;
  const counting: Verifier = {
    verify: (...what) => {
      count++;
      return nobleVerifier.verify(...what);
    },
  };
  const note = unwrap(parseNote(EXAMPLE));
  const [line] = note.signatures;
  const repeated = formatNote({ ...note, signatures: Array.from({ length: MAX_NOTE_SIGNATURES }, () => line!) }); // it has two
  assert.equal(unwrap(openNote(repeated, [logKey], counting)).verified.length, 1);
  assert.equal(count, 1);
});

test("refuses a checkpoint that its log did not sign", () => {
  assert.equal(codeOf(openCheckpoint(EXAMPLE, [], [witnessKey])), "tlog/unsigned");
  assert.equal(codeOf(openCheckpoint(EXAMPLE, [])), "tlog/unsigned");
  const renamed = { ...logKey, name: "log.example/other" };
  assert.equal(codeOf(openCheckpoint(EXAMPLE, [renamed], [witnessKey])), "tlog/unsigned");
});

test("keeps the empty lines of a text: the last one separates (signed-note)", () => {
  const note = unwrap(parseNote(utf8("a\n\nb\n\n— k AAAAAAA=\n")));
  assert.equal(note.text, "a\n\nb\n");
});

test("refuses every malformed note", () => {
  const bad = [
    "",
    "\n",
    "a\n",
    "a\n\n",
    "a\n— k AAAAAAA=\n",
    "a\n\n— k AAAAAAA=",
    "a\r\n\n— k AAAAAAA=\n",
    "a\u0000\n\n— k AAAAAAA=\n",
  ];
  bad.push(
    "a\t\n\n— k AAAAAAA=\n",
    "a\n\n- k AAAAAAA=\n",
    "a\n\n—  AAAAAAA=\n",
    "a\n\n— k  AAAAAAA=\n",
    "a\n\n— k AAAAAAA= \n",
  );
  bad.push(
    "a\n\n— k+x AAAAAAA=\n",
    "a\n\n— k\u00a0x AAAAAAA=\n",
    "a\n\n— k\u0085 AAAAAAA=\n",
    "a\n\n— k AAAAAA==\n",
    "a\n\n— k AAAAAAA=\nb\n",
  );
  for (const text of bad) assert.equal(codeOf(parseNote(utf8(text))), "tlog/note", JSON.stringify(text));
  for (const blob of ["AAAAAAA", "AAAAAAB=", "AAAA AAA=", "AAAAAA-_", "AAAAAAA=\n=", "\u0430AAAAAA="])
    assert.notEqual(codeOf(parseNote(utf8(`a\n\n— k ${blob}\n`))), "ok", blob);
  assert.equal(codeOf(parseNote(Uint8Array.of(0xff, 0x0a, 0x0a, 0x0a))), "tlog/note");
  assert.throws(() => parseSignatureLine("k AAAAAAA="), TlogProblem);
});

test("takes 128 signatures and a note of 1,000,000 bytes, and refuses one more", () => {
  const lines = (count: number) => utf8(`a\n\n${"— k AAAAAAA=\n".repeat(count)}`);
  assert.equal(codeOf(parseNote(lines(MAX_NOTE_SIGNATURES))), "ok");
  assert.equal(codeOf(parseNote(lines(MAX_NOTE_SIGNATURES + 1))), "tlog/note");
  const tail = utf8("\n\n— k AAAAAAA=\n");
  const long = (length: number) => concat(new Uint8Array(length - tail.length).fill(0x61), tail);
  assert.equal(codeOf(parseNote(long(1_000_000))), "ok");
  assert.equal(codeOf(parseNote(long(1_000_001))), "tlog/note");
});

test("reads back every note and checkpoint it writes", () => {
  const line = fc.stringMatching(/^[a-z0-9 é]{1,20}$/);
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1 }),
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 90 }), { minLength: 1, maxLength: 5 }),
      (texts, blobs) => {
        const note = {
          text: `${texts.join("\n")}\n`,
          signatures: blobs.map((signature) => ({ name: "k/é", keyId: "0a0b0c0d", signature })),
        };
        assert.deepEqual(formatNote(unwrap(parseNote(formatNote(note)))), formatNote(note));
      },
    ),
  );
  fc.assert(
    fc.property(
      line,
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.array(line),
      (origin, size, root, extensions) => {
        const text = formatCheckpoint({ origin, size, root, extensions });
        assert.equal(formatCheckpoint(unwrap(parseCheckpoint(text))), text);
      },
    ),
  );
});

test("refuses every malformed checkpoint", () => {
  const root = encodeBase64(new Uint8Array(32));
  assert.equal(codeOf(parseCheckpoint(`o\n9223372036854775807\n${root}\n`)), "ok");
  const bad = [
    "",
    "o\n",
    `o\n1\n${root}`,
    `\n1\n${root}\n`,
    `o\n01\n${root}\n`,
    `o\n-1\n${root}\n`,
    `o\n\n${root}\n`,
    "o\n1\n\n",
    `o\n1\n${root}\n\nx\n`,
  ];
  bad.push(
    `o\n1\n${root}\n\n`,
    `o\n9223372036854775808\n${root}\n`,
    `o\n1\n${encodeBase64(new Uint8Array(31))}\n`,
    `1\n${root}\n`,
    `o\n${root}\n`,
    `o\n 1\n${root}\n`,
  );
  for (const text of bad) assert.notEqual(codeOf(parseCheckpoint(text)), "ok", JSON.stringify(text));
});

test("reads back every verifier key it writes, and refuses what is not one", () => {
  for (const vkey of [LOG, WITNESS]) assert.equal(formatVkey(unwrap(parseVkey(vkey))), vkey);
  const swap = (from: string, to: string) => LOG.replace(from, to);
  const bad = [
    "",
    "a",
    "a+b",
    "a+cf4a8d21+",
    swap("cf4a8d21", "cf4a8d22"),
    swap("cf4a8d21", "CF4A8D21"),
    swap("log", "l g"),
    swap("cf4a8d21+", "cf4a8d21"),
    `+${LOG}`,
    LOG.slice(0, -1),
    `${LOG}=`,
  ];
  for (const text of bad) assert.equal(parseVkey(text).ok, false, text);
  const material = decodeBase64(LOG.split("+").slice(2).join("+"));
  for (const type of [0x00, 0x02, 0x03, 0x05, 0x07, 0xff])
    assert.equal(
      codeOf(parseVkey(`n+00000000+${encodeBase64(concat(Uint8Array.of(type), material.subarray(1)))}`)),
      "tlog/key",
    );
  assert.throws(() => noteKey("n", SIGNATURE_TYPE.ed25519, new Uint8Array(32)), TlogProblem, "a point of small order");
  assert.throws(() => noteKey("n", SIGNATURE_TYPE.mlDsa44, new Uint8Array(1_311)), TlogProblem);
  assert.throws(() => noteKey("n+m", SIGNATURE_TYPE.ed25519, logKey.publicKey), TlogProblem);
});

test("takes base64 in its one canonical form only (RFC 4648 section 4)", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) =>
      assert.deepEqual(decodeBase64(encodeBase64(bytes)), bytes),
    ),
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Da-d01+/=_ \n-]{0,12}$/), (text) => {
      let decoded: Uint8Array | undefined;
      try {
        decoded = decodeBase64(text);
      } catch {
        return;
      }
      assert.equal(Buffer.from(decoded).toString("base64"), text);
    }),
    { numRuns: 5_000 },
  );
  const long = new Uint8Array(100_000).fill(7);
  assert.deepEqual(decodeBase64(encodeBase64(long)), long);
  for (const at of [0, 50_001, 133_330]) {
    const text = encodeBase64(long);
    assert.throws(() => decodeBase64(`${text.slice(0, at)}\n${text.slice(at + 1)}`), TlogProblem);
  }
  assert.throws(() => decodeBase64(encodeBase64(long).slice(1)), TlogProblem);
});

const rekor = vectors("tlog/rekor2-bundles");

/**
 * What a Rekor v2 bundle says about a transparency log: the checkpoint and the inclusion proof. Out of scope here are the
 * certificate chain, the RFC 3161 timestamp and the artefact's own signature, so a case that fails only in one of those
 * must still prove inclusion.
 */
test("gives the expected verdict on the log evidence in every Rekor v2 bundle", {
  skip: skipUnless("shared", rekor),
}, () => {
  const malformed = /checkpoint-missing-(root-hash|origin|size)_fail$/;
  const names = readdirSync(rekor!).filter((name) => name.startsWith("rekor2-"));
  assert.ok(names.length >= 13);
  for (const name of names) {
    const bundle = JSON.parse(readFileSync(join(rekor!, name, "bundle.sigstore.json"), "utf8")) as RekorBundle;
    const trusted = JSON.parse(readFileSync(join(rekor!, name, "trusted_root.json"), "utf8")) as TrustedRoot;
    for (const entry of bundle.verificationMaterial.tlogEntries) {
      const { checkpoint, hashes, logIndex, rootHash } = entry.inclusionProof;
      const opened = openCheckpoint(utf8(checkpoint.envelope), rekorKeys(trusted));
      if (malformed.test(name)) {
        assert.notEqual(codeOf(opened), "ok", name);
        continue;
      }
      const { size, root } = unwrap(opened).checkpoint;
      assert.equal(encodeBase64(root), rootHash, name);
      const leaf = leafHash(decodeBase64(entry.canonicalizedBody));
      assert.ok(
        verifyInclusion({ index: BigInt(logIndex), size, leafHash: leaf, root }, hashes.map(decodeBase64)),
        name,
      );
    }
  }
});

interface RekorBundle {
  readonly verificationMaterial: {
    readonly tlogEntries: readonly {
      readonly canonicalizedBody: string;
      readonly inclusionProof: {
        readonly checkpoint: { readonly envelope: string };
        readonly hashes: readonly string[];
        readonly logIndex: string;
        readonly rootHash: string;
      };
    }[];
  };
}

interface TrustedRoot {
  readonly tlogs: readonly {
    readonly baseUrl: string;
    readonly publicKey: { readonly rawBytes: string; readonly keyDetails: string };
  }[];
}

/** The Ed25519 logs of a trusted root; the key's name is the log's host. Rekor v1's ECDSA key signs no checkpoint here. */
function rekorKeys({ tlogs }: TrustedRoot): NoteKey[] {
  return tlogs
    .filter(({ publicKey }) => publicKey.keyDetails === "PKIX_ED25519")
    .map(({ baseUrl, publicKey }) =>
      noteKey(new URL(baseUrl).host, SIGNATURE_TYPE.ed25519, decodeBase64(publicKey.rawBytes).subarray(12)),
    );
}
