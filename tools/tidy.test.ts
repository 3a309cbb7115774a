import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { tidy } from "./tidy.ts";

test("finds nothing to tidy in this checkout", () => {
  assert.deepEqual(tidy(resolve(import.meta.dirname, "..")), []);
});

const house = {
  "package.json": '{"name":"house","devDependencies":{"left-pad":"1.0.0"}}',
  "packages/kernel/package.json": '{"name":"@holdfast/kernel","exports":{".":"./src/index.ts"}}',
  "packages/kernel/src/index.ts":
    'import "./a.ts";\nimport "node:fs";\nimport { z } from "zod";\nimport "@holdfast/tlog";\n',
  "packages/kernel/src/a.ts": 'export { b } from "./b.ts";\n',
  "packages/kernel/src/b.ts": 'import "./a.ts";\nexport const b = 1;\n',
  "packages/kernel/src/dead.ts": "export const dead = 1;\n",
  "packages/tlog/package.json": '{"name":"@holdfast/tlog","exports":{".":"./src/index.ts"}}',
  "packages/tlog/src/index.ts": "export const tree = 1;\n",
};

test("reports every broken rule of a house built to break them", () => {
  const root = mkdtempSync(join(tmpdir(), "tidy-"));
  try {
    for (const [path, text] of Object.entries(house)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const rules = new Set(
      tidy(root)
        .filter((finding) => !finding.file.startsWith("tools/"))
        .map((finding) => finding.rule),
    );
    assert.deepEqual([...rules].sort(), [
      "cycle",
      "dead-file",
      "dependency-list",
      "layer",
      "pure-package",
      "undeclared-import",
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
