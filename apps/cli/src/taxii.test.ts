import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { startTestNode } from "../../../test/node.ts";
import { temporaryFolder } from "../../../test/temporary-folder.ts";

const folder = temporaryFolder("taxii");
after(() => folder.remove());

function holdfast(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const main = resolve(import.meta.dirname, "main.ts");
  return new Promise((done) =>
    execFile(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], (error, stdout, stderr) =>
      done({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

const tool = (n: number, name = `Tool ${n}`): Record<string, unknown> => ({
  type: "tool",
  spec_version: "2.1",
  id: `tool--00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  created: "2026-01-01T00:00:00.000Z",
  modified: "2026-01-01T00:00:00.000Z",
  name,
});

test("pushes files to a node's collection, polls them once, and goes on where it stopped", async () => {
  const house = await startTestNode();
  const steward = await house.signedIn("steward");
  const made = await steward.send("POST", "/api/platform/tokens", { name: "cli", scopes: ["intel:exchange"], days: 1 });
  const opened = await steward.send("POST", "/api/share/intel/collections", {
    title: "Tools",
    readRoles: ["steward"],
    writeRoles: ["steward"],
  });
  assert.equal(opened.status, 201, opened.text);
  const server = [`${house.url}/taxii2/`, "--token", String(made.body.secret)];
  const [file, state, bundle] = ["tools.json", "state.json", "out.json"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]; // three names, three paths
  const write = (...objects: unknown[]) =>
    writeFileSync(
      file,
      JSON.stringify({ type: "bundle", id: `bundle--${"0".repeat(8)}-0000-4000-8000-000000000000`, objects }),
    );

  const listed = await holdfast("taxii", "collections", ...server);
  assert.equal(listed.stdout, `${opened.body.id}\tread\twrite\tTools\n`, listed.stderr);
  write(tool(1), tool(2));
  const pushed = await holdfast("taxii", "push", ...server, file);
  assert.deepEqual([pushed.status, pushed.stdout], [0, "2 of 2 objects are in `Tools`\n"], pushed.stderr);
  const polled = await holdfast("taxii", "poll", ...server, "--state", state);
  assert.deepEqual(
    polled.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).name),
    ["Tool 1", "Tool 2"],
  );

  write(tool(3), tool(1, "Changed in place"));
  const partly = await holdfast("taxii", "push", ...server, file);
  assert.equal(partly.status, 1);
  assert.match(partly.stdout, /^refused\ttool--.*another content of this version/);
  const more = await holdfast("taxii", "poll", ...server, "--state", state, "--output", bundle);
  assert.equal(more.status, 0, more.stderr);
  const { objects } = JSON.parse(readFileSync(bundle, "utf8"));
  assert.ok(
    objects.some(({ name }: { name: string }) => name === "Tool 3"),
    "what came since is there",
  );

  assert.equal((await holdfast("taxii", "poll", server[0] ?? "")).status, 65, "without credentials");
  assert.equal((await holdfast("taxii", "poll", ...server, "--collection", "nothing")).status, 64);
  assert.equal((await holdfast("taxii", "poll", "ftp://example.org/")).status, 64);
  writeFileSync(state, "{");
  assert.equal((await holdfast("taxii", "poll", ...server, "--state", state)).status, 65);
});
