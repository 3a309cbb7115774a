/** Serves the minerals. The data is part of the program, so there is nothing to store and nothing to lock. */
import { mineral } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import type { Server } from "../../platform/server.ts";
import { CITATION, findMineral, MINERALS } from "./production.ts";

export function mineralRoutes(server: Server): void {
  server.serve(mineral.listMinerals, async (call) => {
    call.authorise();
    const { stage, country } = call.query;
    const items = MINERALS.map(summaryOf)
      .map((summary) => ({ ...summary, series: summary.series.filter((series) => !stage || series.stage === stage) }))
      .filter(({ id, series }) => series.length > 0 && (!country || isMadeIn(id, country)));
    return { items, citation: CITATION };
  });
  server.serve(mineral.getMineral, async (call) => {
    call.authorise();
    const found = findMineral(call.params.mineral);
    if (!found) throw new Problem("mineral/not-found", `there is no mineral \`${call.params.mineral}\``);
    return found;
  });
}

function summaryOf({ id, name, lists, series }: mineral.Mineral): mineral.MineralSummary {
  return {
    id,
    name,
    lists,
    series: series.map(({ stage, product, unit, latestYear, top, hhi, world }) => ({
      stage,
      product,
      unit,
      latestYear,
      top,
      hhi,
      world: world.find(({ year }) => year === latestYear) ?? null,
    })),
  };
}

function isMadeIn(id: string, country: string): boolean {
  return (
    findMineral(id)?.series.some(({ producers }) => producers.some((producer) => producer.country === country)) ?? false
  );
}
