import { strict as assert } from "node:assert";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import {
  canonicalBytes,
  compareTimestamps,
  derivativeOf,
  isSameContent,
  isStixObject,
  isTimestamp,
  newestVersions,
  newVersion,
  parseTimestamp,
  revoke,
  type StixObject,
} from "../src/index.ts";
import { idOf, observable, versioned } from "./sample.ts";

const folder = vectors("stix/cti-python-stix2/stix2_data");
const stix = (value: unknown): StixObject => {
  assert.ok(isStixObject(value));
  return value;
};
const identity = (own: Record<string, unknown> = {}) =>
  stix(versioned("identity", { name: "n", created_by_ref: idOf("identity"), ...own }));
const change = { by: idOf("identity"), modified: "2024-03-01T00:00:00.000Z", changes: { name: "m" } };

test("keeps the newest of the versions in python-stix2's file store", { skip: skipUnless("shared", folder) }, () => {
  const files = globSync("**/*.json", { cwd: folder ?? "" }).sort();
  const objects = files.flatMap((file) => {
    const content = JSON.parse(readFileSync(join(folder ?? "", file), "utf8"));
    return (content.type === "bundle" ? content.objects : [content]).map(stix);
  });
  const { newest, conflicts } = newestVersions(objects);
  assert.deepEqual(conflicts, []);
  for (const file of files) {
    if (!/^\d+\.json$/.test(basename(file))) continue;
    const id = basename(join(file, ".."));
    const modified = String(newest.get(id)?.["modified"]).replace(/\D/g, "").slice(0, 17); // names are finer than contents
    assert.ok(modified >= basename(file, ".json").slice(0, 17), `${file} is newer than ${modified}`);
  }
});

test("reads the newest modified as the state and keeps two bodies of one version as a conflict (STIX 2.1 3.6)", () => {
  const [old, now] = [identity(), identity({ name: "m", modified: "2024-02-01T00:00:00.000Z" })];
  const { newest, conflicts } = newestVersions([now, old, identity({ revoked: false }), identity({ name: "x" })]);
  assert.equal(newest.get(now.id), now);
  assert.deepEqual(conflicts, [{ served: old, other: identity({ name: "x" }) }]);
  assert.ok(isSameContent(old, identity({ revoked: false, lang: "en" })));
  assert.ok(!isSameContent(old, identity({ revoked: true })));
});

test("makes a version for the creator only, later only, and never changes the frame (STIX 2.1 3.6)", () => {
  const next = unwrap(
    newVersion(identity({ description: "d" }), { ...change, changes: { name: "m", description: undefined } }),
  );
  assert.deepEqual(next, identity({ name: "m", modified: change.modified }));
  const refused = [
    newVersion(identity(), { ...change, by: idOf("identity", 2) }),
    newVersion(identity(), { ...change, modified: "2024-01-02T00:00:00.000Z" }),
    newVersion(identity(), { ...change, modified: "2024-03-01T00:00:00Z" }),
    newVersion(identity(), { ...change, changes: { created: "2020-01-01T00:00:00.000Z" } }),
    newVersion(identity({ revoked: true }), change),
    newVersion(stix(observable("mutex", { name: "n" })), change),
    newVersion(stix(versioned("marking-definition", { created_by_ref: idOf("identity") })), change),
  ];
  for (const result of refused) assert.equal(result.ok ? "" : result.problem.code, "stix/version");
});

test("revocation is permanent (STIX 2.1 3.6)", () => {
  const revoked = unwrap(revoke(identity(), change));
  assert.equal(revoked["revoked"], true);
  assert.equal(newVersion(revoked, { ...change, modified: "2025-01-01T00:00:00.000Z" }).ok, false);
});

test("takes the later of two linked objects as the derivative, else the target", () => {
  const [early, late] = [
    identity({ id: idOf("identity", 1) }),
    identity({ id: idOf("identity", 2), created: "2024-05-01T00:00:00.000Z" }),
  ];
  assert.equal(derivativeOf(early, late), late);
  assert.equal(derivativeOf(late, early), late);
  const twin = identity({ id: idOf("identity", 3) });
  assert.equal(derivativeOf(early, twin), twin);
});

test("writes the same bytes whatever the order of properties (RFC 8785)", () => {
  const object = identity({ x_b: 1, x_a: { d: 1, c: 2 } });
  const reversed = stix(Object.fromEntries(Object.entries(object).reverse()));
  assert.deepEqual(canonicalBytes(reversed), canonicalBytes(object));
});

test("orders timestamps exactly at any precision (STIX 2.1 2.16)", () => {
  const ordered = [
    "2024-01-01T00:00:00Z",
    "2024-01-01T00:00:00.0000000001Z",
    "2024-01-01T00:00:00.1Z",
    "2024-01-01T00:00:00.15Z",
    "2024-01-01T00:00:01Z",
  ];
  for (const [i, early] of ordered.entries())
    for (const late of ordered.slice(i + 1)) assert.ok(compareTimestamps(early, late) < 0, `${early} ${late}`);
  assert.equal(compareTimestamps("2024-01-01T00:00:00.100Z", "2024-01-01T00:00:00.1Z"), 0);
  fc.assert(
    fc.property(
      fc.date({ noInvalidDate: true, min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z") }),
      (date) => {
        assert.equal(parseTimestamp(date.toISOString())?.seconds, Math.floor(date.getTime() / 1000));
      },
    ),
  );
});

test("refuses what is no timestamp of STIX", () => {
  const wrong = [
    "2024-01-01",
    "2024-01-01T00:00:00",
    "2024-01-01T00:00:00+00:00",
    "2024-01-01T00:00:00.Z",
    "2024-13-01T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:60:00Z",
    "2024-01-01t00:00:00z",
    "1900-02-29T00:00:00Z",
    `2024-01-01T00:00:00.${"1".repeat(60)}Z`,
  ];
  for (const text of wrong) assert.equal(isTimestamp(text), false, text);
  for (const text of ["2000-02-29T23:59:60Z", `2024-01-01T00:00:00.${"1".repeat(59)}Z`])
    assert.equal(isTimestamp(text), true, text);
});
