import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const SOURCE = JSON.stringify({
  "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
  type: "EPCISDocument",
  schemaVersion: "2.0",
  creationDate: "2024-05-01T10:00:00Z",
  epcisBody: {
    eventList: [
      {
        type: "ObjectEvent",
        eventTime: "2024-05-01T10:00:00Z",
        eventTimeZoneOffset: "+00:00",
        action: "OBSERVE",
        epcList: ["https://id.gs1.org/01/04012345111118/21/9876"],
      },
    ],
  },
});

test("runs the README's example", async () => {
  const readme = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8");
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const [imports = "", body = ""] = example.split("\n\n");
  const folder = mkdtempSync(join(tmpdir(), "holdfast-epcis-readme-"));
  try {
    const file = join(folder, "example.mts");
    // the example's folder is outside the workspaces, so its import is written out
    const from = imports.replace('"@holdfast/epcis"', JSON.stringify(import.meta.resolve("@holdfast/epcis")));
    writeFileSync(
      file,
      `${from}\nexport function run(source: string) {\n${body.replace("console.log({", "return ({")}\n}\n`,
    );
    const { run } = (await import(pathToFileURL(file).href)) as { run: (source: string) => Record<string, unknown> }; // the file above
    const result = run(SOURCE);
    assert.equal(result["isValid"], true);
    assert.match(String(result["hash"]), /^ni:\/\/\/sha-256;/);
    assert.match(String(result["xml"]), /<epc>urn:epc:id:sgtin:4012345\.011111\.9876<\/epc>/);
    assert.equal(result["key"], "https://id.gs1.org/01/04012345111118/21/9876");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
