/** `holdfast intel` without a node: exit codes that scripts rely on. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { temporaryFolder } from "../../../test/temporary-folder.ts";

const folder = temporaryFolder("intel");
after(() => folder.remove());

function holdfast(...words: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [resolve(import.meta.dirname, "main.ts"), "intel", ...words], {
    encoding: "utf8",
    env: { ...process.env, HOLDFAST_TOKEN: "", HOLDFAST_URL: "http://127.0.0.1:9" },
  });
  return { status, stderr };
}

test("a missing token, a missing file and a node that is away each have their own exit code", () => {
  const file = join(folder.path, "bundle.json");
  writeFileSync(file, "{}");
  assert.equal(holdfast("import", file).status, 64);
  assert.equal(holdfast("import", join(folder.path, "none.json"), "--token", "x").status, 66);
  assert.equal(holdfast("list", "--token", "x", "--url", "http://127.0.0.1:9").status, 69);
  assert.equal(holdfast("list", "--limit", "0", "--token", "x").status, 64);
});
