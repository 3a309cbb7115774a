/**
 * One kind of object as CSV, streamed page by page. References are written as names where a name means one object, and as
 * ids where it means several, so that importing the file again changes nothing.
 */
import { Readable } from "node:stream";
import { exchange } from "@holdfast/api";
import { type Kind, labelsOf, type ListedVersion, type Registry } from "../registry/index.ts";
import { Resolver } from "./resolver.ts";
import { type Naming, rowsOf } from "./table-row.ts";

const OBJECTS_PER_READ = 1_000;

/** The active objects at `asOf`; now without one. */
export function exportTable(registry: Registry, table: exchange.TableName, asOf: Date | undefined): Readable {
  return Readable.from(lines());

  async function* lines(): AsyncGenerator<string> {
    yield exchange.BYTE_ORDER_MARK + exchange.csvLine(exchange.TABLE_COLUMNS[table].columns.map(({ name }) => name));
    const resolver = await Resolver.open(registry.db);
    const kind = exchange.TABLE_KIND[table];
    let after: string | undefined;
    do {
      const page = await registry.list(kind, {}, { state: "active", asOf, limit: OBJECTS_PER_READ, after });
      const naming = await namingOf({ registry, resolver, table, kind, versions: page.versions, asOf });
      yield page.versions.flatMap((version) => rowsOf(table, version, naming).map(exchange.csvLine)).join("");
      after = page.next ?? undefined;
    } while (after !== undefined);
  }
}

interface NamingParts {
  readonly registry: Registry;
  readonly resolver: Resolver;
  readonly table: exchange.TableName;
  readonly kind: Kind;
  readonly versions: readonly ListedVersion[];
  readonly asOf: Date | undefined;
}

/** What each object that the versions refer to is called in the file. */
async function namingOf({ registry, resolver, table, kind, versions, asOf }: NamingParts): Promise<Naming> {
  const labels = await labelsOf(registry.db, kind, versions, asOf);
  const names = new Map<Kind, Set<string>>();
  for (const version of versions)
    rowsOf(table, version, (of, id) => {
      const name = labels[id];
      if (name !== undefined) names.set(of, (names.get(of) ?? new Set()).add(name));
      return "";
    });
  const means = new Map<string, string>();
  for (const [of, some] of names)
    for (const [name, resolution] of await resolver.resolve(registry.db, of, [...some]))
      if ("id" in resolution) means.set(`${of} ${name}`, resolution.id);
  return (of, id) => {
    const name = labels[id];
    return name !== undefined && means.get(`${of} ${name}`) === resolver.canonical(of, id) ? name : id;
  };
}
