/**
 * Gives the demo's events to the node as documents, like any partner's system would: they are captured in the background,
 * hashed, indexed and put on the ledger, and their progress is on the captures page. Staged once; a start that was cut
 * short goes on where it was.
 */
import type { custody as contract } from "@holdfast/api";
import { setImmediate as turn } from "node:timers/promises";
import type { Database } from "../platform/database.ts";
import { readOrCreateSetting } from "../platform/settings.ts";
import type { Custody } from "../prove/custody/index.ts";
import { DEFAULT_SETTINGS } from "../prove/custody/index.ts";
import type { Thread } from "../prove/thread/index.ts";
import { QUALIFIED_UNTIL_DAYS } from "./event-faults.ts";
import { CAMPAIGNS, demoEvents } from "./events.ts";
import { eventSites } from "./event-line.ts";
import { demoWorld } from "./load.ts";
import type { World } from "./world.ts";

const AUTHOR = { kind: "person", id: "demo", name: "demo world" } as const;
const DOCUMENT_EVENTS = 4_000; // of one document at least, but for the last
const DAY_MS = 86_400_000;
const CAPTURES_LOOKED_AT = 200; // more than the demo has documents
const CONTEXT = [
  "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
  { hfx: "https://holdfast.example/ns/" },
];

export interface EventLoadParts {
  readonly database: Database;
  readonly thread: Thread;
  readonly custody: Custody;
}

/** Stages what is not staged yet. @returns how many documents that was */
export async function loadDemoEvents(
  { database, thread, custody }: EventLoadParts,
  { campaigns = CAMPAIGNS, signal }: { campaigns?: number; signal?: AbortSignal } = {},
): Promise<number> {
  const now = Date.now();
  const end = await readOrCreateSetting(database, "demo-events-end", () =>
    new Date(now - (now % DAY_MS)).toISOString(),
  );
  const endMs = Date.parse(end);
  const world = demoWorld();
  await prepareRules(database, custody, { world, endMs });
  const held = await thread.captures.list({ limit: CAPTURES_LOOKED_AT, before: undefined });
  const stagedCount = held.filter(({ captured_by }) => captured_by === `${AUTHOR.kind}:${AUTHOR.id}`).length;
  let index = 0;
  let count = 0;
  for (const events of documents(demoEvents({ world, endMs, campaigns }))) {
    if (signal?.aborted) return count;
    await turn(); // requests come first
    if (index++ < stagedCount) continue;
    const bytes = new TextEncoder().encode(documentOf(events, end));
    await thread.capture({ bytes: onePiece(bytes), sizeBytesMax: bytes.length, principal: AUTHOR });
    count++;
  }
  return count;
}

function* documents(lists: Iterable<readonly { readonly event: object }[]>): Generator<object[]> {
  let events: object[] = [];
  for (const list of lists) {
    for (const { event } of list) events.push(event);
    if (events.length < DOCUMENT_EVENTS) continue;
    yield events;
    events = [];
  }
  if (events.length > 0) yield events;
}

function documentOf(eventList: readonly object[], creationDate: string): string {
  return JSON.stringify({
    "@context": CONTEXT,
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate,
    epcisBody: { eventList },
  });
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What the rules of the demo go by, once. */
async function prepareRules(
  database: Database,
  custody: Custody,
  { world, endMs }: { world: World; endMs: number },
): Promise<void> {
  const { version } = await custody.settings();
  if (version > 0) return;
  await database.transaction<Record<never, never>, unknown>((tx) =>
    custody.changeSettings(tx, demoRules(world, endMs), { expected: 0, by: AUTHOR }),
  );
}

/** Neodymium in the magnet line, in parts per million; never more comes out of a step than went in. */
const NEODYMIUM_PPM: Readonly<Record<string, number>> = {
  "re-concentrate": 100_000,
  "re-carbonate": 120_000,
  "ndpr-oxide": 450_000,
  "ndpr-metal": 500_000,
  "magnet-alloy": 290_000,
  "sintered-magnet": 280_000,
};

export function demoRules(world: World, endMs: number): contract.Settings {
  const unqualified = eventSites(world).find(({ key }) => key === "site-tungsten-concentrate-RW-1");
  if (!unqualified) throw new Error("the demo has no mine in Rwanda");
  return {
    ...DEFAULT_SETTINGS,
    forbiddenCountries: ["MM", "RU"],
    checksSuppliers: true,
    qualifications: [
      {
        party: unqualified.party,
        from: "2020-01-01T00:00:00.000Z",
        until: new Date(endMs - QUALIFIED_UNTIL_DAYS * DAY_MS).toISOString(),
      },
    ],
    transitDaysMax: 90,
    recordingDaysMax: 400, // the demo's events are recorded when it starts first, long after they happened
    materials: Object.entries(NEODYMIUM_PPM).map(([key, parts]) => {
      const draft = world.items.find((item) => item.key === key)?.draft;
      const gtin = draft?.identifiers?.find(({ scheme }) => scheme === "gtin")?.value ?? "";
      return {
        product: `https://id.gs1.org/01/${gtin}`,
        name: draft?.name ?? key,
        elements: { Nd: parts },
        madeFrom: [],
      };
    }),
  };
}
