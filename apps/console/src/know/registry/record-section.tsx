/**
 * A table of facts that belong to one site: what lies there, what it can make, what it needs, how goods get there. Each row
 * opens its evidence; who may write adds another from here.
 */
import type { Input, Output, registry, Route } from "@holdfast/api";
import { type Listing, useListing } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useLocalView } from "../../table/local-view.ts";
import { Section } from "../../ui/page.tsx";
import { useAsOf, withAsOf } from "../as-of/as-of.tsx";
import { AddLink } from "../form/add-link.tsx";
import { observedColumn } from "./common-columns.tsx";
import { evidenceColumn, useRecordDrawer } from "../form/record-drawer.tsx";

/** Names and units of what the rows mention, by id, and the instant that is looked at. */
export interface Mentioned {
  readonly labels: Listing<unknown>["labels"];
  readonly units: Listing<unknown>["units"];
  readonly asOf: string | undefined;
}

type RowOf<R> = Output<R> extends { items: readonly (infer Row)[] } ? Row : never;

interface RecordSectionProps<R extends Route, Row> {
  readonly title: string;
  readonly kind: registry.ObjectKind;
  readonly list: R;
  /** What the list is filtered by; a new object begins with it. */
  readonly of: Readonly<Record<string, string>>;
  readonly columns: (mentioned: Mentioned) => readonly Column<Row>[];
  /** What a row is called in the name of its button. */
  readonly name: (row: Row, mentioned: Mentioned) => string;
  readonly empty: string;
  /** The place of the table's view in the URL; one table of a page has it. */
  readonly main?: { readonly view: TableView; readonly onView: (view: TableView) => void };
}

export function RecordSection<
  R extends Route,
  Row extends RowOf<R> & { readonly id: string; readonly evidence: registry.Evidence },
>(props: RecordSectionProps<R, Row>) {
  const { title, kind, of, main } = props;
  const asOf = useAsOf();
  const query = { ...of, ...defined({ asOf }), limit: 500 };
  const listing = useListing(props.list, { query } as Input<R>); // each list has these filters, and checks them
  const local = useLocalView();
  const { open, drawer } = useRecordDrawer(kind);
  const mentioned: Mentioned = { labels: listing.labels, units: listing.units, asOf };
  return (
    <Section title={title} aside={<AddLink kind={kind} known={of} />}>
      <DataTable<Row>
        caption={title}
        columns={[
          ...props.columns(mentioned),
          observedColumn<Row>(),
          evidenceColumn<Row>(
            (row) => open(row.id),
            (row) => props.name(row, mentioned),
          ),
        ]}
        state={listing.state as Listing<Row>["state"]} // the list's own rows
        more={listing.more}
        rowId={(row) => row.id}
        onOpen={(row) => open(row.id)}
        empty={{ what: props.empty, start: <a href="/know/import">Import them from CSV or XLSX</a> }}
        isMain={main !== undefined}
        {...(main ?? local)}
      />
      {drawer}
    </Section>
  );
}

export function itemColumn<Row extends { readonly item?: string | undefined }>({
  labels,
  asOf,
}: Mentioned): Column<Row> {
  return {
    id: "item",
    header: "Item",
    value: (row) => (row.item ? (labels[row.item] ?? row.item) : "everything"),
    cell: (row) =>
      row.item ? <a href={withAsOf(`/know/items/${row.item}`, asOf)}>{labels[row.item] ?? row.item}</a> : "everything",
  };
}
