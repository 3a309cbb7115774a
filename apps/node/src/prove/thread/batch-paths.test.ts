import { strict as assert } from "node:assert";
import { test } from "node:test";
import { BatchPaths } from "./batch-paths.ts";
import { batchPath } from "./batch-tree.ts";

test("gives for every body of every batch size the path that the plain one gives (RFC 9162 2.1.3)", () => {
  for (let size = 1; size <= 70; size++) {
    const bodies = Array.from({ length: size }, (_, i) => `event ${i}`);
    const paths = new BatchPaths(bodies);
    for (let i = 0; i < size; i++) assert.deepEqual(paths.path(i), batchPath(bodies, i), `${i} of ${size}`);
  }
});
