/** The look-through of a product: how much of it depends on each country, supplier, site and material, down to the raw end. */
import { type Output, registry, risk } from "@holdfast/api";
import { NativeSelect } from "@mantine/core";
import { BarChart } from "../../chart/bar-chart.tsx";
import { useAnswer, useListing } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import type { TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Facts } from "../../ui/facts.tsx";
import { formatShare } from "../../ui/format.ts";
import { mapState } from "../../ui/load-state.ts";
import { EmptyState, Loaded, Partial } from "../../ui/notice.tsx";
import { Section } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { useAsOf } from "../as-of/as-of.tsx";
import { countryName } from "../country-name.ts";
import styles from "../registry/sites-map.module.css";
import { countryColumns, materialColumns, siteColumns, supplierColumns } from "./origin-columns.tsx";

export type Level = "materials" | "countries" | "suppliers" | "sites";

export interface OriginProps {
  readonly item: Output<typeof registry.items.get>;
  /** Whose product; needed where several sites make the item. */
  readonly site: string | undefined;
  readonly level: Level;
  readonly view: TableView;
  readonly onView: (view: TableView) => void;
  readonly onSite: (site: string | undefined) => void;
  readonly onLevel: (level: Level) => void;
}

const ROWS_MAX = 10_000; // of each list; the counts are of the whole

export function Origin(props: OriginProps) {
  const asOf = useAsOf();
  const recipes = useListing(registry.recipes.list, {
    query: { item: props.item.id, limit: 500, ...defined({ asOf }) },
  });
  return (
    <Loaded state={recipes.state} lines={6}>
      {(makers) => {
        const sites = [...new Set(makers.map((recipe) => recipe.site))];
        if (sites.length === 0)
          return (
            <EmptyState
              what={`No recipe in the registry says what ${props.item.name} is made of: it is the raw end of the chain, or its makers are not known yet.`}
              start={<a href="/know/import">Import recipes from CSV or XLSX</a>}
            />
          );
        const chosen = sites.find((site) => site === props.site) ?? sites[0];
        return (
          <>
            {sites.length > 1 && (
              <div className={styles.controls}>
                <NativeSelect
                  label="As made by"
                  value={chosen}
                  data={sites.map((site) => ({ value: site, label: recipes.labels[site] ?? site }))}
                  onChange={(event) => props.onSite(event.currentTarget.value)}
                />
              </div>
            )}
            <LookThrough {...props} site={chosen} />
          </>
        );
      }}
    </Loaded>
  );
}

function LookThrough({ item, site, level, view, onView, onLevel }: OriginProps) {
  const asOf = useAsOf();
  const { state } = useAnswer(risk.getLookThrough, {
    params: { id: item.id },
    query: { ...defined({ site, asOf }), limit: ROWS_MAX },
  });
  const countries = mapState(state, (answer) =>
    answer.countries.map((one, i) => ({
      id: one.country,
      name: countryName(one.country),
      value: one.dependencePpm / 10_000,
      text: formatShare(one.dependencePpm),
      isMarked: i === 0,
    })),
  );
  return (
    <>
      <Loaded state={state} lines={3}>
        {(answer) => <Summary answer={answer} />}
      </Loaded>
      <BarChart
        title="Part of the product that stops if a country drops out"
        meaning="With no stock and no switching: the worst case on the first day without supply."
        nameHeader="Country"
        valueHeader="Dependence"
        unit="%"
        state={countries}
        empty="The registry knows of no upstream site."
      />
      <Tabs
        label="Upstream, by"
        tabs={[
          { name: "materials", label: "Materials", count: countOf(state, "materials") },
          { name: "countries", label: "Countries", count: countOf(state, "countries") },
          { name: "suppliers", label: "Suppliers", count: countOf(state, "suppliers") },
          { name: "sites", label: "Sites", count: countOf(state, "sites") },
        ]}
        chosen={level}
        onChoose={onLevel}
      >
        <LevelTable state={state} level={level} view={view} onView={onView} />
      </Tabs>
    </>
  );
}

type State = ReturnType<typeof useAnswer<typeof risk.getLookThrough>>["state"];

function countOf(state: State, level: Level): number | undefined {
  return state.kind === "ready" ? state.value.counts[level] : undefined;
}

function Summary({ answer }: { answer: risk.LookThrough }) {
  const single = answer.materials.filter((material) => material.single.length > 0);
  const unknown = answer.materials.filter((material) => material.unknownPpm > 0);
  return (
    <>
      {answer.truncated && (
        <Partial why="the chain has more sites than one look-through walks: the far end is missing" />
      )}
      {answer.cycles.length > 0 && <Cycles answer={answer} />}
      <Facts
        label="The chain in numbers"
        facts={[
          { label: "Made by", value: <a href={`/know/sites/${answer.site}`}>{answer.siteLabel}</a> },
          { label: "As of", value: <Time at={answer.asOf} /> },
          {
            label: "Upstream",
            value: `${answer.counts.sites} sites of ${answer.counts.suppliers} suppliers in ${answer.counts.countries} countries`,
          },
          { label: "Materials", value: `${answer.counts.materials}, over ${answer.counts.links} links` },
          {
            label: "With one source only",
            value: single.length === 0 ? "none" : single.map((one) => one.label).join(", "),
          },
          {
            label: "Partly of unknown origin",
            value: unknown.length === 0 ? "none" : unknown.map((one) => one.label).join(", "),
          },
        ]}
      />
    </>
  );
}

function Cycles({ answer }: { answer: risk.LookThrough }) {
  return (
    <Section title="Loops in the recipes" aside="Each is walked once.">
      <ul>
        {answer.cycles.map((cycle) => (
          <li key={cycle.map((step) => `${step.site} ${step.item}`).join()}>
            {cycle.map((step) => `${step.siteLabel} makes ${step.itemLabel}`).join(", which needs what ")}
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface LevelTableProps {
  readonly state: State;
  readonly level: Level;
  readonly view: TableView;
  readonly onView: (view: TableView) => void;
}

function LevelTable({ state, level, view, onView }: LevelTableProps) {
  const rest = { view, onView, empty: { what: "The registry knows of nothing upstream." } };
  switch (level) {
    case "materials":
      return (
        <DataTable
          caption="Materials upstream"
          columns={materialColumns}
          state={mapState(state, (answer) => answer.materials)}
          rowId={(one) => one.id}
          href={(one) => `/know/items/${one.id}`}
          {...rest}
        />
      );
    case "countries":
      return (
        <DataTable
          caption="Countries upstream"
          columns={countryColumns}
          state={mapState(state, (answer) => answer.countries)}
          rowId={(one) => one.country}
          href={(one) => `/know/sites?country=${one.country}`}
          {...rest}
        />
      );
    case "suppliers":
      return (
        <DataTable
          caption="Suppliers upstream"
          columns={supplierColumns}
          state={mapState(state, (answer) => answer.suppliers)}
          rowId={(one) => one.id}
          href={(one) => `/know/organisations/${one.id}`}
          {...rest}
        />
      );
    case "sites":
      return (
        <DataTable
          caption="Sites upstream"
          columns={siteColumns}
          state={mapState(state, (answer) => answer.sites)}
          rowId={(one) => one.id}
          href={(one) => `/know/sites/${one.id}`}
          {...rest}
        />
      );
  }
}
