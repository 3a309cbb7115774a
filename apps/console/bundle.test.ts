import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const FIRST_LOAD_BYTES_MAX = 250_000; // gzipped JavaScript until the overview stands

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), "holdfast-console-"));
let manifest: Record<string, Chunk> = {};

before(async () => {
  await build({
    configFile: join(import.meta.dirname, "vite.config.ts"),
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true },
  });
  manifest = JSON.parse(readFileSync(join(folder, ".vite/manifest.json"), "utf8"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The chunks that loading `name` brings, itself among them. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[name];
  assert.ok(chunk, `the build has no ${name}`);
  if (!seen.has(chunk.file)) {
    seen.add(chunk.file);
    for (const next of chunk.imports ?? []) withImports(next, seen);
  }
  return seen;
}

test("the first load brings at most 250 kB of gzipped JavaScript, the overview page included", (t) => {
  const files = withImports("index.html");
  withImports("src/know/overview-page.tsx", files);
  const bytes = [...files]
    .filter((file) => file.endsWith(".js"))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);
  t.diagnostic(`first load: ${(bytes / 1_000).toFixed(1)} kB gzipped in ${files.size} files`);
  assert.ok(bytes <= FIRST_LOAD_BYTES_MAX, `${bytes} bytes`);
});

test("charts, the map and the network are loaded only when they are shown", () => {
  const first = withImports("index.html");
  withImports("src/know/overview-page.tsx", first);
  for (const name of ["src/chart/engine.ts", "src/chart/network-engine.ts", "src/know/registry/sites-map.tsx"])
    assert.ok(!first.has(manifest[name]?.file ?? ""), name);
});

test("the page has no inline script or style, so that `script-src 'self'; style-src 'self'` holds", () => {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  for (const [, attributes = "", content = ""] of html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)) {
    assert.match(attributes, /src="\/assets\//);
    assert.equal(content, "");
  }
  assert.doesNotMatch(html, /<style|style=|\son\w+=/);
});
