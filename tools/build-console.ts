/** Builds the console if its sources changed, for images that start without a compiler. */
import { buildConsole } from "../apps/node/src/platform/console-build.ts";

await buildConsole({ say: (line) => console.log(line) });
