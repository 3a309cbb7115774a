/** An answer: its paragraph and figures, then the course, the sites, the products, the map, who could step in, and how it was worked out. */
import type { simulation } from "@holdfast/api";
import { type MapPlace, WorldMap } from "../../chart/world-map.tsx";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Facts } from "../../ui/facts.tsx";
import { formatShare } from "../../ui/format.ts";
import { Id } from "../../ui/id.tsx";
import { ready } from "../../ui/load-state.ts";
import { Section } from "../../ui/page.tsx";
import { Badge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { countryName } from "../country-name.ts";
import { CourseChart } from "./course-chart.tsx";
import { AnswerFigures, LossBand } from "./figures.tsx";
import { major, moneyText } from "./money.ts";
import { Treatments } from "./treatments.tsx";
import styles from "./simulation.module.css";

export const ANSWER_TABS = ["course", "sites", "products", "map", "alternatives", "pools", "method"] as const;
export type AnswerTab = (typeof ANSWER_TABS)[number];

export function AnswerView({
  answer,
  tab,
  onTab,
  view,
  onView,
}: {
  answer: simulation.Answer;
  tab: AnswerTab;
  onTab: (tab: AnswerTab) => void;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const { sites, products, alternatives, pools, treatments, complete } = answer;
  return (
    <>
      <p className={styles.answer}>{answer.paragraph}</p>
      <AnswerFigures answer={answer} />
      <LossBand answer={answer} />
      <Tabs
        label="The answer"
        tabs={[
          { name: "course", label: "What stops when" },
          { name: "sites", label: "Sites", count: answer.counts.sitesStopped },
          { name: "products", label: "Products", count: answer.counts.productsShort },
          { name: "map", label: "Map" },
          ...(complete
            ? [{ name: "alternatives" as const, label: "Who could step in", count: alternatives.length }]
            : []),
          ...(pools.length > 0 ? [{ name: "pools" as const, label: "Shared stocks", count: pools.length }] : []),
          { name: "method", label: "How it was worked out", count: treatments.length },
        ]}
        chosen={tab}
        onChoose={onTab}
      >
        {tab === "course" && <Course answer={answer} />}
        {tab === "sites" && (
          <DataTable
            caption="Sites that make less than usual"
            columns={SITE_COLUMNS}
            state={ready(sites)}
            rowId={(row) => row.site}
            href={(row) => `/know/sites/${row.site}`}
            empty={{ what: "Every site makes what it always makes." }}
            view={view}
            onView={onView}
          />
        )}
        {tab === "products" && (
          <DataTable
            caption="Products that go short"
            columns={productColumns(answer.currency)}
            state={ready(products)}
            rowId={(row) => `${row.site} ${row.item}`}
            href={(row) => `/know/items/${row.item}?site=${row.site}`}
            empty={{ what: "Every customer gets what was ordered." }}
            view={view}
            onView={onView}
          />
        )}
        {tab === "map" && <Places answer={answer} />}
        {tab === "alternatives" && <AlternativeTable answer={answer} view={view} onView={onView} />}
        {tab === "pools" && <Pools answer={answer} />}
        {tab === "method" && <Method answer={answer} />}
      </Tabs>
    </>
  );
}

function Course({ answer }: { answer: simulation.Answer }) {
  const { horizonDays, sites, products } = answer;
  return (
    <>
      <CourseChart
        title="Sites that make less"
        horizonDays={horizonDays}
        empty="No site makes less than usual: stocks bridge all of it, or nobody depends on it."
        state={ready(sites.map((stop) => ({ ...stop, id: stop.site, href: `/know/sites/${stop.site}` })))}
      />
      <CourseChart
        title="Products that go short"
        horizonDays={horizonDays}
        empty="Every customer gets what was ordered."
        state={ready(
          products.map((product) => ({
            id: `${product.site} ${product.item}`,
            label: `${product.itemLabel}, ${product.siteLabel}`,
            href: `/know/items/${product.item}?site=${product.site}`,
            isHit: false,
            missingFrom: product.missingFrom,
            shortFrom: product.unservedFrom,
            shortUntil: product.unservedUntil,
          })),
        )}
      />
    </>
  );
}

type Stop = simulation.Answer["sites"][number];
type Short = simulation.Answer["products"][number];

const SITE_COLUMNS: readonly Column<Stop>[] = [
  { id: "label", header: "Site", value: (row) => row.label },
  {
    id: "why",
    header: "Why",
    value: (row) => (row.isHit ? "stopped by the scenario" : (row.cause?.itemLabel ?? "")),
    cell: (row) =>
      row.isHit ? <Badge word="hit" tone="attention" /> : row.cause && <>{row.cause.itemLabel} runs out</>,
    width: 230,
  },
  { id: "country", header: "Country", value: (row) => countryName(row.country), width: 140 },
  { id: "shortFrom", header: "Short from", unit: "day", value: (row) => row.shortFrom, align: "end", width: 130 },
  { id: "shortUntil", header: "Until", unit: "day", value: (row) => row.shortUntil, align: "end", width: 100 },
  { id: "bridgeDays", header: "Bridged", unit: "d", value: (row) => row.bridgeDays, align: "end", width: 110 },
  {
    id: "lostPpm",
    header: "Output lost",
    unit: "%",
    value: (row) => row.lostPpm,
    cell: (row) => formatShare(row.lostPpm),
    align: "end",
    width: 130,
  },
  { id: "organisation", header: "Operator", value: (row) => row.organisationLabel, width: 220, isExtra: true },
];

function productColumns(currency: string | null): readonly Column<Short>[] {
  return [
    { id: "item", header: "Product", value: (row) => row.itemLabel },
    { id: "site", header: "Made at", value: (row) => row.siteLabel, width: 240 },
    { id: "from", header: "Short from", unit: "day", value: (row) => row.unservedFrom, align: "end", width: 130 },
    { id: "until", header: "Until", unit: "day", value: (row) => row.unservedUntil, align: "end", width: 100 },
    { id: "bridge", header: "Bridged", unit: "d", value: (row) => row.bridgeDays, align: "end", width: 110 },
    {
      id: "unserved",
      header: "Unserved",
      unit: "%",
      value: (row) => row.unservedPpm,
      cell: (row) => formatShare(row.unservedPpm),
      align: "end",
      width: 120,
    },
    {
      id: "loss",
      header: "Margin lost",
      ...(currency ? { unit: currency } : {}),
      value: (row) => major(row.lossMinor, currency),
      align: "end",
      width: 180,
    },
    {
      id: "units",
      header: "Not delivered",
      value: (row) => row.unservedUnits,
      cell: (row) => `${row.unservedUnits} ${row.unit}`,
      align: "end",
      width: 160,
      isExtra: true,
    },
  ];
}

function Places({ answer }: { answer: simulation.Answer }) {
  const places = answer.sites.flatMap((stop): MapPlace[] =>
    stop.position
      ? [
          {
            id: stop.site,
            label: stop.label,
            detail: stop.isHit
              ? `hit, ${countryName(stop.country)}`
              : `short from day ${stop.shortFrom}, ${countryName(stop.country)}`,
            tone: stop.isHit ? "critical" : "attention",
            ...stop.position,
            href: `/know/sites/${stop.site}`,
          },
        ]
      : [],
  );
  return (
    <WorldMap
      title="Where it stops"
      meaning="Diamonds are hit, triangles make less because something runs out. Sites without a position are in the table only."
      state={ready(places)}
      empty="No site that makes less has a position."
    />
  );
}

type Alternative = simulation.Answer["alternatives"][number];

export function alternativeColumns(currency: string | null): readonly Column<Alternative>[] {
  return [
    { id: "supplier", header: "Could deliver more", value: (row) => row.supplier.label },
    { id: "country", header: "Country", value: (row) => countryName(row.supplierCountry), width: 140 },
    { id: "item", header: "Of", value: (row) => row.item.label, width: 220 },
    { id: "buyer", header: "To", value: (row) => row.buyer.label, width: 240 },
    { id: "switchDays", header: "Ready in", unit: "d", value: (row) => row.switchDays, align: "end", width: 120 },
    {
      id: "saves",
      header: "Saves",
      ...(currency ? { unit: currency } : {}),
      value: (row) => major(row.savesMinor, currency),
      align: "end",
      width: 180,
    },
    { id: "status", header: "Status", value: (row) => row.status, width: 120, isExtra: true },
  ];
}

function AlternativeTable({
  answer,
  view,
  onView,
}: {
  answer: simulation.Answer;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  return (
    <DataTable
      caption="Who could step in"
      columns={alternativeColumns(answer.currency)}
      state={ready(answer.alternatives)}
      rowId={(row) => `${row.supplier.id} ${row.item.id} ${row.buyer.id}`}
      href={(row) => `/know/sites/${row.supplier.id}`}
      empty={{
        what: "No source that could deliver more would lower the least loss: there is none, it is too slow, or stocks do it already.",
      }}
      view={view}
      onView={onView}
    />
  );
}

function Pools({ answer }: { answer: simulation.Answer }) {
  return answer.pools.map((pool) => (
    <Section key={pool.pool} title={`${pool.pool}: shared ${RULE_WORDS[pool.rule]}`}>
      <DataTable
        caption={`Who gains what of ${pool.pool}`}
        isBrief
        columns={poolColumns(answer.currency)}
        state={ready(pool.members)}
        rowId={(row) => row.organisation}
        href={(row) => `/know/organisations/${row.organisation}`}
        empty={{ what: "Nobody of the pool uses or holds the item." }}
        view={{}}
        onView={() => undefined}
      />
    </Section>
  ));
}

export const RULE_WORDS = { equal: "in equal parts", need: "by need", contribution: "by contribution" } as const;

function poolColumns(
  currency: string | null,
): readonly Column<simulation.Answer["pools"][number]["members"][number]>[] {
  const money = currency ? { unit: currency } : {};
  return [
    { id: "label", header: "Organisation", value: (row) => row.label },
    { id: "in", header: "Puts in", value: (row) => row.putsInUnits, align: "end", width: 120 },
    { id: "out", header: "Takes out", value: (row) => row.takesOutUnits, align: "end", width: 120 },
    {
      id: "alone",
      header: "Loses alone",
      ...money,
      value: (row) => major(row.lossAloneMinor, currency),
      align: "end",
      width: 180,
    },
    {
      id: "pooled",
      header: "With the pool",
      ...money,
      value: (row) => major(row.lossPooledMinor, currency),
      align: "end",
      width: 180,
    },
    { id: "gain", header: "Gains", ...money, value: (row) => major(row.gainMinor, currency), align: "end", width: 180 },
  ];
}

function Method({ answer }: { answer: simulation.Answer }) {
  const { manifest, counts, dualityGap } = answer;
  return (
    <>
      <Facts
        label="Manifest"
        facts={[
          { label: "Registry as of", value: <Time at={manifest.asOf} /> },
          { label: "Model", value: manifest.modelVersion, hint: "Changes when the same facts may give other figures" },
          { label: "Hash of the inputs", value: <Id value={manifest.inputHash} name="input hash" /> },
          { label: "Hash of the assumptions", value: <Id value={manifest.assumptionsHash} name="assumptions hash" /> },
          { label: "Hash of the result", value: <Id value={manifest.resultHash} name="result hash" /> },
          { label: "Seed", value: manifest.seed ?? "none: nothing is drawn" },
          { label: "Network", value: `${counts.processes} processes, ${counts.deliveries} deliveries cut` },
          {
            label: "Proven to",
            value: dualityGap.toExponential(1),
            hint: "Largest relative gap between the two sides of the linear programmes",
          },
          { label: "Value added not made", value: moneyText(answer.valueAddedLostMinor, answer.currency) },
        ]}
      />
      <p className="dimmed">
        At least: a linear programme in which everybody knows everything and moves stock and orders at once. Without
        adaptation: day by day, orders stay as they are, shortages are shared in proportion, lost sales stay lost. What
        really happens lies between, as long as nobody hoards.
      </p>
      <Treatments treatments={answer.treatments} />
    </>
  );
}
