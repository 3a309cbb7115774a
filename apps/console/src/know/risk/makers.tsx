/** Who makes an item, over the whole registry, and how concentrated that is. */
import { risk } from "@holdfast/api";
import { BarChart } from "../../chart/bar-chart.tsx";
import { useAnswer } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import type { TableView } from "../../table/column.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatShare } from "../../ui/format.ts";
import { mapState } from "../../ui/load-state.ts";
import { Loaded } from "../../ui/notice.tsx";
import { Section } from "../../ui/page.tsx";
import { Badge } from "../../ui/state-badge.tsx";
import { useAsOf } from "../as-of/as-of.tsx";
import { countryName } from "../country-name.ts";
import { formatHhi, type Hhi, hhiLook } from "../hhi.ts";
import { RecipeTable } from "../registry/recipe-table.tsx";

const BASIS = {
  capacity: "shares of what the sites can make",
  purchases: "mean share over all inputs that buy it, since no capacity is known",
  none: "nothing: no source is known",
} as const;

export function Makers({
  itemId,
  view,
  onView,
}: {
  itemId: string;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const asOf = useAsOf();
  const { state } = useAnswer(risk.getItemConcentration, {
    params: { id: itemId },
    query: { limit: 1_000, ...defined({ asOf }) },
  });
  const bars = (list: "sites" | "suppliers" | "countries") =>
    mapState(state, (answer) =>
      answer[list].map((one) => ({
        id: one.id,
        name: list === "countries" ? countryName(one.id) : one.label,
        value: one.sharePpm / 10_000,
        text: formatShare(one.sharePpm),
      })),
    );
  return (
    <>
      <Loaded state={state} lines={3}>
        {(answer) => (
          <Facts
            label="Concentration"
            facts={[
              { label: "Measured by", value: BASIS[answer.basis] },
              { label: "Bought by", value: `${answer.buyersCount} inputs` },
              { label: "HHI by country", value: answer.hhiByCountry && <Concentration hhi={answer.hhiByCountry} /> },
              { label: "HHI by supplier", value: answer.hhiBySupplier && <Concentration hhi={answer.hhiBySupplier} /> },
              { label: "HHI by site", value: answer.hhiBySite && <Concentration hhi={answer.hhiBySite} /> },
              {
                label: "One source only",
                value:
                  answer.single.length === 0 ? (
                    "no"
                  ) : (
                    <Badge word={`one ${answer.single.join(", one ")}`} tone="attention" />
                  ),
              },
            ].map((fact) => ({ ...fact, value: fact.value ?? undefined }))}
          />
        )}
      </Loaded>
      <BarChart
        title="Share by country"
        nameHeader="Country"
        valueHeader="Share"
        unit="%"
        state={bars("countries")}
        empty="No source is known."
      />
      <BarChart
        title="Share by supplier"
        nameHeader="Supplier"
        valueHeader="Share"
        unit="%"
        state={bars("suppliers")}
        empty="No source is known."
        href={(bar) => `/know/organisations/${bar.id}`}
      />
      <Section title="Recipes that make it">
        <RecipeTable query={{ item: itemId }} view={view} onView={onView} />
      </Section>
    </>
  );
}

function Concentration({ hhi }: { hhi: Hhi }) {
  return (
    <>
      {formatHhi(hhi)} <Badge {...hhiLook(hhi)} />
    </>
  );
}
