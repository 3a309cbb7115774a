/**
 * `npm run bench -- NAME [--tiny] [--home=DIR] [--only=TEXT]`: runs the benches called NAME and prints one JSON object each,
 * with the figure and its ratio to a floor measured in the same run. Without a name it lists them. Some keep what they
 * loaded in DIR for the next run, and measure only what has TEXT in its name. A bench is a file `NAME.bench.ts` under
 * test/bench or a package's bench folder that exports `bench({ tiny })`.
 */
import { globSync } from "node:fs";
import { basename, resolve } from "node:path";

interface Options {
  readonly tiny: boolean;
  readonly home: string | undefined;
  readonly only: string | undefined;
}

const root = resolve(import.meta.dirname, "..");
const words = process.argv.slice(2);
const tiny = words.includes("--tiny");
const name = words.find((word) => !word.startsWith("--"));
const option = (key: string) => words.find((word) => word.startsWith(`--${key}=`))?.slice(key.length + 3);
const [home, only] = [option("home"), option("only")];
const files = globSync(["packages/*/bench/*.bench.ts", "test/bench/*.bench.ts"], { cwd: root }).sort();
const chosen = files.filter((file) => basename(file, ".bench.ts") === name);

if (name === undefined || chosen.length === 0) {
  console.error(name === undefined ? "name a bench:" : `no bench is called \`${name}\`; there are:`);
  for (const file of files) console.error(`  ${basename(file, ".bench.ts")}`);
  process.exit(name === undefined ? 0 : 1);
}
for (const file of chosen) {
  const { bench } = (await import(resolve(root, file))) as { bench: (options: Options) => Promise<unknown> };
  console.log(JSON.stringify(await bench({ tiny, home: home && resolve(home), only }), null, 2));
}
