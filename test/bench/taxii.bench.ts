/**
 * How fast a node takes intelligence in and gives it out over TAXII 2.1. Floors of the same run: a bare multi-row insert
 * of the same rows, and a bare HTTP server that answers with the same bytes. `--tiny` runs every part on a few objects; the
 * ATT&CK bundle is used where the shared folder is, a made one of the same size elsewhere.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pollCollection, type StixObject, TAXII_MEDIA_TYPE, type TaxiiTransport } from "@holdfast/stix";
import { vectors } from "../shared.ts";
import { type PrivateNode, startPrivateNode } from "./private-node.ts";
import { residentBytes } from "./process-figures.ts";

const PAGE = 2_000;

export async function bench({ tiny }: { tiny: boolean }): Promise<Record<string, unknown>> {
  const node = await startPrivateNode(["steward", "security", "viewer"]);
  try {
    const headers = { authorization: `Bearer ${await tokenOf(node)}`, accept: TAXII_MEDIA_TYPE };
    const objects = bundleObjects(tiny);
    const warm = await openCollection(node, "Warm");
    await post(node, headers, warm, made(objects.length, 1)); // the code is warm, as in a node that has run for a while
    const path = await openCollection(node, "Bundle");
    const intake = await post(node, headers, path, objects);
    const insertsPerSecond = await bareInserts(node, objects);
    const page = await times(tiny ? 3 : 100, () => get(`${node.url}${path}objects/?limit=${PAGE}`, headers));
    const bytes = await get(`${node.url}${path}objects/?limit=${PAGE}`, headers);
    const floor = await bareServer(bytes, tiny ? 3 : 100);
    const after = new Date(Date.now() + 1_000).toISOString();
    const delta = await times(tiny ? 3 : 300, () => get(`${node.url}${path}objects/?added_after=${after}`, headers));
    const read = await fullRead(node, headers, path);
    const large = await largeCollection(node, tiny ? 5_000 : 1_000_000);
    const largePage = await times(tiny ? 3 : 100, () => get(`${node.url}${large.path}objects/?limit=${PAGE}`, headers));
    const largeDelta = await times(tiny ? 3 : 300, () =>
      get(`${node.url}${large.path}objects/?limit=${PAGE}&added_after=${large.nearEnd}`, headers),
    );
    return {
      objects: objects.length,
      intakePerSecond: Math.round(objects.length / intake),
      intakePerSecondMin: 3_000,
      bareInsertsPerSecond: Math.round(insertsPerSecond),
      intakeToBareInsert: round(objects.length / intake / insertsPerSecond),
      page: { ...page, p99MsMax: 50, p50ToBareServer: round(page.p50Ms / floor.p50Ms) },
      bareServer: floor,
      delta: { ...delta, p99MsMax: 5 },
      fullReadSeconds: round(read),
      fullReadSecondsMax: 1,
      large: {
        objects: large.objects,
        page: largePage,
        p95ToSmall: round(largePage.p95Ms / page.p95Ms),
        delta: largeDelta,
      },
      residentMB: Math.round(residentBytes(process.pid) / 1e6),
    };
  } finally {
    await node.stop();
  }
}

function bundleObjects(tiny: boolean): StixObject[] {
  const folder = vectors("stix/mitre-attack-ics");
  if (folder === undefined) return made(tiny ? 50 : 1_826, 0);
  const text = readFileSync(join(folder, "ics-attack-18.1.json"), "utf8");
  const { objects } = JSON.parse(text) as { objects: StixObject[] }; // a bundle that its publisher validated
  return tiny ? objects.slice(0, 50) : objects;
}

function made(count: number, family: number): StixObject[] {
  return Array.from({ length: count }, (_, n) => ({
    type: "tool",
    spec_version: "2.1",
    id: `tool--${family.toString(16).padStart(8, "0")}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`,
    created: "2026-01-01T00:00:00.000Z",
    modified: "2026-01-01T00:00:00.000Z",
    name: `Tool ${n}`,
    description: "x".repeat(800),
  }));
}

async function tokenOf(node: PrivateNode): Promise<string> {
  const answer = await fetch(`${node.url}/api/platform/tokens`, {
    method: "POST",
    headers: { cookie: node.cookie, "x-holdfast-csrf": "1", "content-type": "application/json" },
    body: JSON.stringify({ name: "bench", scopes: ["intel:exchange"], days: 1 }),
  });
  return String(((await answer.json()) as { secret: unknown }).secret); // the contract's answer
}

async function openCollection(node: PrivateNode, title: string): Promise<string> {
  const answer = await fetch(`${node.url}/api/share/intel/collections`, {
    method: "POST",
    headers: { cookie: node.cookie, "x-holdfast-csrf": "1", "content-type": "application/json" },
    body: JSON.stringify({ title, readRoles: ["steward"], writeRoles: ["steward"] }),
  });
  return String(((await answer.json()) as { taxiiPath: unknown }).taxiiPath); // the contract's answer
}

/** @returns seconds until every object is validated, merged, stored and on the ledger's way */
async function post(
  node: PrivateNode,
  headers: Record<string, string>,
  path: string,
  objects: readonly StixObject[],
): Promise<number> {
  const body = JSON.stringify({ objects });
  const startedAt = performance.now();
  const answer = await fetch(`${node.url}${path}objects/`, {
    method: "POST",
    headers: { ...headers, "content-type": TAXII_MEDIA_TYPE },
    body,
  });
  const { success_count: successes } = (await answer.json()) as { success_count: unknown }; // a status
  if (successes !== objects.length) throw new Error(`${String(successes)} of ${objects.length} objects were taken`);
  return (performance.now() - startedAt) / 1_000;
}

/** The same rows with nothing decided about them: no index but the key, no copies, no places. */
async function bareInserts(node: PrivateNode, objects: readonly StixObject[]): Promise<number> {
  const { pool } = node.node.database;
  await pool.query(
    "create table bench_object (seq bigint generated always as identity primary key, id text, body text)",
  );
  const startedAt = performance.now();
  await pool.query("insert into bench_object (id, body) select * from unnest($1::text[], $2::text[])", [
    objects.map(({ id }) => id),
    objects.map((object) => JSON.stringify(object)),
  ]);
  const seconds = (performance.now() - startedAt) / 1_000;
  await pool.query("drop table bench_object");
  return objects.length / seconds;
}

async function get(url: string, headers: Record<string, string>): Promise<Uint8Array> {
  const answer = await fetch(url, { headers });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
  return new Uint8Array(await answer.arrayBuffer());
}

interface Times {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

async function times(count: number, work: () => Promise<unknown>): Promise<Times> {
  const taken: number[] = [];
  for (let n = 0; n < count; n++) {
    const startedAt = performance.now();
    await work();
    taken.push(performance.now() - startedAt);
  }
  taken.sort((a, b) => a - b);
  const at = (part: number) => round(taken[Math.min(taken.length - 1, Math.floor(part * taken.length))] ?? 0);
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}

async function bareServer(bytes: Uint8Array, count: number): Promise<Times> {
  const server = createServer((_, answer) => answer.end(bytes));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo; // it listens on a port
  try {
    return await times(count, () => get(`http://127.0.0.1:${port}/`, {}));
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** @returns seconds in which a TAXII client reads the whole collection */
async function fullRead(node: PrivateNode, headers: Record<string, string>, path: string): Promise<number> {
  const transport: TaxiiTransport = {
    wait: async () => undefined,
    send: async (request) => {
      const answer = await fetch(request.url, { headers: { ...request.headers, ...headers } });
      return { status: answer.status, header: (name) => answer.headers.get(name), text: await answer.text() };
    },
  };
  const startedAt = performance.now();
  for await (const page of pollCollection(transport, { url: `${node.url}${path}` })) void page;
  return (performance.now() - startedAt) / 1_000;
}

/** A collection of many objects, written by the database itself: what is measured is reading. */
async function largeCollection(
  node: PrivateNode,
  objects: number,
): Promise<{ path: string; objects: number; nearEnd: string }> {
  const path = await openCollection(node, "Large");
  const id = path.split("/").at(-2);
  const { pool } = node.node.database;
  const first = "(select coalesce(max(seq), 0) from intel_object where stix_id not like 'tool--ffffffff%')";
  await pool.query(
    `insert into intel_object (stix_id, type, version_micros, version, spec_version, sha256, body, label, other_markings, revoked, received_at)
     select stix_id, 'tool', 1, '2026-01-01T00:00:00.000Z', '2.1', sha256(stix_id::bytea),
       '{"type":"tool","spec_version":"2.1","id":"' || stix_id || '","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Tool","description":"' || repeat('x', 800) || '"}',
       'Tool', '{}', false, now()
     from (select 'tool--ffffffff-0000-4000-8000-' || lpad(to_hex(n), 12, '0') as stix_id from generate_series(1, $1::int) n order by n) made`,
    [objects],
  );
  await pool.query(
    `insert into intel_entry (collection_id, sequence, added_micros, object_seq, stix_id, type, version_micros, version, spec_version, spec_rank, newest_spec, is_first, is_last)
     select $1, row_number() over (order by seq), 1700000000000000 + row_number() over (order by seq), seq, stix_id, type, version_micros, version, spec_version, 2001, true, true, true
     from intel_object where seq > ${first}`,
    [id],
  );
  await pool.query(
    "update intel_collection set last_sequence = $2, last_added_micros = 1700000000000000 + $2 where id = $1",
    [id, objects],
  );
  await pool.query("analyze intel_entry, intel_object");
  return {
    path,
    objects,
    nearEnd: new Date((1_700_000_000_000_000 + objects - 10) / 1_000)
      .toISOString()
      .replace("Z", `${String(objects % 1_000).padStart(3, "0")}Z`),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
