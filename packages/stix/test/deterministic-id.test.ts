import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { deterministicId } from "../src/index.ts";

test("gives the ids that the errata of STIX 2.1 publish", () => {
  const published: readonly (readonly [object: Record<string, unknown>, uuid: string])[] = [
    [{ type: "ipv4-addr", value: "198.51.100.3" }, "28bb3599-77cd-5a82-a950-b5bc3caf07c4"],
    [{ type: "directory", path: "C:\\Windows\\System32" }, "0a58d0c1-59e6-5afd-8252-dcd3f13e5622"],
    [{ type: "autonomous-system", number: 15139 }, "3aa27478-50b5-5ab8-9da9-cdc12b657fff"],
    [{ type: "domain-name", value: "example.com" }, "bedb4899-d24b-5401-bc86-8f6b4cc18ec7"],
    [{ type: "mutex", name: "__CLEANSWEEP__" }, "f93fe911-e545-5239-b9b0-597840d0c871"],
    [
      {
        type: "file",
        name: "quêry.dll",
        hashes: { "SHA-256": "841a8921140aba50671ebb0770fecc4ee308c4952cfeff8de154ab14eeef4649" },
      },
      "7d1e3a18-89e7-5bc5-be36-9879f5b7f5c8",
    ],
    [
      { type: "windows-registry-key", key: "HKEY_LOCAL_MACHINE\\System\\Foo\\Bar" },
      "1884b770-b679-522a-a9c7-45fadaaec7bb",
    ],
  ];
  for (const [object, uuid] of published) assert.equal(deterministicId(object), `${object["type"]}--${uuid}`);
});

test("gives every observable of python-stix2's example bundle an id but processes", {
  skip: skipUnless("shared", vectors("stix/cti-python-stix2")),
}, () => {
  const path = join(vectors("stix/cti-python-stix2") ?? "", "sco-examples-bundle.json");
  const objects: Record<string, unknown>[] = JSON.parse(readFileSync(path, "utf8"));
  assert.ok(objects.length > 50);
  for (const object of objects) assert.equal(deterministicId(object) === undefined, object["type"] === "process");
});

test("takes one hash, in the order MD5, SHA-1, SHA-256, SHA-512 (STIX 2.1 6.7)", () => {
  const ofHashes = (hashes: Record<string, string>): string | undefined => deterministicId({ type: "file", hashes });
  assert.equal(ofHashes({ "SHA-512": "d", "SHA-256": "c", "SHA-1": "b", MD5: "a" }), ofHashes({ MD5: "a" }));
  assert.equal(ofHashes({ "SHA-512": "d", "SHA-256": "c", "SHA-1": "b" }), ofHashes({ "SHA-1": "b" }));
  assert.equal(ofHashes({ "SHA-512": "d", "SHA-256": "c" }), ofHashes({ "SHA-256": "c" }));
  assert.equal(ofHashes({ TLSH: "f", SSDEEP: "e" }), ofHashes({ SSDEEP: "e", TLSH: "f" }));
});

test("gives none without contributing properties: a UUIDv4 belongs there (STIX 2.1 2.9)", () => {
  assert.equal(deterministicId({ type: "process", pid: 1 }), undefined);
  assert.equal(deterministicId({ type: "user-account", display_name: "Jo" }), undefined);
  assert.equal(deterministicId({ type: "identity", name: "Jo" }), undefined);
  assert.equal(deterministicId({ type: "constructor" }), undefined);
});

test("depends on contributing properties only, and not on their order", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string({ unit: "grapheme" }), (name, vendor, version) => {
      const id = deterministicId({ type: "software", name, vendor, version });
      assert.equal(id, deterministicId({ version, languages: ["en"], vendor, name, type: "software", id: "x" }));
      assert.match(String(id), /^software--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.notEqual(id, deterministicId({ type: "software", name: `${name}x`, vendor, version }));
    }),
  );
});
