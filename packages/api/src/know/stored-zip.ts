/**
 * A ZIP archive whose files are stored, not compressed: enough for an empty workbook. PKWARE APPNOTE 6.3.10, 4.3.
 * The same files give the same bytes: every date is the format's first, 1980-01-01.
 */

export interface ZipFile {
  /** ASCII, with `/` between folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const LOCAL_SIGNATURE = 0x04034b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;
const VERSION = 20; // 2.0: folders
const FIRST_DATE = 0x0021; // 1 January 1980 in MS-DOS form

/** The archive of `files`, in order. Their sizes together stay below 4 GiB. */
export function storedZip(files: readonly ZipFile[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const nameBytes = new TextEncoder().encode(name);
    const common = commonHeader(nameBytes.length, bytes);
    const local = join([littleEndian(4, LOCAL_SIGNATURE), common, nameBytes]);
    directory.push(centralHeader(common, nameBytes, offset));
    parts.push(local, bytes);
    offset += local.length + bytes.length;
  }
  const central = join(directory);
  return join([...parts, central, endRecord(files.length, central.length, offset)]);
}

/** Version, flags, method 0, time, date, CRC-32, both sizes, name length, extra length: 4.3.7 and 4.3.12. */
function commonHeader(nameLength: number, bytes: Uint8Array): Uint8Array {
  return join([
    ...[VERSION, 0, 0, 0, FIRST_DATE].map((value) => littleEndian(2, value)),
    ...[crc32(bytes), bytes.length, bytes.length].map((value) => littleEndian(4, value)),
    ...[nameLength, 0].map((value) => littleEndian(2, value)),
  ]);
}

function centralHeader(common: Uint8Array, name: Uint8Array, offset: number): Uint8Array {
  return join([
    littleEndian(4, CENTRAL_SIGNATURE),
    littleEndian(2, VERSION),
    common,
    ...[0, 0, 0].map((value) => littleEndian(2, value)), // comment length, disk, internal attributes
    littleEndian(4, 0), // external attributes
    littleEndian(4, offset),
    name,
  ]);
}

function endRecord(count: number, sizeBytes: number, offset: number): Uint8Array {
  return join([
    littleEndian(4, END_SIGNATURE),
    ...[0, 0, count, count].map((value) => littleEndian(2, value)),
    ...[sizeBytes, offset].map((value) => littleEndian(4, value)),
    littleEndian(2, 0),
  ]);
}

/** CRC-32 with the reflected polynomial 0xedb88320, APPNOTE 4.4.7. O(8 n). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function littleEndian(length: number, value: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (value >>> (8 * i)) & 0xff);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
