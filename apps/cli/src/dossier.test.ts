import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { formatPolicy } from "@holdfast/tlog";
import { policy, smallDossier } from "../../../packages/credential/test/small-dossier.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-dossier-"));
after(() => rmSync(folder, { recursive: true }));

function holdfast(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const main = resolve(import.meta.dirname, "main.ts");
  return new Promise((done) =>
    execFile(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], (error, stdout, stderr) =>
      done({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

const dossier = join(folder, "lot.dossier.json");
const trust = join(folder, "policy");
before(async () => {
  writeFileSync(dossier, await smallDossier());
  writeFileSync(trust, formatPolicy(policy));
});

test("verifies a dossier offline with the reader's own policy, and with the dossier's own", async () => {
  const mine = await holdfast("verify", dossier, "--policy", trust);
  assert.equal(mine.status, 0, mine.stdout + mine.stderr);
  assert.match(mine.stdout, /^proven {7}every part is as it was sealed: 6 parts/);
  assert.match(mine.stdout, /\n\nverdict: proven\n$/);
  const own = await holdfast("verify", dossier, "--json");
  assert.equal(own.status, 0);
  const { claims } = JSON.parse(own.stdout);
  assert.ok(
    claims.some(
      ({ status, claim }: { status: string; claim: string }) =>
        status === "not checked" && claim.includes("the policy is the dossier's own"),
    ),
  );
});

test("fails a dossier with one changed letter, exit 1, and says which promise is broken", async () => {
  const text = readFileSync(dossier, "utf8");
  const changed = join(folder, "changed");
  writeFileSync(changed, text.replace("2026-05-01T10", "2026-05-01T11"));
  const answer = await holdfast("verify", changed, "--policy", trust);
  assert.equal(answer.status, 1);
  assert.match(answer.stdout, /^not proven {3}the dossier is as it was sealed: .*\n/);
  assert.match(answer.stdout, /\nverdict: not proven\n$/);
});

test("withholds a customer, a kind and a part; what is left still verifies", async () => {
  const redacted = join(folder, "redacted");
  const answer = await holdfast(
    "dossier",
    "redact",
    dossier,
    "-o",
    redacted,
    "--withhold",
    "finding",
    "--withhold-part",
    "2",
    "--withhold-member",
    "body/customer",
  );
  assert.equal(answer.status, 0, answer.stderr);
  assert.match(answer.stdout, /6 parts, 2 withheld\n$/);
  assert.equal(readFileSync(redacted, "utf8").includes("ACME"), false);
  const { status, stdout } = await holdfast("verify", redacted, "--policy", trust);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /not checked {2}1 event part\(s\): withheld/);
  assert.match(stdout, /not checked {2}1 finding part\(s\): withheld/);
  assert.match(stdout, /not checked {2}1 event part\(s\): some members withheld/);
});

test("refuses words that withhold nothing, and evidence without a policy", async () => {
  assert.equal((await holdfast("dossier", "redact", dossier, "-o", join(folder, "x"))).status, 64);
  assert.equal(
    (await holdfast("dossier", "redact", dossier, "-o", join(folder, "x"), "--withhold", "nothing")).status,
    65,
  );
  assert.equal((await holdfast("verify", trust)).status, 64);
});
