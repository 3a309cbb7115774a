import assert from "node:assert/strict";
import { test } from "node:test";
import { safeReturn } from "./safe-return.ts";

test("a path of the console is returned to, with its state", () => {
  assert.equal(safeReturn("/know/sites?filter=x#y"), "/know/sites?filter=x#y");
});

test("an address elsewhere is not followed (open redirect, CWE-601)", () => {
  for (const address of [
    undefined,
    "",
    "https://evil.example",
    "//evil.example/x",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "evil",
  ])
    assert.equal(safeReturn(address), "/", String(address));
});
