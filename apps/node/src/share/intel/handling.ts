/**
 * How the copies of an object are handled: the input of every decision on what may leave. One row for each channel that
 * brought it; the level is the copy's own, so that an agreement can judge markings other than TLP by itself.
 */
import type { StixObject, TlpLevel } from "@holdfast/stix";
import { sql } from "kysely";
import type { Db, Source } from "./store.ts";

export interface HandledObject {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly version: string;
  readonly label: string;
  readonly sha256: string;
  readonly object: StixObject;
  readonly revoked: boolean;
  readonly copies: readonly { source: string; sourceKind: Source["kind"]; tlp: TlpLevel }[];
}

const HANDLED = sql`o.seq, o.stix_id as id, o.type, o.version, o.label, encode(o.sha256, 'hex') as sha256, o.body, o.revoked,
  coalesce((select jsonb_agg(jsonb_build_object('source', s.id, 'sourceKind', s.kind, 'tlp',
      case when cardinality(o.other_markings) > 0 and c.tlp = 'amber+strict' then coalesce(o.tlp, s.tlp_default) else c.tlp end) order by s.id)
    from intel_copy c join intel_source s on s.id = c.source_id where c.object_seq = o.seq), '[]') as copies`;

type Row = Omit<HandledObject, "object"> & { readonly body: string };

function handledOf({ body, ...row }: Row): HandledObject {
  return { ...row, object: JSON.parse(body) as StixObject }; // written by `prepare` from an object
}

/** The newest version of each of `ids` that is known. */
export async function newestHandled(db: Db, ids: readonly string[]): Promise<HandledObject[]> {
  const { rows } = await sql<Row>`
    select distinct on (o.stix_id) ${HANDLED} from intel_object o where o.stix_id = any(${[...ids]}::text[])
    order by o.stix_id, o.version_micros desc, o.seq`.execute(db);
  return rows.map(handledOf);
}

/** The objects in some places of a collection, by their sequence there. */
export async function handledInPlaces(
  db: Db,
  collectionId: string,
  sequences: readonly number[],
): Promise<ReadonlyMap<number, HandledObject>> {
  const { rows } = await sql<Row & { sequence: number }>`
    select e.sequence, ${HANDLED} from intel_entry e join intel_object o on o.seq = e.object_seq
    where e.collection_id = ${collectionId}::uuid and e.sequence = any(${[...sequences]}::bigint[])`.execute(db);
  return new Map(rows.map(({ sequence, ...row }) => [sequence, handledOf(row)]));
}
