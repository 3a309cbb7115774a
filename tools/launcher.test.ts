/** The launcher's lock: however many callers start at once after an update, one installs and the others wait for it. */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { appendFileSync, chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../test/temporary-folder.ts";

/** A checkout with nothing but the launcher, and an npm that takes its time, wipes node_modules first and counts its calls. */
function checkout(): { root: string; run: () => Promise<string>; installs: () => number; remove: () => void } {
  const folder = temporaryFolder("launcher");
  const root = join(folder.path, "checkout");
  mkdirSync(join(root, "apps/cli/src"), { recursive: true });
  mkdirSync(join(folder.path, "bin"));
  copyFileSync(resolve(import.meta.dirname, "../holdfast"), join(root, "holdfast"));
  writeFileSync(join(root, "package-lock.json"), "{}");
  writeFileSync(
    join(root, "apps/cli/src/main.ts"),
    `import { readFileSync } from "node:fs"; console.log(readFileSync(new URL("../../../node_modules/whole", import.meta.url), "utf8"));`,
  );
  const npm = join(folder.path, "bin/npm");
  writeFileSync(
    npm,
    `#!/bin/sh\necho call >>"${folder.path}/calls"\nrm -rf node_modules\nmkdir node_modules || exit 1\nsleep 0.5\nprintf whole >node_modules/whole\n`,
  );
  chmodSync(npm, 0o755);
  const calls = join(folder.path, "calls");
  const path = [join(folder.path, "bin"), join(process.execPath, ".."), process.env["PATH"]].join(delimiter);
  return {
    root,
    run: () =>
      new Promise((done) => {
        const child = spawn(join(root, "holdfast"), [], { env: { ...process.env, PATH: path } });
        let said = "";
        child.stdout.on("data", (bytes) => (said += String(bytes)));
        child.once("exit", (code) => done(`${code} ${said.trim()}`));
      }),
    installs: () => (existsSync(calls) ? readFileSync(calls, "utf8").split("\n").length - 1 : 0),
    remove: () => folder.remove(),
  };
}

test("callers that start at once after an update install once between them", async () => {
  const { run, installs, root, remove } = checkout();
  try {
    assert.deepEqual(await Promise.all([run(), run(), run()]), ["0 whole", "0 whole", "0 whole"]);
    assert.equal(installs(), 1);
    assert.equal(existsSync(join(root, ".installing")), false);
    appendFileSync(join(root, "package-lock.json"), " ");
    assert.equal(await run(), "0 whole");
    assert.equal(installs(), 2, "a changed lockfile is installed");
  } finally {
    remove();
  }
});

test("a lock whose holder was killed is taken over", async () => {
  const { run, installs, root, remove } = checkout();
  try {
    mkdirSync(join(root, ".installing"));
    writeFileSync(join(root, ".installing/pid"), "4194304"); // above the largest pid of Linux
    assert.equal(await run(), "0 whole");
    assert.equal(installs(), 1);
  } finally {
    remove();
  }
});
