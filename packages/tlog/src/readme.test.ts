import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { ed25519 } from "@noble/curves/ed25519.js";
import { formatCheckpoint, formatNote, formatVkey, noteKey, SIGNATURE_TYPE, signNote, type TreeCut } from "./index.ts";

test("runs the README's example", async () => {
  const readme = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8");
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const body = example.split("\n\n").slice(1).join("\n").replace("console.log(", "return (");
  // the example's folder is outside the workspaces, so its imports are written out
  const imports = example
    .split("\n\n")[0]!
    .replace(/"(@holdfast\/\w+)"/g, (_, name: string) => JSON.stringify(import.meta.resolve(name)));
  const folder = mkdtempSync(join(tmpdir(), "holdfast-tlog-"));
  try {
    const file = join(folder, "example.mts");
    writeFileSync(
      file,
      `${imports}\nexport async function run(entries: any, sign: any, policyBytes: any) {\n${body}\n}\n`,
    );
    const { run } = (await import(pathToFileURL(file).href)) as {
      run: (entries: Uint8Array[], sign: (cut: TreeCut) => Promise<Uint8Array>, policy: Uint8Array) => Promise<string>;
    };
    const secret = new Uint8Array(32).fill(1);
    const key = noteKey("log.example", SIGNATURE_TYPE.ed25519, ed25519.getPublicKey(secret));
    const sign = async ({ size, root }: TreeCut) => {
      const text = formatCheckpoint({ origin: key.name, size, root, extensions: [] });
      return formatNote({
        text,
        signatures: [await signNote(text, key, { sign: async (m) => ed25519.sign(m, secret) })],
      });
    };
    const policy = new TextEncoder().encode(`log ${formatVkey(key)}\nquorum none\n`);
    const entries = ["a", "b", "c", "d", "e"].map((text) => new TextEncoder().encode(text));
    assert.equal(await run(entries, sign, policy), "entry 2 of 5, cosigned by 0");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
