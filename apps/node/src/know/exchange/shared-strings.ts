/**
 * The shared strings of a workbook, by number. ISO/IEC 29500-1 18.4. Kept as UTF-8 in one growing block, so that a
 * million short texts cost their bytes and no more. Phonetic readings (18.4.6) are left out.
 */
import { exchange } from "@holdfast/api";
import { limitExceeded } from "./sheet-row.ts";
import { readWholeXml } from "./xml-stream.ts";

export const SHARED_STRING_BYTES_MAX = 67_108_864; // what one import may hold in memory; larger tables fit CSV
export const SHARED_STRINGS_MAX = 4_000_000; // bounds the table of offsets

export interface SharedStrings {
  /** Undefined for a number that the workbook does not have. */
  at(index: number): string | undefined;
}

export const NO_SHARED_STRINGS: SharedStrings = { at: () => undefined };

export async function readSharedStrings(chunks: AsyncIterable<Uint8Array>, place: string): Promise<SharedStrings> {
  const block = new TextBlock();
  let text = "";
  let isText = false;
  let isPhonetic = false;
  await readWholeXml(chunks, place, {
    begin: (name) => {
      if (name === "si") text = "";
      else if (name === "rPh") isPhonetic = true;
      else if (name === "t") isText = !isPhonetic;
    },
    text: (piece) => {
      if (!isText) return;
      text += piece;
      if (text.length > exchange.CELL_CHARACTERS_MAX)
        throw limitExceeded(`a text of the workbook has more than \`${exchange.CELL_CHARACTERS_MAX}\` characters`, {});
    },
    end: (name) => {
      if (name === "t") isText = false;
      else if (name === "rPh") isPhonetic = false;
      else if (name === "si") block.add(text);
    },
  });
  return block;
}

/** Texts one after another in one block of bytes; `#ends[i]` is where text i ends. */
class TextBlock implements SharedStrings {
  #bytes = Buffer.alloc(65_536);
  #ends = new Uint32Array(1_024);
  #count = 0;

  add(text: string): void {
    const start = this.#count === 0 ? 0 : this.#ends[this.#count - 1]!; // count is within the array
    const end = start + Buffer.byteLength(text);
    if (end > SHARED_STRING_BYTES_MAX)
      throw limitExceeded(
        `the workbook's texts are more than \`${SHARED_STRING_BYTES_MAX}\` bytes: save the sheet as CSV`,
        {
          sizeBytesMax: SHARED_STRING_BYTES_MAX,
        },
      );
    if (this.#count === SHARED_STRINGS_MAX)
      throw limitExceeded(`the workbook has more than \`${SHARED_STRINGS_MAX}\` texts: save the sheet as CSV`, {
        textsMax: SHARED_STRINGS_MAX,
      });
    while (end > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    this.#bytes.write(text, start);
    if (this.#count === this.#ends.length) {
      const longer = new Uint32Array(this.#ends.length * 2);
      longer.set(this.#ends);
      this.#ends = longer;
    }
    this.#ends[this.#count] = end;
    this.#count += 1;
  }

  at(index: number): string | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.#count) return undefined;
    return this.#bytes.toString("utf8", index === 0 ? 0 : this.#ends[index - 1], this.#ends[index]);
  }
}
