import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";

test("the README's example gives the values that its comments promise", async () => {
  const readme = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8");
  const [, example] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  assert.ok(example);
  const promised: unknown[] = [];
  const code = example.split("\n").map((line) => {
    const [, expression, comment] = /^(\w+\(.*\S|\w+\.\w.*\S); \/\/ (\[.*\]|\d+)/.exec(line) ?? [];
    if (expression === undefined || comment === undefined) return line;
    promised.push(JSON.parse(comment));
    return `values.push(${expression});`;
  });
  const cache = resolve(import.meta.dirname, "../../../node_modules/.cache"); // where the package's name resolves
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "supply-readme-"));
  try {
    const file = join(folder, "example.mjs");
    writeFileSync(file, `export const values = [];\n${code.join("\n")}`);
    const { values } = await import(file);
    assert.equal(promised.length, 4);
    assert.deepEqual(
      values.map((value: unknown) => (typeof value === "number" ? Math.round(value * 1e6) / 1e6 : value)),
      promised,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
