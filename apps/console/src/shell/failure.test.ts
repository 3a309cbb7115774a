import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import { failureOf, fieldErrors } from "./failure.ts";

test("every failure says what to do now, whatever it is", () => {
  for (const error of [
    new Problem("client/unreachable", "the node did not answer"),
    new Problem("some/new-code", "x", { detail: { status: 422 } }),
    new Problem("some/new-code", "x", { detail: { status: 503 } }),
    new Problem("some/new-code", "x"),
    new TypeError("x is not a function"),
    "thrown text",
  ]) {
    const failure = failureOf(error);
    assert.ok(failure.nextStep.length > 10 && failure.code.includes("/"), JSON.stringify(failure));
  }
});

test("a fault of the node carries the reference that its log knows (RFC 9457 3.1.5 instance)", () => {
  const failure = failureOf(new Problem("http/internal", "x", { detail: { status: 500, instance: "urn:uuid:1" } }));
  assert.equal(failure.reference, "urn:uuid:1");
  assert.match(failure.nextStep, /reference/);
});

test("issues of a refused body go to their fields", () => {
  const issues = [
    { path: "body.name", message: "is too long" },
    { path: "body.name", message: "second remark" },
    { path: "body.rules.0.tier", message: "is not a tier" },
    null,
    { path: 7 },
  ];
  assert.deepEqual(fieldErrors(new Problem("http/invalid", "x", { detail: { issues } })), {
    name: "is too long",
    "rules.0.tier": "is not a tier",
  });
  assert.deepEqual(fieldErrors(new Error("x")), {});
});

test("a broken rule goes to its field, and several to all of theirs", () => {
  const one = new Problem("registry/invalid-lei", "`X` is not an LEI", {
    detail: { path: "lei", rule: "invalid-lei" },
  });
  assert.deepEqual(fieldErrors(one), { lei: "X is not an LEI" });
  const faults = [
    { code: "registry/invalid-lei", path: "lei", message: "`X` is not an LEI" },
    { code: "registry/unknown-country", path: "country", message: "no country" },
  ];
  const both = new Problem("registry/invalid-lei", "`X` is not an LEI", { detail: { path: "lei", faults } });
  assert.deepEqual(fieldErrors(both), { lei: "X is not an LEI", country: "no country" });
});
