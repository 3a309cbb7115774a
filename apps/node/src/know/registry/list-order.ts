/**
 * The orders that lists can be asked for, each a row of columns that ends with the id, so that no two rows are equal and a
 * page can begin where the one before ended. Every order has an index that the query plan test asks for.
 */
import { Problem } from "@holdfast/kernel";
import { type RawBuilder, sql } from "kysely";
import { z } from "zod";
import type { VersionRow } from "./version-store.ts";

/** What a list is ordered by; "found" is by the word found, for a search that asks for no other order. */
export type OrderName = "name" | "country" | "kind" | "updated" | "found";
type Listed = Omit<VersionRow, "facts"> & { term?: string };

interface OrderColumn {
  readonly sql: RawBuilder<unknown>;
  readonly type: "text" | "uuid" | "timestamptz";
  readonly read: (row: Listed) => string;
}

const bodyText = (row: Listed, field: string) => String((row.body as Record<string, unknown>)[field]); // a checked draft
const NAME: OrderColumn = { sql: sql`v.name_key`, type: "text", read: (row) => row.name_key };
const ID: OrderColumn = { sql: sql`v.id`, type: "uuid", read: (row) => row.id };
const fieldColumn = (field: "country" | "kind"): OrderColumn => ({
  sql: sql`v.${sql.ref(field)}`,
  type: "text",
  read: (row) => bodyText(row, field),
});

const COLUMNS: Readonly<Record<OrderName, readonly OrderColumn[]>> = {
  name: [NAME, ID],
  country: [fieldColumn("country"), NAME, ID],
  kind: [fieldColumn("kind"), NAME, ID],
  // ids are made in order of time, so that those of one import keep theirs
  updated: [{ sql: sql`v.recorded_at`, type: "timestamptz", read: (row) => row.recorded_at.toISOString() }, ID],
  found: [
    { sql: sql`t.term`, type: "text", read: (row) => row.term ?? "" },
    { ...ID, sql: sql`t.id` },
  ],
};

export class ListOrder {
  readonly #name: OrderName;
  readonly #isDescending: boolean;

  /** `sort` as the contract has it: the order's name, with a minus before it for the other way round. */
  constructor(sort: string | undefined, isSearch: boolean) {
    const name = sort?.replace(/^-/, "") ?? (isSearch ? "found" : "name");
    this.#name = name as OrderName; // the contract allows each kind its own names only
    this.#isDescending = sort?.startsWith("-") ?? false;
  }

  /** Whether rows are walked in order of the words found. */
  get isByWord(): boolean {
    return this.#name === "found";
  }

  /** `order by …`. */
  clause(): RawBuilder<unknown> {
    const direction = this.#isDescending ? sql`desc` : sql`asc`;
    return sql`order by ${sql.join(this.#columns.map((column) => sql`${column.sql} ${direction}`))}`;
  }

  /** `and (…) > (…)`: the rows after the place that a page's `next` names; nothing without one. */
  after(token: string | undefined): RawBuilder<unknown> {
    if (token === undefined) return sql``;
    const place = readToken(token, this.#name, this.#columns);
    const columns = sql.join(this.#columns.map((column) => column.sql));
    const values = sql.join(this.#columns.map(({ type }, i) => sql`${place[i]}::${sql.raw(type)}`)); // one of three words above
    return sql`and (${columns}) ${this.#isDescending ? sql`<` : sql`>`} (${values})`;
  }

  /** The `next` of a page that ends with `row`. */
  tokenOf(row: Listed): string {
    const place = [this.#name, ...this.#columns.map((column) => column.read(row))];
    return Buffer.from(JSON.stringify(place)).toString("base64url");
  }

  get #columns(): readonly OrderColumn[] {
    return COLUMNS[this.#name];
  }
}

const VALUES = { text: z.string().max(2_000), uuid: z.uuid(), timestamptz: z.iso.datetime() };

function readToken(text: string, name: OrderName, columns: readonly OrderColumn[]): readonly string[] {
  try {
    const [order, ...place]: unknown[] = z
      .array(z.unknown())
      .parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
    if (order !== name || place.length !== columns.length) throw new Error(`the page was ordered by \`${order}\``);
    return columns.map(({ type }, i) => VALUES[type].parse(place[i]));
  } catch (cause) {
    throw new Problem("registry/page-token-invalid", "`after` is not the `next` of a page of this list", { cause });
  }
}
