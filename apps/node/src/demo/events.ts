/**
 * The demo's events: campaigns of production woven on the demo world's sites and items, about 50,000 events, all of which
 * fit together but for twelve planted faults. The same world and end give the same events. Nothing here knows the database.
 */
import type { World } from "./world.ts";
import { Draw } from "./draw.ts";
import { EventWriter } from "./event-writer.ts";
import { type DemoEvent, type EventSite, eventSites, type Line, linesOf, type LineStage } from "./event-line.ts";
import { plantFaults } from "./event-faults.ts";

export interface EventPlan {
  readonly world: World;
  /** The last moment of the story. */
  readonly endMs: number;
  readonly campaigns?: number;
}

export const CAMPAIGNS = 348;
const DAY_MS = 86_400_000;
const SPAN_DAYS = 280; // from the first campaign's ore to the end
const CAMPAIGN_DAYS = 135;
const LOTS_OF_ORE = 3;
const PRODUCTS = 14; // of one campaign, each with a serial number
/** Sites that only the planted faults speak of. */
export const RESERVED = /-(?:MM|RW|RU)-/;

/** All events, campaign by campaign: each list is what one document may hold. */
export function* demoEvents({ world, endMs, campaigns = CAMPAIGNS }: EventPlan): Generator<readonly DemoEvent[]> {
  const lines = linesOf(world);
  const customers = eventSites(world).filter(({ key }) => key.startsWith("site-port-"));
  for (let i = 0; i < campaigns; i++) {
    const line = lines[i % lines.length]!; // the index is within the array
    const draw = new Draw(`events/${line.key}/${i}`);
    const beginMs = endMs - SPAN_DAYS * DAY_MS + draw.whole(0, SPAN_DAYS - CAMPAIGN_DAYS) * DAY_MS;
    const writer = new EventWriter(draw, i + 1, beginMs);
    campaign(writer, draw, line, customers);
    yield writer.events;
  }
  yield plantFaults({ lines, customers, endMs });
}

function campaign(writer: EventWriter, draw: Draw, line: Line, customers: readonly EventSite[]): void {
  const [ore, ...rest] = line.stages;
  if (!ore) return;
  let site = openSite(draw, ore);
  let lots = Array.from({ length: LOTS_OF_ORE }, () =>
    writer.commission(site, ore, draw.whole(20_000, 60_000) * 1_000),
  );
  for (const [i, stage] of rest.entries()) {
    const next = openSite(draw, stage);
    const beginMs = writer.nowMs;
    let arrivedMs = beginMs;
    for (const lot of lots) {
      writer.at(beginMs);
      writer.carryLot(lot, site, next);
      arrivedMs = Math.max(arrivedMs, writer.nowMs);
    }
    writer.at(arrivedMs);
    site = next;
    if (i === rest.length - 1) break;
    // two lots meet in the first batch, so that pedigrees join
    const batches = lots.length > 2 ? [lots.slice(0, 2), lots.slice(2)] : [lots];
    lots = batches.flatMap((batch) => writer.convert(site, stage, batch, i % 2 === 0 ? 2 : 1));
  }
  const last = rest.at(-1);
  if (!last) return;
  const products = writer.assemble(site, last, lots, PRODUCTS);
  writer.deliver(products, site, draw.one(customers));
}

/** One of a stage's sites that the clean chains use. */
export function openSite(draw: Draw, { sites }: Pick<LineStage, "sites">): EventSite {
  return draw.one(sites.filter(({ key }) => !RESERVED.test(key)));
}
