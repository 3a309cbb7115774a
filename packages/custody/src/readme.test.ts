import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { canonicalId, type EpcisEvent } from "@holdfast/epcis";
import { type Facts, RULES, type StoredEvent } from "./index.ts";

test("runs the README's example", async () => {
  const readme = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8");
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const [imports = "", body = ""] = example.split("\n\n");
  const folder = mkdtempSync(join(tmpdir(), "holdfast-custody-readme-"));
  try {
    const file = join(folder, "example.mts");
    // the example's folder is outside the workspaces, so its import is written out
    const from = imports.replace('"@holdfast/custody"', JSON.stringify(import.meta.resolve("@holdfast/custody")));
    writeFileSync(
      file,
      `${from}\nexport function run(events: any, facts: any) {\n${body.replace("console.log(", "return (")}\n}\n`,
    );
    const { run } = (await import(pathToFileURL(file).href)) as {
      run: (events: StoredEvent[], facts: Facts) => { origins: string[]; rows: unknown[]; findings: unknown[] };
    }; // the file above
    const lot = (name: string) => `urn:epc:class:lgtin:4012345.012345.${name}`;
    const event: EpcisEvent = {
      type: "TransformationEvent",
      eventTime: "2024-05-01T10:00:00Z",
      eventTimeZoneOffset: "+00:00",
      readPoint: { id: "urn:epc:id:sgln:4012345.00005.0" },
      inputQuantityList: [{ epcClass: lot("ORE"), quantity: 3, uom: "KGM" }],
      outputQuantityList: [{ epcClass: lot("OXIDE"), quantity: 1, uom: "KGM" }],
    };
    const { origins, rows, findings } = run([{ event }], { asOfMs: Date.UTC(2024, 5, 1) });
    assert.deepEqual(origins, [canonicalId(lot("ORE"))]);
    assert.equal(rows.length, 2);
    assert.deepEqual(findings, []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("every rule has a name that reads as a sentence's end", () => {
  for (const [rule, meaning] of Object.entries(RULES)) assert.match(`${rule} ${meaning}`, /^[a-z-]+ [a-z].*[a-z]$/);
});
