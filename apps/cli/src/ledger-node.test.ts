import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { startTestNode } from "../../../test/node.ts";
import { temporaryFolder } from "../../../test/temporary-folder.ts";

const folder = temporaryFolder("ledger-node");
after(() => folder.remove());

function holdfast(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const main = resolve(import.meta.dirname, "main.ts");
  return new Promise((done) =>
    execFile(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], (error, stdout, stderr) =>
      done({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

test("fetches a proof from a node that then verifies offline, and checks the whole log over HTTP", async () => {
  const house = await startTestNode({ flags: { ledgerBatchMilliseconds: 20 } });
  const auditor = await house.signedIn("auditor");
  const made = await auditor.send("POST", "/api/platform/tokens", { name: "cli", scopes: ["ledger:read"], days: 1 });
  const said = { kind: "test/said", subject: "urn:test:1", payload: { lot: 1 } };
  const { id } = await house.node.ledger.record(said, { wait: "published" });
  const [proof, policy, cose] = ["x.tlog-proof", "policy", "x.cose"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]; // three names, three paths
  const flags = ["--url", house.url, "--token", made.body.secret];
  const proven = await holdfast("ledger", "prove", id, "-o", proof, ...flags);
  assert.equal(proven.status, 0, proven.stderr);
  writeFileSync(policy, (await auditor.send("GET", "/api/prove/ledger/policy")).text);
  const answer = await fetch(`${house.url}/api/prove/ledger/statements/${id}/cose`, {
    headers: { cookie: auditor.cookie },
  });
  writeFileSync(cose, new Uint8Array(await answer.arrayBuffer()));
  const verified = await holdfast("verify", proof, "--policy", policy, "--entry", cose);
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
  const fsck = await holdfast("ledger", "fsck", `${house.url}/ledger/`);
  assert.equal(fsck.status, 0, fsck.stdout + fsck.stderr);

  const unknown = await holdfast("ledger", "prove", "0".repeat(64), "-o", proof, ...flags);
  assert.deepEqual([unknown.status, /there is no statement/.test(unknown.stderr)], [1, true]);
  assert.equal((await holdfast("ledger", "prove", "nonsense", "-o", proof, ...flags)).status, 64);
  assert.equal((await holdfast("ledger", "witness", "log.example", "--url", house.url)).status, 1);
  assert.equal((await holdfast("ledger", "witness", "log.example", "--url", "http://127.0.0.1:1")).status, 69);
});
