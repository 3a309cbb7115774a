/**
 * A file that may hold tables. What it is, is seen in its first bytes and never taken from its name. Refuses what is no
 * table with the reason that its owner can act on.
 */
import { csvSheet, detectDelimiter } from "./csv-reader.ts";
import { type ByteSource, refusal, type Sheet } from "./sheet-row.ts";
import { openWorkbook } from "./workbook.ts";

export interface TableFile {
  readonly format: "csv" | "xlsx";
  /** Of a CSV file. */
  readonly delimiter: string | null;
  readonly sheets: readonly Sheet[];
  close(): void;
}

const SAMPLE_BYTES = 65_536;

/** Signatures of what people send by mistake. */
const OTHERS: readonly (readonly [string, string])[] = [
  ["25504446", "a PDF document"],
  ["89504e47", "a PNG image"],
  ["ffd8ff", "a JPEG image"],
  ["47494638", "a GIF image"],
  ["1f8b", "compressed with gzip: unpack it first"],
  ["377abcaf271c", "a 7-Zip archive: unpack it first"],
  ["526172211a07", "a RAR archive: unpack it first"],
  ["504b0506", "an empty archive"],
  ["7b5c727466", "a rich text document"],
  ["53514c69746520666f726d6174", "an SQLite database"],
  ["50415231", "a Parquet file"],
];

/** @throws Problem `exchange/empty-file`, `exchange/not-a-table` and those of the readers */
export async function openTableFile(source: ByteSource): Promise<TableFile> {
  const head = await headOf(source);
  const hex = head.subarray(0, 16).toString("hex");
  if (head.length === 0) throw refusal("exchange/empty-file", "the file is empty");
  if (hex.startsWith("504b0304")) {
    const { sheets, close } = await openWorkbook(source);
    return { format: "xlsx", delimiter: null, sheets, close };
  }
  if (hex.startsWith("d0cf11e0a1b11ae1")) {
    const what = head.includes("EncryptedPackage", 0, "utf16le")
      ? "protected by a password"
      : "an old .xls workbook, or protected by a password";
    throw refusal(
      "exchange/old-or-encrypted-workbook",
      `the file is ${what}: save it as .xlsx without a password, or as CSV`,
    );
  }
  const other = OTHERS.find(([signature]) => hex.startsWith(signature));
  if (other) throw notATable(other[1]);
  if (hex.startsWith("fffe") || hex.startsWith("feff"))
    throw refusal("exchange/invalid-encoding", 'the file is UTF-16: save it as "CSV UTF-8"');
  const sample = head.toString("utf8");
  checkText(sample);
  return {
    format: "csv",
    delimiter: detectDelimiter(sample),
    sheets: [csvSheet(source, sample)],
    close: () => undefined,
  };
}

async function headOf(source: ByteSource): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source.read(0, Math.min(SAMPLE_BYTES, source.sizeBytes))) parts.push(part);
  return Buffer.concat(parts);
}

function checkText(sample: string): void {
  if (sample.includes("\u0000")) throw notATable("binary");
  if (sample.trim() === "" || sample.trim() === "\ufeff")
    throw refusal("exchange/empty-file", "the file holds nothing but blanks");
  if (/^\ufeff?\s*(\{\s*["}]|\[\s*[[{"\]])/.test(sample)) throw notATable("JSON");
  if (/^\ufeff?\s*<(\?xml|!doctype|html|[a-z]+[\s>])/i.test(sample)) throw notATable("XML or HTML");
}

function notATable(what: string): Error {
  return refusal("exchange/not-a-table", `the file is ${what}, not a table: send CSV or XLSX`, { detail: { what } });
}
