import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { ed25519Of, repeatableRandom } from "../test/test-keys.ts";

test("runs the README's example", async () => {
  const readme = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8");
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const [imports = "", ...rest] = example.split("\n\n");
  const body = rest.join("\n").replace("console.log(", "return (");
  const folder = mkdtempSync(join(tmpdir(), "holdfast-credential-"));
  try {
    const file = join(folder, "example.mts");
    // the example's folder is outside the workspaces, so its import is written out
    const from = imports.replace('"@holdfast/credential"', JSON.stringify(import.meta.resolve("@holdfast/credential")));
    writeFileSync(
      file,
      `${from}\nexport async function run({ key, signer, random, at, resolveDid, fetchStatus }: any) {\n${body}\n}\n`,
    );
    const { run } = (await import(pathToFileURL(file).href)) as { run: (given: object) => Promise<string> }; // as written above
    const unknown = async () => ({ state: "not-checked", reason: "no network" });
    const given = {
      ...ed25519Of(1),
      random: repeatableRandom(),
      at: new Date(),
      resolveDid: unknown,
      fetchStatus: unknown,
    };
    assert.equal(await run(given), "valid: from EE, price undefined");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
