/**
 * The architecture as a test. Reads imports as text and reports every broken rule:
 * dependency direction (DESIGN 2), undeclared imports, cycles, dead files, third-party packages off the list,
 * and the words that must not be in the tree.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isBuiltin } from "node:module";
import { DEPENDENCIES } from "./dependencies.ts";

const SOURCE = /\.(ts|tsx)$/;
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?:type\s+)?(?:[^'"`;]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;

/** Which workspaces a workspace may import; sideways imports are by name only. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  tlog: ["kernel"],
  epcis: ["kernel"],
  custody: ["kernel", "epcis"],
  credential: ["kernel", "tlog"],
  supply: ["kernel"],
  stix: ["kernel"],
  access: ["kernel"],
  api: ["kernel", "tlog", "epcis", "custody", "credential", "supply", "stix", "access"],
};
const BUILTINS_FORBIDDEN_IN_PACKAGES = true;
const FORBIDDEN_FILE_NAMES = /(^|\/)(utils?|common|helpers?|types|shared|manager)\.tsx?$/;

export interface Finding {
  readonly rule: string;
  readonly file: string;
  readonly message: string;
}

interface Manifest {
  readonly name: string;
  readonly folder: string;
  readonly declared: ReadonlySet<string>;
  readonly thirdParty: readonly string[];
}

/** Every finding of the checkout at `root`, sorted by file; an empty array is a tidy house. */
export function tidy(root: string): Finding[] {
  const findings: Finding[] = [];
  const report = (rule: string, file: string, message: string) =>
    findings.push({ rule, file: relative(root, file), message });
  const manifests = readManifests(root);
  const files = walk(root).filter((file) => SOURCE.test(file));
  const graph = new Map<string, string[]>();

  for (const manifest of manifests) {
    for (const name of manifest.thirdParty) {
      if (!(name in DEPENDENCIES)) {
        report("dependency-list", join(manifest.folder, "package.json"), `\`${name}\` is not in tools/dependencies.ts`);
      }
    }
  }
  const declaredAnywhere = new Set(manifests.flatMap((manifest) => manifest.thirdParty));
  for (const name of Object.keys(DEPENDENCIES)) {
    if (!declaredAnywhere.has(name))
      report(
        "dependency-list",
        join(root, "tools/dependencies.ts"),
        `\`${name}\` is listed and no workspace declares it`,
      );
  }

  for (const file of files) {
    const text = readFileSync(file, "utf8");
    const path = relative(root, file);
    if (FORBIDDEN_FILE_NAMES.test(path) && path !== "test/shared.ts")
      report("file-name", file, "name a file for the thing, not for its role");
    const owner = manifests
      .filter((manifest) => file.startsWith(`${manifest.folder}/`))
      .sort((a, b) => b.folder.length - a.folder.length)[0];
    const isTest =
      /\.test\.tsx?$/.test(path) ||
      path.startsWith("test/") ||
      /\/(test|bench)\//.test(path) ||
      path.startsWith("tools/");
    const edges: string[] = [];
    for (const specifier of importsOf(text)) {
      if (specifier.startsWith(".")) {
        const target = resolve(dirname(file), specifier.replace(/\?.*$/, ""));
        if (!existsSync(target)) report("missing-import", file, `\`${specifier}\` does not exist`);
        if (SOURCE.test(target)) edges.push(target);
        checkRelative(path, relative(root, target), isTest, (message) => report("layer", file, message));
        continue;
      }
      if (isBuiltin(specifier)) {
        if (BUILTINS_FORBIDDEN_IN_PACKAGES && path.startsWith("packages/") && !isTest)
          report("pure-package", file, `a package is pure, and \`${specifier}\` is not`);
        if (path.startsWith("apps/console/") && !isTest && !path.endsWith("vite.config.ts"))
          report("layer", file, `the console runs in a browser, which has no \`${specifier}\``);
        continue;
      }
      const name = specifier.startsWith("@") ? specifier.split("/").slice(0, 2).join("/") : specifier.split("/")[0]!;
      const declared =
        owner?.declared.has(name) ||
        (isTest && manifests.some((m) => m.folder === root && m.declared.has(name))) ||
        (isTest && name.startsWith("@holdfast/"));
      if (!declared)
        report(
          "undeclared-import",
          file,
          `\`${name}\` is not declared in ${owner ? relative(root, owner.folder) || "." : "."}/package.json`,
        );
      if (name.startsWith("@holdfast/")) {
        const workspace = manifests.find((manifest) => manifest.name === name);
        if (!workspace) report("missing-import", file, `no workspace is called \`${name}\``);
        else {
          edges.push(...entryPoints(workspace.folder, specifier.slice(name.length)));
          if (!isTest) checkLayer(path, name.slice("@holdfast/".length), (message) => report("layer", file, message));
        }
      }
    }
    graph.set(file, edges);
  }

  for (const cycle of cycles(graph)) report("cycle", cycle[0]!, cycle.map((file) => relative(root, file)).join(" -> "));
  for (const file of deadFiles(root, graph, manifests)) report("dead-file", file, "nothing imports or runs this file");
  return findings.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
}

function importsOf(text: string): string[] {
  const withoutComments = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/[^\n]*/g, "$1");
  return [...withoutComments.matchAll(IMPORT)].map((match) => (match[1] ?? match[2])!);
}

function checkLayer(path: string, target: string, report: (message: string) => void): void {
  const [top, name] = path.split("/");
  if (top === "packages" && name && !(LAYERS[name] ?? []).includes(target))
    report(`packages/${name} may not import packages/${target}`);
  if (top === "apps" && ["node", "cli", "console"].includes(target))
    report(`apps/${name} may not import apps/${target}`);
}

function checkRelative(path: string, target: string, isTest: boolean, report: (message: string) => void): void {
  const from = path.split("/");
  const to = target.split("/");
  if (isTest && (to[0] === "test" || to[0] === "tools" || to[0] === "apps" || to[0] === "packages")) return;
  if (from.slice(0, 2).join("/") !== to.slice(0, 2).join("/"))
    report(`\`${target}\` belongs to another workspace: import it by name`);
  if (from[0] === "apps" && from[1] === "node" && from[2] === "src" && to[2] === "src") {
    const slice = (parts: string[]) =>
      ["know", "prove", "share", "respond"].includes(parts[3]!) ? parts.slice(3, 5).join("/") : parts[3];
    const [a, b] = [slice(from), slice(to)];
    if (a === "platform" && b !== "platform") report(`platform knows no capability, and \`${target}\` is one`);
    if (a !== b && b?.includes("/") && to[5] !== "index.ts" && to.length > 5)
      report(`import another slice through its index.ts, not \`${target}\``);
  }
  if (
    from[0] === "apps" &&
    from[1] === "console" &&
    ["ui", "table", "chart"].includes(from[3]!) &&
    !["ui", "table", "chart", "theme"].includes(to[3]!.replace(/\..*/, ""))
  )
    report(`building blocks know no router and no API: \`${target}\``);
}

function entryPoints(folder: string, subpath: string): string[] {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    exports?: Record<string, string>;
  };
  const entry = manifest.exports?.[subpath === "" ? "." : `.${subpath}`];
  return entry ? [join(folder, entry)] : [];
}

function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const state = new Map<string, "open" | "done">();
  const path: string[] = [];
  const visit = (file: string): void => {
    state.set(file, "open");
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      if (state.get(next) === "open") found.push([...path.slice(path.indexOf(next)), next]);
      else if (!state.has(next) && graph.has(next)) visit(next);
    }
    path.pop();
    state.set(file, "done");
  };
  for (const file of graph.keys()) if (!state.has(file)) visit(file);
  return found;
}

function deadFiles(
  root: string,
  graph: ReadonlyMap<string, readonly string[]>,
  manifests: readonly Manifest[],
): string[] {
  const live = new Set<string>();
  const queue = [...graph.keys()].filter((file) => {
    const path = relative(root, file);
    return (
      /\.test\.tsx?$/.test(path) ||
      path.endsWith(".bench.ts") ||
      /^apps\/(node|cli|console)\/src\/main\.tsx?$/.test(path) ||
      path.startsWith("tools/") ||
      path.endsWith(".config.ts") ||
      path.endsWith(".d.ts") ||
      isNamedByRunner(root, path)
    );
  });
  for (const manifest of manifests) {
    const parsed = JSON.parse(readFileSync(join(manifest.folder, "package.json"), "utf8")) as {
      exports?: Record<string, string>;
    };
    for (const entry of Object.values(parsed.exports ?? {})) queue.push(join(manifest.folder, entry));
  }
  while (queue.length > 0) {
    const file = queue.pop()!;
    if (live.has(file)) continue;
    live.add(file);
    queue.push(...(graph.get(file) ?? []));
  }
  return [...graph.keys()].filter((file) => !live.has(file));
}

/** Workers and child programs are started by URL, `new URL("./worker.ts", import.meta.url)`, not imported. */
function isNamedByRunner(root: string, path: string): boolean {
  const folder = dirname(join(root, path));
  const base = path.split("/").at(-1)!;
  return readdirSync(folder).some(
    (name) =>
      SOURCE.test(name) &&
      name !== base &&
      readFileSync(join(folder, name), "utf8").includes(`new URL("./${base}", import.meta.url)`),
  );
}

function readManifests(root: string): Manifest[] {
  const folders = [
    root,
    ...["packages", "apps"].flatMap((group) =>
      existsSync(join(root, group)) ? readdirSync(join(root, group)).map((name) => join(root, group, name)) : [],
    ),
  ];
  return folders
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => {
      const parsed = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
        string,
        Record<string, string> | undefined
      > & { name: string };
      const names = ["dependencies", "devDependencies", "optionalDependencies"].flatMap((kind) =>
        Object.keys(parsed[kind] ?? {}),
      );
      return {
        name: parsed.name,
        folder,
        declared: new Set([...names, parsed.name]),
        thirdParty: names.filter((name) => !name.startsWith("@holdfast/")),
      };
    });
}

function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (["node_modules", ".git", ".runtime", "dist", ".cache"].includes(name)) return [];
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
}

if (import.meta.main) {
  const findings = tidy(resolve(import.meta.dirname, ".."));
  for (const finding of findings) console.error(`${finding.file}: ${finding.rule}: ${finding.message}`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
