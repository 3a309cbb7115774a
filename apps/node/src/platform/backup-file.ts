/**
 * The form of a backup file: a magic line, then gzip over frames `type (1 byte) length (uint32) payload`: H header, T table,
 * D rows in PostgreSQL's COPY text form, E end with the SHA-256 of every frame before it. Streams both ways; a reader
 * trusts nothing until it has seen the end.
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, fsyncSync, openSync, closeSync, renameSync, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import { Problem } from "@holdfast/kernel";

const MAGIC = "holdfast-backup-1\n";
const FRAME_BYTES_MAX = 16 * 1_048_576; // COPY hands out rows in chunks far below this; a longer frame is damage

export type Frame =
  | { readonly type: "header"; readonly value: unknown }
  | { readonly type: "table"; readonly value: unknown }
  | { readonly type: "data"; readonly bytes: Buffer }
  | { readonly type: "end"; readonly value: unknown };

const CODES = { header: 0x48, table: 0x54, data: 0x44, end: 0x45 } as const;

/** Writes frames to `path`; the file appears under its name only when it is whole and on disk. */
export async function writeBackupFile(
  path: string,
  frames: AsyncIterable<Frame>,
): Promise<{ sizeBytes: number; sha256: string }> {
  const partial = `${path}.partial`;
  const file = createWriteStream(partial, { mode: 0o600, flags: "w" });
  file.write(MAGIC);
  const hash = createHash("sha256");
  const encode = async function* () {
    for await (const frame of frames) {
      const bytes = encodeFrame(frame);
      hash.update(bytes);
      yield bytes;
    }
    yield encodeFrame({ type: "end", value: { sha256: hash.copy().digest("hex") } });
  };
  const gzip = createGzip({ level: 6 });
  try {
    await Promise.all([pipeline(Readable.from(encode()), gzip), pipeline(gzip, file)]);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  const descriptor = openSync(partial, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(partial, path);
  return { sizeBytes: file.bytesWritten, sha256: hash.digest("hex") };
}

function encodeFrame(frame: Frame): Buffer {
  const payload = frame.type === "data" ? frame.bytes : Buffer.from(JSON.stringify(frame.value));
  const head = Buffer.alloc(5);
  head.writeUInt8(CODES[frame.type], 0);
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

/**
 * The frames of a backup file, in order. The last one is the end, and it is given only when the checksum agrees.
 * @throws Problem `backup/damaged` for anything that is not a whole backup
 */
export async function* readBackupFile(path: string): AsyncGenerator<Frame> {
  const hash = createHash("sha256");
  let ended = false;
  try {
    for await (const { code, payload, raw } of rawFrames(path)) {
      if (ended) throw damaged(path, "there are bytes after its end");
      if (code === CODES.end) {
        const value: unknown = JSON.parse(payload.toString("utf8"));
        const expected = typeof value === "object" && value !== null && "sha256" in value ? value.sha256 : undefined;
        if (expected !== hash.digest("hex")) throw damaged(path, "its checksum does not agree");
        ended = true;
        yield { type: "end", value };
        continue;
      }
      hash.update(raw);
      if (code === CODES.data) yield { type: "data", bytes: payload };
      else if (code === CODES.header || code === CODES.table)
        yield { type: code === CODES.header ? "header" : "table", value: JSON.parse(payload.toString("utf8")) };
      else throw damaged(path, `it has a frame of type \`${code}\``);
    }
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw damaged(path, cause instanceof Error ? cause.message : "it can't be read", cause);
  }
  if (!ended) throw damaged(path, "its end is missing");
}

async function* rawFrames(path: string): AsyncGenerator<{ code: number; payload: Buffer; raw: Buffer }> {
  await checkMagic(path);
  const file = createReadStream(path, { start: MAGIC.length });
  const plain = file.pipe(createGunzip());
  file.on("error", (error) => plain.destroy(error));
  let waiting: Buffer = Buffer.alloc(0);
  for await (const chunk of plain) {
    waiting = waiting.length === 0 ? (chunk as Buffer) : Buffer.concat([waiting, chunk as Buffer]); // a byte stream gives Buffers
    let at = 0;
    while (waiting.length - at >= 5) {
      const length = waiting.readUInt32BE(at + 1);
      if (length > FRAME_BYTES_MAX) throw damaged(path, `a frame claims \`${length}\` bytes`);
      if (waiting.length - at < 5 + length) break;
      const raw = waiting.subarray(at, at + 5 + length);
      yield { code: raw[0]!, payload: raw.subarray(5), raw }; // the frame has at least its 5 bytes of head
      at += 5 + length;
    }
    waiting = waiting.subarray(at);
  }
  if (waiting.length > 0) throw damaged(path, "it stops inside a frame");
}

async function checkMagic(path: string): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: MAGIC.length - 1 })) chunks.push(chunk as Buffer); // a byte stream gives Buffers
  if (Buffer.concat(chunks).toString("latin1") !== MAGIC) throw damaged(path, "it does not begin like one");
}

function damaged(path: string, why: string, cause?: unknown): Problem {
  return new Problem(
    "backup/damaged",
    `\`${path}\` is not a whole backup: ${why}; nothing was changed`,
    cause === undefined ? {} : { cause },
  );
}
