import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { skipUnless, vectors } from "../test/shared.ts";
import { printWorldProduction, transcribe } from "./transcribe-minerals.ts";

const folder = vectors("minerals/usgs-mcs");
const target = new URL("../apps/node/src/know/mineral/data/world-production.json", import.meta.url);

test("the data file is what the release gives, byte for byte", { skip: skipUnless("shared", folder) }, () => {
  assert.equal(readFileSync(target, "utf8"), printWorldProduction(transcribe(folder!))); // skipped without a folder
});

test("every transcribed row stands in its file, and no production row of it is lost", {
  skip: skipUnless("shared", folder),
}, () => {
  for (const { id, series } of transcribe(folder!).minerals) {
    // as above
    for (const { file, producers, world, stage } of series) {
      const lines = readFileSync(join(folder!, file), "utf8")
        .split(/\r?\n/)
        .filter((line) => /^\uFEFF?MCS/.test(line)); // as above
      for (const { figures } of producers)
        for (const { printed } of figures)
          assert.ok(
            lines.some((line) => line.replace(/\s+/g, " ").includes(printed)),
            `${id} ${stage}: ${printed}`,
          );
      assert.ok(producers.length + 1 <= lines.length, `${id}: ${producers.length} of ${lines.length}`);
      assert.ok(world.length >= 2, id);
    }
  }
});

test("the rows of a series add up to its printed world total, within what rounding explains", {
  skip: skipUnless("shared", folder),
}, () => {
  for (const { id, series } of transcribe(folder!).minerals) {
    // as above
    for (const { producers, world, stage } of series) {
      for (const [i, total] of world.entries()) {
        if (total.amount === null || producers.some((producer) => producer.figures[i]?.amount === null)) continue;
        const sum = producers.reduce((all, producer) => all + (producer.figures[i]?.amount ?? 0), 0);
        assert.ok(Math.abs(sum / total.amount - 1) < 0.05, `${id} ${stage} ${total.year}: ${sum} of ${total.amount}`);
      }
    }
  }
});
