/** Columns that lists of ways in have: sessions, passkeys, tokens. */
import { Button } from "@mantine/core";
import type { Column } from "../table/column.ts";
import { Time } from "../ui/time.tsx";

export function lastUsedColumn<Row extends { readonly lastUsedAt: string | null }>(): Column<Row> {
  return {
    id: "lastUsedAt",
    header: "Last used",
    value: (one) => one.lastUsedAt,
    cell: (one) => (one.lastUsedAt ? <Time at={one.lastUsedAt} as="age" /> : "never"),
    width: 130,
  };
}

/** A button in each row that takes the way in away; `name` says which, for who can't see the row. */
export function endColumn<Row>({
  verb,
  name,
  onEnd,
}: {
  verb: "End" | "Remove";
  name: (row: Row) => string;
  onEnd: (row: Row) => void;
}): Column<Row> {
  return {
    id: "end",
    header: `${verb} it`,
    sortable: false,
    value: () => undefined,
    cell: (row) => (
      <Button variant="subtle" color="red" size="compact-xs" onClick={() => onEnd(row)}>
        {verb}
        <span className="visually-hidden"> {name(row)}</span>
      </Button>
    ),
    width: 110,
  };
}
