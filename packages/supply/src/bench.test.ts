import { strict as assert } from "node:assert";
import { globSync } from "node:fs";
import { basename, resolve } from "node:path";
import { test } from "node:test";

const folder = resolve(import.meta.dirname, "../bench");

for (const file of globSync("*.bench.ts", { cwd: folder }).sort()) {
  test(`the bench ${basename(file, ".bench.ts")} runs on a tiny input and prints numbers`, async () => {
    const { bench } = await import(resolve(folder, file));
    const text = JSON.stringify(await bench({ tiny: true }));
    assert.doesNotMatch(text, /null/); // what JSON makes of NaN and Infinity
  });
}
