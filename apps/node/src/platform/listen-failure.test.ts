import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import { listenFailure } from "./listen-failure.ts";

const PLACE = { host: "127.0.0.1", port: 80 };
const failing = (code: string) => Object.assign(new Error(`listen ${code}`), { code });

test("what keeps a node from listening names the port or the address, and the flag that chooses another", () => {
  for (const [code, problem, words] of [
    ["EADDRINUSE", "listen/port-taken", /port `80` on `127\.0\.0\.1` is taken.*--port/],
    ["EACCES", "listen/not-allowed", /port `80`.*--port/],
    ["EADDRNOTAVAIL", "listen/no-such-address", /no address `127\.0\.0\.1`.*--host/],
    ["ENOTFOUND", "listen/no-such-address", /no address `127\.0\.0\.1`.*--host/],
  ] as const) {
    const found = listenFailure(failing(code), PLACE);
    assert.ok(found instanceof Problem, code);
    assert.equal(found.code, problem);
    assert.match(found.message, words);
  }
});

test("any other failure of listening is handed back as it is", () => {
  const error = failing("EMFILE");
  assert.equal(listenFailure(error, PLACE), error);
});
