import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cutMiddle, formatAge, formatBytes, formatDecimal, formatInstant, formatShare } from "./format.ts";

test("decimals are grouped in threes and never rounded (ISO 80000-1 7.3.1)", () => {
  assert.equal(formatDecimal("1234567.500"), "1\u202f234\u202f567.500");
  assert.equal(formatDecimal(1234), "1234");
  assert.equal(formatDecimal(-12345), "\u221212\u202f345");
  assert.equal(formatDecimal(123456789012345678901n), "123\u202f456\u202f789\u202f012\u202f345\u202f678\u202f901");
  assert.equal(formatDecimal("n/a"), "n/a");
  fc.assert(
    fc.property(fc.bigInt(), (value) => {
      assert.equal(formatDecimal(value).replaceAll("\u202f", "").replace("\u2212", "-"), String(value));
    }),
  );
});

test("a small share is never shown as none", () => {
  assert.equal(formatShare(0), "0");
  assert.equal(formatShare(1), "<0.1");
  assert.equal(formatShare(499), "<0.1");
  assert.equal(formatShare(500), "0.1");
  assert.equal(formatShare(123_456), "12.3");
  assert.equal(formatShare(1_000_000), "100");
});

test("an id is cut in the middle and keeps both ends", () => {
  assert.equal(cutMiddle("019f3c2e-7a41-7bd2-9c11-5f0e6a12a91b"), "019f3c2e…12a91b");
  assert.equal(cutMiddle("short"), "short");
});

test("ages use their biggest whole unit", () => {
  const now = new Date("2026-03-01T12:00:00Z");
  const ago = (seconds: number) => formatAge(new Date(now.getTime() - seconds * 1_000), now);
  assert.equal(ago(0), "0 s");
  assert.equal(ago(59), "59 s");
  assert.equal(ago(60), "1 min");
  assert.equal(ago(3 * 3_600), "3 h");
  assert.equal(ago(86_400 * 364), "364 d");
  assert.equal(ago(86_400 * 800), "2 y");
  assert.equal(ago(-7_200), "in 2 h");
  assert.equal(ago(-5), "0 s");
});

test("an instant names its zone", () => {
  assert.equal(formatInstant(new Date("2026-03-01T13:05:00Z"), "UTC"), "2026-03-01 13:05 UTC");
  assert.equal(formatInstant(new Date("2026-07-01T23:30:00Z"), "Asia/Tokyo"), "2026-07-02 08:30 GMT+9");
});

test("sizes are decimal", () => {
  assert.equal(formatBytes(999), "999 B");
  assert.equal(formatBytes(1_500), "1.5 kB");
  assert.equal(formatBytes(250_000_000), "250 MB");
});
