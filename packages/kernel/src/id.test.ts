import { strict as assert } from "node:assert";
import { test } from "node:test";
import { isUuid, parseUuid, Problem, uuid7 } from "./index.ts";

const random = { bytes: (length: number) => new Uint8Array(length).fill(0xff) };

test("writes the RFC 9562 example time into the first 48 bits of a UUIDv7", () => {
  const clock = { now: () => new Date(0x017f22e279b0) };
  assert.equal(uuid7({ clock, random }), "017f22e2-79b0-7fff-bfff-ffffffffffff");
});

test("sorts by creation time", () => {
  const at = (milliseconds: number) => uuid7({ clock: { now: () => new Date(milliseconds) }, random });
  assert.ok(at(1_000) < at(1_001));
});

test("accepts a lower-case UUID and refuses anything else", () => {
  assert.ok(isUuid("017f22e2-79b0-7fff-bfff-ffffffffffff"));
  assert.throws(
    () => parseUuid("../../etc/passwd"),
    (error) => error instanceof Problem && error.code === "id/malformed",
  );
});
