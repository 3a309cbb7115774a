/**
 * Which events decide what is wrong about a thing: its own, those of what it was in and of what was in it, and the other
 * events of the steps that it took part in. New events make the things they name, their containers and their contents
 * dirty; to judge those, their containers and contents are read too. Nothing further: a pedigree's length does not matter.
 */
import { idsTouched, type Thread as CustodyThread, threadOf } from "@holdfast/custody";
import { canonicalId } from "@holdfast/epcis";
import type { StoredEvent } from "../thread/index.ts";

export const NEIGHBOURS_MAX = 50_000; // identifiers read for one batch; beyond, the batch is halved
const DEPTH_MAX = 12; // piece, box, pallet, container, ship and some more

export type LoadEvents = (ids: readonly string[]) => Promise<readonly StoredEvent[]>;

export interface Neighbourhood {
  /** What is to be judged anew. */
  readonly dirty: ReadonlySet<string>;
  /** Evidence ids of the events that name something dirty. */
  readonly dirtyEvents: ReadonlySet<string>;
  readonly thread: CustodyThread;
}

/** Too much hangs together to be judged at once. Never leaves the slice. */
export class TooManyNeighbours extends Error {}

export async function neighbourhoodOf(ids: Iterable<string>, load: LoadEvents): Promise<Neighbourhood> {
  const reader = new Reader(load);
  const first = [...new Set(ids)];
  await reader.read(first);
  const dirty = new Set([...first, ...(await reader.handled(first))]);
  const around = await reader.handled(dirty);
  await reader.read([...around, ...reader.transformationsOf(dirty)]);
  const dirtyEvents = new Set<string>();
  for (const { event, hash } of reader.events.values())
    if (idsTouched(event).some((id) => dirty.has(id))) dirtyEvents.add(event.eventID ?? hash);
  return { dirty, dirtyEvents, thread: threadOf(reader.events.values()) };
}

class Reader {
  readonly events = new Map<number, StoredEvent>();
  readonly #load: LoadEvents;
  readonly #read = new Set<string>();
  readonly #parents = new Map<string, Set<string>>();
  readonly #children = new Map<string, Set<string>>();

  constructor(load: LoadEvents) {
    this.#load = load;
  }

  async read(ids: Iterable<string>): Promise<void> {
    const wanted = [...ids].filter((id) => !this.#read.has(id));
    if (wanted.length === 0) return;
    if (this.#read.size + wanted.length > NEIGHBOURS_MAX) throw new TooManyNeighbours();
    for (const id of wanted) this.#read.add(id);
    for (const stored of await this.#load(wanted)) {
      if (this.events.has(stored.seq)) continue;
      this.events.set(stored.seq, stored);
      this.#noteContainment(stored);
    }
  }

  #noteContainment({ event }: StoredEvent): void {
    if (event.type !== "AggregationEvent" || event.parentID === undefined) return;
    const parent = canonicalId(event.parentID);
    for (const id of idsTouched(event)) {
      if (id === parent) continue;
      add(this.#parents, id, parent);
      add(this.#children, parent, id);
    }
  }

  /** What any of `ids` was ever in, directly or not, and what was ever in them; all of it read. */
  async handled(ids: Iterable<string>): Promise<Set<string>> {
    const found = new Set<string>();
    const given = [...ids];
    for (const links of [this.#parents, this.#children]) {
      let frontier: readonly string[] = given;
      for (let depth = 0; depth < DEPTH_MAX && frontier.length > 0; depth++) {
        const next = new Set(frontier.flatMap((id) => [...(links.get(id) ?? [])]).filter((id) => !found.has(id)));
        await this.read(next);
        for (const id of next) found.add(id);
        frontier = [...next];
      }
    }
    return found;
  }

  /** Transformations that any of `ids` took part in and that spread over several events. */
  transformationsOf(ids: ReadonlySet<string>): string[] {
    const found = new Set<string>();
    for (const { event } of this.events.values())
      if (event.type === "TransformationEvent" && event.transformationID !== undefined)
        if (idsTouched(event).some((id) => ids.has(id))) found.add(canonicalId(event.transformationID));
    return [...found];
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}
