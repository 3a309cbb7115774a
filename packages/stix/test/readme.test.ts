import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { bundle, idOf, observable, versioned } from "./sample.ts";

test("runs the README's example", async () => {
  const readme = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8");
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const [imports = "", body = ""] = example.split("\n\n");
  const folder = mkdtempSync(join(tmpdir(), "holdfast-stix-readme-"));
  try {
    const file = join(folder, "example.mts");
    // the example's folder is outside the workspaces, so its imports are written out
    const from = imports.replace(/"(@holdfast\/\w+)"/g, (_, name: string) => JSON.stringify(import.meta.resolve(name)));
    writeFileSync(
      file,
      `${from}\nexport function run(bundle: unknown) {\n${body.replace("console.log(", "return [")?.replace(/\);\n$/, "];\n")}}\n`,
    );
    const { run } = (await import(pathToFileURL(file).href)) as { run: (bundle: unknown) => unknown }; // the file above
    const id = "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4";
    const observed = versioned("observed-data", {
      first_observed: "2024-01-01T00:00:00Z",
      last_observed: "2024-01-01T00:00:05Z",
      number_observed: 2,
      object_refs: [id],
    });
    const seen = bundle(observed, observable("ipv4-addr", { id, value: "198.51.100.3" }));
    assert.deepEqual(run(seen), [true, id, true, [idOf("observed-data")]]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
