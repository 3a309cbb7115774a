/**
 * A ZIP archive from a stranger. PKWARE APPNOTE 6.3.10. Files are inflated as they are read, and everything is bounded
 * before it is: how many entries, what they claim to unpack to, and by how much they may be compressed. Refuses
 * encrypted entries, entries that unpack to another size or checksum than they claim, and methods other than deflate.
 */
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { Problem } from "@holdfast/kernel";
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from "yauzl";
import { type ByteSource, refusal } from "./sheet-row.ts";

export const ENTRIES_MAX = 2_000; // a workbook of 64 sheets with drawings has a few hundred
export const UNPACKED_BYTES_MAX = 2_147_483_648; // of all entries together: a million rows are half of it
export const RATIO_MAX = 250; // worksheets reach 100; deflate itself ends at 1,032
/** Small entries may be of any ratio: they can't do harm. */
export const RATIO_FREE_BYTES = 16_777_216;

export interface ZipArchive {
  has(name: string): boolean;
  sizeBytesOf(name: string): number;
  /** The unpacked bytes of one entry. Stop reading at any time. @throws Problem `exchange/malformed-workbook` */
  read(name: string): AsyncIterable<Uint8Array>;
  close(): void;
}

/** @throws Problem `exchange/malformed-workbook`, `exchange/archive-bomb` or `exchange/old-or-encrypted-workbook` */
export async function openZip(source: ByteSource): Promise<ZipArchive> {
  try {
    const zip = await fromRandomAccessReaderPromise(new SourceReader(source), source.sizeBytes, {
      autoClose: false,
      lazyEntries: true,
      validateEntrySizes: true,
    });
    const entries = await readDirectory(zip);
    return {
      has: (name) => entries.has(name),
      sizeBytesOf: (name) => entries.get(name)?.uncompressedSize ?? 0,
      read: (name) => readEntry(zip, entryOf(entries, name)),
      close: () => zip.close(),
    };
  } catch (error) {
    throw explained(error);
  }
}

class SourceReader extends RandomAccessReader {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super();
    this.#source = source;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#source.read(start, end), { objectMode: false });
  }

  override close(done: (error: Error | null) => void): void {
    done(null);
  }
}

async function readDirectory(zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > ENTRIES_MAX)
    throw bomb(`the workbook is an archive of \`${zip.entryCount}\` files, more than \`${ENTRIES_MAX}\``);
  const entries = new Map<string, Entry>();
  let unpackedBytes = 0;
  for await (const entry of zip.eachEntry()) {
    unpackedBytes += entry.uncompressedSize;
    if (unpackedBytes > UNPACKED_BYTES_MAX)
      throw bomb(`the workbook unpacks to more than \`${UNPACKED_BYTES_MAX}\` bytes`);
    if (entry.uncompressedSize > RATIO_FREE_BYTES && entry.uncompressedSize > RATIO_MAX * entry.compressedSize)
      throw bomb(`\`${entry.fileName}\` of the workbook unpacks to more than \`${RATIO_MAX}\` times its size`);
    if (entry.isEncrypted())
      throw refusal("exchange/old-or-encrypted-workbook", "the workbook is encrypted: save it without a password");
    if (entries.has(entry.fileName))
      throw refusal("exchange/malformed-workbook", `the workbook has \`${entry.fileName}\` twice`);
    entries.set(entry.fileName, entry);
  }
  return entries;
}

function entryOf(entries: ReadonlyMap<string, Entry>, name: string): Entry {
  const entry = entries.get(name);
  if (!entry) throw refusal("exchange/malformed-workbook", `the workbook has no \`${name}\``);
  return entry;
}

async function* readEntry(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  let stream: Readable | undefined;
  try {
    stream = await zip.openReadStreamPromise(entry);
    let checksum = 0;
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      // no encoding is set
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
    if (checksum !== entry.crc32)
      throw refusal(
        "exchange/malformed-workbook",
        `\`${entry.fileName}\` of the workbook is damaged: its checksum differs`,
      );
  } catch (error) {
    throw explained(error);
  } finally {
    stream?.destroy();
  }
}

function bomb(message: string): Problem {
  return refusal("exchange/archive-bomb", message);
}

/** yauzl throws plain errors about the archive; those of the source and of this file are kept. */
function explained(error: unknown): unknown {
  if (error instanceof Problem || !(error instanceof Error)) return error;
  if ("code" in error && !String(error.code).startsWith("Z_")) return error;
  return refusal("exchange/malformed-workbook", `the workbook's archive can't be read: ${error.message}`, {
    cause: error,
  });
}
