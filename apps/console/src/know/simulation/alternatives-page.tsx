/** Who could replace whom: for one site that stops, the sources that could deliver more, ranked by what each alone saves. */
import { simulation } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import { DataTable } from "../../table/data-table.tsx";
import { ReferenceField } from "../../ui/form/reference-field.tsx";
import { mapState } from "../../ui/load-state.ts";
import { EmptyState } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { WithReferences } from "../form/references.tsx";
import { alternativeColumns } from "./answer-view.tsx";
import { DaysInput } from "./part-fields.tsx";
import styles from "./simulation.module.css";

const route = getRouteApi("/shell/know/alternatives");
const DAYS_DEFAULT = 90;

export function AlternativesPage() {
  const { site, days: text, ...view } = route.useSearch();
  const days = Math.min(1_825, Math.max(1, Number(text ?? DAYS_DEFAULT) || DAYS_DEFAULT));
  const change = useSearchChange();
  const { state } = useAnswer(
    simulation.listAlternatives,
    { query: { site: site ?? "", days } },
    { isOff: site === undefined },
  );
  const currency = state.kind === "ready" ? state.value.currency : null;
  return (
    <Page
      title="Who could replace whom?"
      meaning="Sources that are qualified or could deliver more, each alone, when everything else adapts as well as it can: what it saves, and when it is ready."
    >
      <WithReferences>
        <div className={styles.ask}>
          <div className={styles.part}>
            <ReferenceField
              to="site"
              label="This site stops"
              value={site ?? ""}
              onChange={(id) => change({ site: id || undefined, row: undefined })}
              required
              error={undefined}
            />
            <DaysInput
              label="For"
              unit="d"
              min={1}
              max={1_825}
              value={days}
              onChange={(next) => change({ days: String(next) })}
            />
          </div>
        </div>
      </WithReferences>
      {site === undefined ? (
        <EmptyState what="Choose the site that stops. The sources that could step in for it, for each of its buyers, are listed with what each saves." />
      ) : (
        <DataTable
          caption="Who could step in"
          columns={alternativeColumns(currency)}
          state={mapState(state, ({ items }) => items)}
          rowId={(row) => `${row.supplier.id} ${row.item.id} ${row.buyer.id}`}
          href={(row) => `/know/sites/${row.supplier.id}`}
          empty={{
            what: "No other source would lower the least loss: stocks bridge it, none is qualified, or none is ready in time.",
            start: <a href={`/know/what-if?parts=site.${site}.${days}`}>What stops if it fails?</a>,
          }}
          view={view}
          onView={(next) => change({ ...next })}
        />
      )}
    </Page>
  );
}
