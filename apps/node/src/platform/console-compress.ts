/**
 * Compressed twins of the console's text files, written once per build: `name.br` (RFC 7932) and `name.gz` (RFC 1952) beside
 * `name`, so that no request waits for a compressor. Files that would not get smaller by enough have none.
 */
import { globSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const TEXTS = "**/*.{js,css,svg,json}";
const WORTH_BYTES_MIN = 1_024; // a smaller file fits into the packet that carries its headers
const BROTLI_QUALITY = 5; // 11 takes twenty times as long for a tenth less, and the first start waits
const GZIP_LEVEL = 9;

const toGzip = promisify(gzip);
const toBrotli = promisify(brotliCompress);

/** Writes the twins of every text file below `folder`; zlib works beside this thread, so that all cores share it. */
export async function compressTexts(folder: string): Promise<void> {
  await Promise.all(globSync(TEXTS, { cwd: folder }).map((name) => compressText(join(folder, name))));
}

async function compressText(path: string): Promise<void> {
  const text = await readFile(path);
  if (text.length < WORTH_BYTES_MIN) return;
  const parameters = {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  };
  const [zipped, brotli] = await Promise.all([
    toGzip(text, { level: GZIP_LEVEL }),
    toBrotli(text, { params: parameters }),
  ]);
  await Promise.all([writeFile(`${path}.gz`, zipped), writeFile(`${path}.br`, brotli)]);
}
