/** What we depend on, and what wants attention: the counts of the registry, the critical sites, the single sources. */
import { designation, mineral, registry, risk } from "@holdfast/api";
import { useAnswer, useListing } from "../shell/queries.ts";
import { useMe } from "../shell/session.tsx";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/data-table.tsx";
import { useLocalView } from "../table/local-view.ts";
import { formatDecimal, formatShare } from "../ui/format.ts";
import { mapState } from "../ui/load-state.ts";
import { EmptyState, Loaded } from "../ui/notice.tsx";
import { Page, Section } from "../ui/page.tsx";
import { Badge, StateBadge } from "../ui/state-badge.tsx";
import { foundTexts } from "./designation/reason-text.ts";
import { formatHhi, hhiLook } from "./hhi.ts";
import { TIER_LOOKS, tierName } from "./looks.ts";
import styles from "./overview-page.module.css";

const FEW = 10; // rows of each list on this page; the whole is one press away

export function OverviewPage() {
  const { actions } = useMe();
  const may = (action: string) => actions.includes(action);
  const seesNothing = !may("registry:read") && !may("risk:read") && !may("designation:read") && !may("mineral:read");
  return (
    <Page title="What do we depend on, and what wants attention?">
      {seesNothing && (
        <EmptyState
          what="Your roles run this node and read no business data."
          start={
            <a href={may("people:read") ? "/people" : "/account"}>{may("people:read") ? "People" : "My account"}</a>
          }
        />
      )}
      {may("registry:read") && <Counts maySeeTiers={may("designation:read")} />}
      {may("risk:read") && <SingleSources />}
      {may("designation:read") && <Critical />}
      {may("mineral:read") && <Concentrated />}
    </Page>
  );
}

function Counts({ maySeeTiers }: { maySeeTiers: boolean }) {
  const { state } = useAnswer(registry.registrySummary, {});
  const tiers = useAnswer(designation.designationSummary, {}, { isOff: !maySeeTiers });
  const critical =
    tiers.state.kind === "ready" ? tiers.state.value.counts.find((one) => one.tier === 1)?.count : undefined;
  return (
    <Loaded state={state} lines={2}>
      {({ counts, supplyLinks, suspectsOpen }) => (
        <ul className={styles.counts} aria-label="The registry in numbers">
          <Count href="/know/organisations" word="organisations" value={counts.organisation} />
          <Count href="/know/sites" word="sites" value={counts.site} />
          {critical !== undefined && (
            <Count href="/know/designation?tier=1" word="critical sites" value={critical} isLoud={critical > 0} />
          )}
          <Count href="/know/items" word="items" value={counts.item} />
          <Count href="/know/assets" word="assets" value={counts.asset} />
          <Count href="/know/single-sources" word="supply links" value={supplyLinks} />
          <Count href="/know/duplicates" word="suspected duplicates" value={suspectsOpen} isLoud={suspectsOpen > 0} />
        </ul>
      )}
    </Loaded>
  );
}

function Count({
  href,
  word,
  value,
  isLoud = false,
}: {
  href: string;
  word: string;
  value: number | undefined;
  isLoud?: boolean;
}) {
  return (
    <li>
      <a href={href}>
        <span className={styles.number}>{value === undefined ? "unknown" : formatDecimal(value)}</span>
        {isLoud ? <Badge word={word} tone="attention" /> : <span className="dimmed">{word}</span>}
      </a>
    </li>
  );
}

const SINGLE_COLUMNS: readonly Column<risk.SingleSource>[] = [
  { id: "makes", header: "Product", value: (one) => one.makesLabel },
  { id: "site", header: "Made at", value: (one) => one.siteLabel, width: 280 },
  { id: "group", header: "Input", value: (one) => one.group, width: 180 },
  { id: "source", header: "The one site", value: (one) => one.source.label, width: 240 },
  { id: "stockDays", header: "Stock", unit: "d", value: (one) => one.stockDays, align: "end", width: 90 },
  { id: "switchDays", header: "Switch", unit: "d", value: (one) => one.switchDays, align: "end", width: 100 },
];

function SingleSources() {
  const { state } = useListing(risk.listSingleSources, {
    query: { level: "site", essentiality: "essential", bought: "goods", limit: FEW },
  });
  const view = useLocalView();
  return (
    <Section
      title="Essential goods from one site only"
      aside={
        <>
          Power, water and other services are left out. <a href="/know/single-sources">All single sources</a>
        </>
      }
    >
      <DataTable
        caption="Essential goods from one site only"
        columns={SINGLE_COLUMNS}
        state={mapState(state, (rows) => rows.slice(0, FEW))}
        rowId={(one) => `${one.recipe} ${one.group}`}
        href={(one) => `/know/items/${one.makes}?site=${one.site}`}
        empty={{
          what: "No essential good hangs on one site, as far as recipes are known.",
          start: <a href="/know/import">Import recipes</a>,
        }}
        isBrief
        {...view}
      />
    </Section>
  );
}

const CRITICAL_COLUMNS: readonly Column<designation.SiteTier>[] = [
  { id: "site", header: "Site", value: (one) => one.site.label, width: 280 },
  {
    id: "tier",
    header: "Tier",
    value: (one) => one.tier,
    cell: (one) => <StateBadge state={tierName(one.tier)} looks={TIER_LOOKS} />,
    width: 170,
  },
  {
    id: "why",
    header: "Why",
    value: (one) => foundTexts(one.reasons).join("; "),
  },
];

function Critical() {
  const { state } = useListing(designation.listDesignatedSites, { query: { tier: "1", limit: FEW } });
  const view = useLocalView();
  return (
    <Section title="Critical sites" aside={<a href="/know/designation">all designated sites</a>}>
      <DataTable
        caption="Critical sites"
        columns={CRITICAL_COLUMNS}
        state={mapState(state, (rows) => rows.slice(0, FEW))}
        rowId={(one) => one.site.id}
        href={(one) => `/know/sites/${one.site.id}?tab=tier`}
        empty={{ what: "No site is critical by the criteria in force." }}
        isBrief
        {...view}
      />
    </Section>
  );
}

interface Concentration {
  readonly id: string;
  readonly name: string;
  readonly series: mineral.MineralSummary["series"][number];
}

const MINERAL_COLUMNS: readonly Column<Concentration>[] = [
  { id: "name", header: "Mineral", value: (one) => one.name, width: 200 },
  { id: "product", header: "What is counted", value: (one) => one.series.product },
  {
    id: "top",
    header: "Leads",
    value: (one) => one.series.top?.name,
    cell: (one) => one.series.top && `${one.series.top.name}, ${formatShare(one.series.top.sharePpm)} %`,
    width: 220,
  },
  {
    id: "hhi",
    header: "HHI",
    value: (one) => one.series.hhi?.low,
    cell: (one) => one.series.hhi && formatHhi(one.series.hhi),
    align: "end",
    width: 150,
  },
  { id: "word", header: "That is", value: (one) => one.series.hhi && hhiLook(one.series.hhi).word, width: 190 },
];

function Concentrated() {
  const { state } = useAnswer(mineral.listMinerals, { query: {} });
  const view = useLocalView();
  const rows = mapState(state, ({ items }) =>
    items
      .flatMap(({ id, name, series }) => series.map((one): Concentration => ({ id, name, series: one })))
      .filter((one) => one.series.hhi !== null)
      .sort((a, b) => (b.series.hhi?.low ?? 0) - (a.series.hhi?.low ?? 0))
      .slice(0, FEW),
  );
  return (
    <Section title="Most concentrated in the world" aside={<a href="/know/minerals">all minerals</a>}>
      <DataTable
        caption="Most concentrated minerals"
        columns={MINERAL_COLUMNS}
        state={rows}
        rowId={(one) => `${one.id} ${one.series.product}`}
        href={(one) => `/know/minerals/${one.id}?${new URLSearchParams({ series: one.series.product })}`}
        empty={{ what: "No production figures are there." }}
        isBrief
        {...view}
      />
    </Section>
  );
}
