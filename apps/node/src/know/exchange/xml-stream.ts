/**
 * XML as it arrives, as begin tags, texts and end tags without prefixes. XML 1.0, as packages restrict it (ISO/IEC
 * 29500-2 8.1.4): UTF-8, no document type, so no entities of its own. Refuses depth, and pieces that would have to be
 * held in memory whole.
 */
import { Problem } from "@holdfast/kernel";
import { SaxesParser } from "saxes";
import { limitExceeded, refusal } from "./sheet-row.ts";

export const XML_DEPTH_MAX = 64; // worksheets are 8 deep
export const XML_PIECE_BYTES_MAX = 1_048_576; // of one tag or text; a cell's own limit is far below

export interface XmlHandlers {
  /** `name` and the attributes' names come without prefix. */
  begin(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  end?(name: string): void;
}

/**
 * Feeds `chunks` to `handlers`. Yields after each chunk, so that the caller can hand on what it has and may stop.
 * @throws Problem `exchange/malformed-workbook` or `exchange/limit-exceeded`; `place` names the document in them
 */
export async function* readXml(
  chunks: AsyncIterable<Uint8Array>,
  place: string,
  handlers: XmlHandlers,
): AsyncGenerator<void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const parser = new SaxesParser();
  let depth = 0;
  let pieceBytes = 0;
  parser.on("opentag", ({ name, attributes }) => {
    pieceBytes = 0;
    depth += 1;
    if (depth > XML_DEPTH_MAX)
      throw limitExceeded(`\`${place}\` is nested deeper than \`${XML_DEPTH_MAX}\``, { place });
    handlers.begin(local(name), withoutPrefixes(attributes));
  });
  parser.on("closetag", ({ name }) => {
    pieceBytes = 0;
    depth -= 1;
    handlers.end?.(local(name));
  });
  const text = (piece: string) => {
    pieceBytes = 0;
    handlers.text?.(piece);
  };
  parser.on("text", text);
  parser.on("cdata", text);
  parser.on("doctype", () => {
    throw refusal("exchange/malformed-workbook", `\`${place}\` declares a document type, which no workbook may`);
  });
  parser.on("error", (error) => {
    throw error;
  });
  try {
    for await (const chunk of chunks) {
      pieceBytes += chunk.length;
      if (pieceBytes > XML_PIECE_BYTES_MAX)
        throw limitExceeded(`\`${place}\` has a tag or text longer than \`${XML_PIECE_BYTES_MAX}\` bytes`, { place });
      parser.write(decoder.decode(chunk, { stream: true }));
      yield;
    }
    parser.write(decoder.decode());
    parser.close();
  } catch (error) {
    throw explained(error, place);
  }
  yield;
}

/** Feeds all of `chunks`. */
export async function readWholeXml(
  chunks: AsyncIterable<Uint8Array>,
  place: string,
  handlers: XmlHandlers,
): Promise<void> {
  for await (const _ of readXml(chunks, place, handlers));
}

function local(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function withoutPrefixes(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const name in attributes) plain[local(name)] = attributes[name] ?? "";
  return plain;
}

/** The parser's and the decoder's own failures are of type Error and TypeError without a code of the system. */
function explained(error: unknown, place: string): unknown {
  if (error instanceof Problem || !(error instanceof Error)) return error;
  if ("code" in error && error.code !== "ERR_ENCODING_INVALID_ENCODED_DATA") return error;
  return refusal("exchange/malformed-workbook", `\`${place}\` is not well-formed XML in UTF-8: ${error.message}`, {
    cause: error,
  });
}
