/** Columns that tables of several kinds have: country, when it was observed, when it was recorded. */
import type { registry } from "@holdfast/api";
import type { Column } from "../../table/column.ts";
import { Time } from "../../ui/time.tsx";
import { countryName } from "../country-name.ts";

/** The code stands first, for lists are ordered by it. */
export function countryColumn<Row extends { readonly country: string }>(): Column<Row> {
  return {
    id: "country",
    header: "Country",
    value: (row) => `${row.country} ${countryName(row.country)}`,
    cell: (row) => (
      <>
        <span className="dimmed">{row.country}</span> {countryName(row.country)}
      </>
    ),
    width: 145,
  };
}

export function observedColumn<Row extends { readonly evidence: registry.Evidence }>(): Column<Row> {
  return {
    id: "observedAt",
    header: "Observed",
    value: (row) => row.evidence.observedAt,
    cell: (row) => <Time at={row.evidence.observedAt} as="age" />,
    width: 95,
  };
}

/** When the version was recorded here: what changed last comes first when the order is turned. */
export function updatedColumn<Row extends { readonly recordedAt: string }>(): Column<Row> {
  return {
    id: "updated",
    header: "Recorded",
    value: (row) => row.recordedAt,
    cell: (row) => <Time at={row.recordedAt} as="age" />,
    width: 95,
  };
}
