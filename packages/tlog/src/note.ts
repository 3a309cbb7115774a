/**
 * Signed notes, C2SP signed-note: text, an empty line, signature lines. Invariant: formatNote(parseNote(b)) equals b.
 * A key is known by (name, key ID) together; lines of unknown keys are ignored, a line of a known key that does not
 * verify sinks the whole note. Refuses control characters but the newline, text that is not UTF-8, base64 that is not
 * canonical, and notes past the limits. What a note says is not to be read before `openNote` gave it.
 */
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { concat, equalBytes, fromHex, fromUtf8, hasControl, hex, utf8 } from "./bytes.ts";
import { cosignatureMessage, splitTimestamp } from "./cosignature.ts";
import { attempt, refuse, shown, type TlogResult } from "./refusal.ts";
import { nobleVerifier, type SignatureScheme, type Verifier } from "./verifier.ts";
import { isKeyName, type NoteKey, SIGNATURE_TYPE } from "./vkey.ts";

/** Bounds the work on a hostile note; a checkpoint with 100 of the largest signatures in use fits. */
export const MAX_NOTE_BYTES = 1_000_000;
/** The specification asks for at least 16. */
export const MAX_NOTE_SIGNATURES = 128;

const EM_DASH = "\u2014";

export interface NoteSignature {
  readonly name: string;
  /** 8 hex digits in lower case. */
  readonly keyId: string;
  /** The bytes after the key ID. */
  readonly signature: Uint8Array;
}

export interface Note {
  /** Ends in a newline; this is what is signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface VerifiedSignature {
  readonly key: NoteKey;
  /** POSIX seconds, for the types that carry a time. */
  readonly timestamp?: bigint;
}

/** A note whose every signature by a known key verifies, and that has at least one. */
export interface OpenedNote extends Note {
  readonly verified: readonly VerifiedSignature[];
}

export function parseNote(bytes: Uint8Array): TlogResult<Note> {
  return attempt(() => readNote(bytes));
}

/** Inverse of parseNote. */
export function formatNote({ text, signatures }: Note): Uint8Array {
  return utf8(`${text}\n${signatures.map(formatSignatureLine).join("")}`);
}

/** One signature line with its newline. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  const id = fromHex(keyId);
  if (id?.length !== 4) refuse("tlog/note", `${shown(keyId)} is not a key ID`);
  return `${EM_DASH} ${name} ${encodeBase64(concat(id, signature))}\n`;
}

/** The signature of a signature line without its newline. @throws TlogProblem `tlog/note` */
export function parseSignatureLine(line: string): NoteSignature {
  const [dash, name = "", blob, ...rest] = line.split(" ");
  if (dash !== EM_DASH || !isKeyName(name) || blob === undefined || rest.length > 0)
    refuse("tlog/note", `${shown(line)} is not a signature line`);
  const bytes = decodeBase64(blob);
  if (bytes.length < 5) refuse("tlog/note", `the signature of ${shown(name)} has \`${bytes.length}\` bytes`);
  return { name, keyId: hex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

/**
 * The note when `keys` signed it: at least one line verifies, and no line of a known key fails.
 * Problems: `tlog/note`, `tlog/base64`, `tlog/signature`, `tlog/unsigned`.
 */
export function openNote(
  bytes: Uint8Array,
  keys: readonly NoteKey[],
  verifier: Verifier = nobleVerifier,
): TlogResult<OpenedNote> {
  return attempt(() => {
    const note = readNote(bytes);
    const verified: VerifiedSignature[] = [];
    for (const { line, found } of knownLines(note, keys, verifier)) {
      if (found === undefined)
        refuse("tlog/signature", `the signature of ${shown(line.name)} with key \`${line.keyId}\` does not verify`);
      verified.push(found);
    }
    if (verified.length === 0) refuse("tlog/unsigned", "no known key signed this note");
    return { ...note, verified };
  });
}

/**
 * The lines of `note` by known keys, and what each proves; `found` is undefined for one that does not verify. A key ID has
 * 4 bytes, so two keys may share name and ID: then the line is good when it is one's. A line that is repeated is looked at
 * once, so that copies of one good line cost nothing.
 */
export function* knownLines(
  note: Note,
  keys: readonly NoteKey[],
  verifier: Verifier = nobleVerifier,
): Generator<{ readonly line: NoteSignature; readonly found: VerifiedSignature | undefined }> {
  const seen: NoteSignature[] = [];
  for (const line of note.signatures) {
    const fitting = keys.filter(({ name, keyId }) => name === line.name && keyId === line.keyId);
    if (fitting.length === 0 || seen.some((one) => isSameLine(one, line))) continue;
    seen.push(line);
    yield { line, found: verifyUnderOne(note.text, line, fitting, verifier) };
  }
}

/** What `line` proves under the first of `keys` that it verifies with. */
export function verifyUnderOne(
  text: string,
  line: NoteSignature,
  keys: readonly NoteKey[],
  verifier: Verifier = nobleVerifier,
): VerifiedSignature | undefined {
  for (const key of keys) {
    const found = verifyLine(text, line, key, verifier);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isSameLine(a: NoteSignature, b: NoteSignature): boolean {
  return a.name === b.name && a.keyId === b.keyId && equalBytes(a.signature, b.signature);
}

/** What `line` proves under `key`, or undefined when it does not verify. */
export function verifyLine(
  text: string,
  line: NoteSignature,
  key: NoteKey,
  verifier: Verifier = nobleVerifier,
): VerifiedSignature | undefined {
  if (key.type === SIGNATURE_TYPE.ed25519) {
    const good = verifier.verify("ed25519", { kind: "ed25519", bytes: key.publicKey }, utf8(text), line.signature);
    return good ? { key } : undefined;
  }
  const parts = splitTimestamp(line.signature);
  const message = parts && cosignatureMessage(key, parts.timestamp, text);
  if (parts === undefined || message === undefined) return undefined;
  const scheme: SignatureScheme & ("ed25519" | "ml-dsa-44") =
    key.type === SIGNATURE_TYPE.mlDsa44 ? "ml-dsa-44" : "ed25519";
  const good = verifier.verify(scheme, { kind: scheme, bytes: key.publicKey }, message, parts.signature);
  return good ? { key, timestamp: parts.timestamp } : undefined;
}

function readNote(bytes: Uint8Array): Note {
  if (bytes.length > MAX_NOTE_BYTES)
    refuse("tlog/note", `a note of \`${bytes.length}\` bytes exceeds \`${MAX_NOTE_BYTES}\``);
  const whole = fromUtf8(bytes, "tlog/note");
  if (hasControl(whole)) refuse("tlog/note", "a note holds a control character");
  const split = whole.lastIndexOf("\n\n");
  if (split < 0 || !whole.endsWith("\n")) refuse("tlog/note", "a note is text, an empty line and signature lines");
  const lines = whole.slice(split + 2, -1).split("\n");
  if (split + 2 === whole.length) refuse("tlog/note", "a note has no signature line");
  if (lines.length > MAX_NOTE_SIGNATURES)
    refuse("tlog/note", `\`${lines.length}\` signatures exceed \`${MAX_NOTE_SIGNATURES}\``);
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}
