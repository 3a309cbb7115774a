import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(join(tmpdir(), "holdfast-stix-"));
after(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};
const holdfast = (words: readonly string[], input = "") => {
  const main = resolve(import.meta.dirname, "main.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "stix", ...words], { encoding: "utf8", input });
  return { status, stdout, stderr };
};

const identity = {
  type: "identity",
  spec_version: "2.1",
  id: "identity--8c6af861-7b20-41ef-9b59-6344fd872a8f",
  created: "2024-01-01T00:00:00.000Z",
  modified: "2024-01-01T00:00:00.000Z",
  name: "Smelter East",
};
const address = { type: "ipv4-addr", id: "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4", value: "198.51.100.3" };
const observedId = "observed-data--00000000-0000-4000-8000-000000000001";
const observed = {
  ...identity,
  type: "observed-data",
  id: observedId,
  first_observed: "2024-01-01T00:00:00Z",
  last_observed: "2024-01-01T00:00:00Z",
  number_observed: 2,
  object_refs: [address.id],
};
const bundle = { type: "bundle", id: "bundle--00000000-0000-4000-8000-000000000009", objects: [observed, address] };

test("stix validate prints a line for each file and ends with 1 when one is invalid", () => {
  const good = file("good.json", { ...identity, x_rank: 1 });
  const bad = file("bad.json", { ...identity, modified: "2023-01-01T00:00:00.000Z" });
  const torn = file("torn.json", '{"type": "identity",');
  assert.deepEqual(holdfast(["validate", good]), { status: 0, stdout: `valid\t${good}\n`, stderr: "" });
  const { status, stdout } = holdfast(["validate", good, bad, torn]);
  assert.equal(status, 1);
  assert.equal(stdout, `valid\t${good}\ninvalid\t${bad}\ninvalid\t${torn}\n`);
});

test("stix validate --explain names place, rule and value, and warnings do not make invalid", () => {
  const path = file("warned.json", { ...identity, x_rank: 1, name: 5 });
  const { status, stdout } = holdfast(["validate", "--explain", path]);
  assert.equal(status, 1);
  assert.match(stdout, /\n {2}error at \/name: expected a string \(type\) 5\n/);
  assert.match(stdout, /\n {2}warning at \/x_rank: .* \(custom-property\) 1\n/);
  const warned = file("only-warned.json", { ...identity, x_rank: 1 });
  assert.equal(holdfast(["validate", "--explain", warned]).status, 0);
});

test("stix validate --interop also asks what the profile does", () => {
  const path = file("anonymous.json", { ...identity, type: "tool", id: "tool--8c6af861-7b20-41ef-9b59-6344fd872a8f" });
  assert.equal(holdfast(["validate", path]).status, 0);
  const { status, stdout } = holdfast(["validate", "--interop", "--explain", path]);
  assert.equal(status, 1);
  assert.match(stdout, /error at \/created_by_ref: .* \(interop\)/);
});

test("stix commands end with 66 for a file that can't be read and 64 for wrong words", () => {
  const absent = join(folder, "absent.json");
  assert.equal(holdfast(["validate", file("good2.json", identity), absent]).status, 66);
  assert.equal(holdfast(["id", absent]).status, 66);
  assert.equal(holdfast(["match", "--pattern", "[a:b=1]", absent]).status, 66);
  assert.equal(holdfast(["match", file("observed0.json", bundle)]).status, 64);
  assert.equal(holdfast(["id"]).status, 64);
});

test("stix id prints the computed id and the id in the file of each observable", () => {
  const bare = { type: "process", pid: 5 };
  const path = file("observables.json", {
    ...bundle,
    objects: [identity, address, { type: "mutex", name: "__CLEANSWEEP__" }, bare],
  });
  const { status, stdout } = holdfast(["id", path]);
  assert.equal(status, 0);
  assert.deepEqual(stdout.split("\n"), [
    `${address.id}\t${address.id}`,
    "mutex--f93fe911-e545-5239-b9b0-597840d0c871\t-",
    "-\t-",
    "",
  ]);
  assert.equal(holdfast(["id", "-"], JSON.stringify(address)).stdout, `${address.id}\t${address.id}\n`);
  assert.equal(holdfast(["id", file("number.json", "5")]).status, 65);
});

test("stix match prints pattern, verdict and the ids that matched", () => {
  const path = file("observed.json", bundle);
  const { status, stdout } = holdfast([
    "match",
    "--pattern",
    "[ipv4-addr:value ISSUBSET '198.51.100.0/24']",
    path,
    "--json",
  ]);
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout), [
    { pattern: "[ipv4-addr:value ISSUBSET '198.51.100.0/24']", matched: true, observedDataIds: [observedId] },
  ]);
  const none = holdfast(["match", "--pattern", "[ipv4-addr:value = '198.51.100.4']", path]);
  assert.equal(none.stdout, "no-match\t-\t[ipv4-addr:value = '198.51.100.4']\n");
});

test("stix match reads patterns one a line, and one that is invalid matches nothing and ends with 65", () => {
  const path = file("observed2.json", [observed, address]);
  const lines = file(
    "patterns.txt",
    "# known\r\n[ipv4-addr:value = '198.51.100.3'] REPEATS 2 TIMES\r\n\r\n[ipv4-addr:value = ]\n",
  );
  const { status, stdout, stderr } = holdfast(["match", "--patterns", lines, path, "--json"]);
  assert.equal(status, 65);
  const rows = JSON.parse(stdout);
  assert.deepEqual(
    rows.map((row: { matched: boolean }) => row.matched),
    [true, false],
  );
  assert.equal(rows[1].error.code, "stix/pattern-syntax");
  assert.match(stderr, /expected a constant/);
});

test("stix match reads indicators and lets revoked ones match nothing", () => {
  const path = file("observed3.json", bundle);
  const indicator = (n: number, own: object) => ({
    ...identity,
    type: "indicator",
    id: `indicator--00000000-0000-4000-8000-00000000000${n}`,
    pattern: "[ipv4-addr:value = '198.51.100.3']",
    pattern_type: "stix",
    valid_from: "2024-01-01T00:00:00Z",
    ...own,
  });
  const indicators = file("indicators.json", {
    ...bundle,
    objects: [
      indicator(1, {}),
      indicator(2, { revoked: true }),
      indicator(3, { pattern_type: "sigma", pattern: "x" }),
      identity,
    ],
  });
  const { status, stdout, stderr } = holdfast(["match", "--patterns", indicators, path, "--json"]);
  assert.equal(status, 0, stderr);
  const rows = JSON.parse(stdout);
  assert.deepEqual(
    rows.map(({ indicator: id, matched }: { indicator: string; matched: boolean }) => [id.at(-1), matched]),
    [
      ["1", true],
      ["2", false],
    ],
  );
  assert.match(stderr, /00003 is left out/);
});
