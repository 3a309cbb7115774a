/**
 * How fast "does it touch us?" is answered: 2,500 advisories against 20,000 assets in full, and one new advisory. Floor of
 * the same run: a bare multi-row insert of as many rows as pairs came of it. `--tiny` runs every part on a few objects.
 */
import { uuid7 } from "@holdfast/kernel";
import { systemPorts } from "../../apps/node/src/platform/ports.ts";
import { type PrivateNode, startPrivateNode } from "./private-node.ts";

const VENDORS = 60;
const MODELS_PER_VENDOR = 40;
const PRODUCTS_PER_ADVISORY = 8;

export async function bench({ tiny }: { tiny: boolean }): Promise<Record<string, unknown>> {
  const [advisories, assets] = tiny ? [20, 100] : [2_500, 20_000];
  const node = await startPrivateNode(["steward", "security", "analyst"]);
  try {
    const { touching } = node.node;
    await addAssets(node, assets);
    const surfaces = await seconds(() => touching.settle());
    const source = await addSource(node);
    await addAdvisories(node, source, advisories);
    const intake = await seconds(() => touching.settle());
    await node.node.database.pool.query(
      "analyze intel_lead, intel_lead_term, intel_surface, intel_surface_term, intel_touch",
    );
    let touches = 0;
    const full = await seconds(async () => {
      ({ touches } = await touching.evaluateAll(() => undefined));
    });
    const one: number[] = [];
    for (let n = 0; n < (tiny ? 3 : 20); n++) {
      await addAdvisories(node, source, 1, advisories + n);
      one.push((await seconds(() => touching.settle())) * 1_000);
    }
    one.sort((a, b) => a - b);
    return {
      advisories,
      assets,
      touches,
      assetsReadSeconds: round(surfaces),
      advisoriesFirstSeconds: round(intake),
      fullSeconds: round(full),
      fullSecondsMax: 10,
      oneAdvisory: { p50Ms: round(one[one.length >> 1] ?? 0), p99Ms: round(one.at(-1) ?? 0), p99MsMax: 200 },
      bareInsertSeconds: round(await bareInsert(node, touches)),
    };
  } finally {
    await node.stop();
  }
}

const vendorOf = (n: number) => `Vendor ${String.fromCharCode(65 + (n % 26))}${n} Automation GmbH`;
const modelOf = (vendor: number, n: number) => `MX-${vendor}${n} ${n % 3 === 0 ? "Compact" : "Drive"}`;

async function addAssets(node: PrivateNode, count: number): Promise<void> {
  const { registry, database } = node.node;
  const evidence = { source: "bench", observedAt: "2026-01-01", confidencePercent: 50 };
  const author = registry.author("bench");
  await database.transaction<Record<never, never>, void>(async (tx) => {
    const body = { name: "Owner", country: "DE", aliases: [], identifiers: [] };
    const owner = await registry.save(tx, "organisation", { draft: body, evidence }, author);
    const sites = await registry.saveAll(
      tx,
      "site",
      Array.from({ length: 50 }, (_, n) => ({
        draft: {
          name: `Site ${n}`,
          kind: "plant" as const,
          organisation: owner.id,
          country: "DE",
          hazards: [],
          aliases: [],
          identifiers: [],
        },
        evidence,
      })),
      author,
    );
    const made = await registry.saveAll(
      tx,
      "asset",
      Array.from({ length: count }, (_, n) => {
        const vendor = n % VENDORS;
        const site = sites.saved[n % sites.saved.length]?.version.id ?? owner.id;
        const body = {
          site,
          name: `Asset ${n}`,
          vendor: vendorOf(vendor),
          model: modelOf(vendor, (n * 7) % MODELS_PER_VENDOR),
          firmware: `V${1 + (n % 5)}.${n % 10}`,
          identifiers: [],
        };
        return { draft: body, evidence };
      }),
      author,
    );
    if (made.faulty[0]) throw new Error(JSON.stringify(made.faulty[0]));
  });
}

async function addSource(node: PrivateNode): Promise<string> {
  return node.node.database.transaction<Record<never, never>, string>(async (tx) => {
    const wish = { name: "bench", kind: "file", trustPercent: 70, licence: null, tlpDefault: "green" } as const;
    return (await node.node.intel.addSource(tx, wish, "bench")).id;
  });
}

/** Written as intake writes them; what is measured is the joining. */
async function addAdvisories(node: PrivateNode, source: string, count: number, from = 0): Promise<void> {
  const rows = Array.from({ length: count }, (_, i) => {
    const body = JSON.stringify(advisory(from + i));
    return { id: uuid7(systemPorts), name: `EX-${from + i}`, lead: `advisory--${uuid7(systemPorts)}`, body };
  });
  const { pool } = node.node.database;
  await pool.query(
    `with made as (
       insert into intel_document (id, kind, name, version, title, source_id, tlp, sha256, body, is_current, received_at, received_by, lead_id)
       select id, 'csaf', name, '1', name, $1, 'clear', sha256(body::bytea), body, true, now(), 'bench', lead
       from jsonb_to_recordset($2::jsonb) as r (id uuid, name text, lead text, body text) returning lead_id
     ) insert into intel_pending (lead_id) select lead_id from made`,
    [source, JSON.stringify(rows)],
  );
}

function advisory(n: number): unknown {
  const vendor = n % VENDORS;
  const products = Array.from({ length: PRODUCTS_PER_ADVISORY }, (_, i) => {
    const name = modelOf(vendor, (n * 3 + i * 5) % MODELS_PER_VENDOR);
    return {
      category: "product_name",
      name,
      branches: [
        { category: "product_version_range", name: `<V${1 + ((n + i) % 5)}.5`, product: { product_id: `P${i}`, name } },
      ],
    };
  });
  return {
    document: {
      category: "csaf_security_advisory",
      csaf_version: "2.0",
      title: `Advisory ${n}`,
      publisher: { category: "vendor", name: "x", namespace: "https://example.org" },
      tracking: {
        id: `EX-${n}`,
        version: "1",
        status: "final",
        initial_release_date: "2026-01-01T00:00:00Z",
        current_release_date: "2026-01-01T00:00:00Z",
        revision_history: [],
      },
    },
    product_tree: {
      branches: [{ category: "vendor", name: vendorOf(vendor).replace(" GmbH", ""), branches: products }],
    },
    vulnerabilities: [0, 1, 2].map((v) => ({
      cve: `CVE-2026-${10_000 + n * 3 + v}`,
      product_status: { known_affected: products.map((_, i) => `P${i}`) },
    })),
  };
}

async function bareInsert(node: PrivateNode, rows: number): Promise<number> {
  const { pool } = node.node.database;
  await pool.query("create table bench_touch (like intel_touch including all)");
  const taken = await seconds(() =>
    pool.query(
      "insert into bench_touch select n, n, 'look', 'in-affected-range', 300, 'EX-1', 'P1', 'CVE-2026-10000', repeat('t', 30), repeat('o', 40), now() from generate_series(1, $1::int) n",
      [rows],
    ),
  );
  await pool.query("drop table bench_touch");
  return taken;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
