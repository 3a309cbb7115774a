/** One lot, serial or shipment: where it came from, what became of it, who had it, what is wrong, what backs it. */
import { credential, custody } from "@holdfast/api";
import { Button } from "@mantine/core";
import { IconFileDownload } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { WorldMap } from "../../chart/world-map.tsx";
import { countryName } from "../../know/country-name.ts";
import { useAnswer, useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Facts } from "../../ui/facts.tsx";
import { Id } from "../../ui/id.tsx";
import { mapState } from "../../ui/load-state.ts";
import { Loaded, Partial } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { Badge, type Looks, StateBadge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { OnRecord } from "../evidence.tsx";
import { FINDING_COLUMNS } from "./finding-columns.tsx";
import { PedigreeView } from "./pedigree-view.tsx";
import { amountWords, LEVEL_WORDS, stepWords } from "./words.ts";

const route = getRouteApi("/shell/prove/lots/$lotId");

const TABS = [
  { name: "origin", label: "Where it came from" },
  { name: "products", label: "What it went into" },
  { name: "events", label: "Timeline" },
  { name: "map", label: "Journey" },
  { name: "findings", label: "Findings" },
  { name: "credentials", label: "Credentials" },
  { name: "evidence", label: "Evidence" },
] as const;

export function LotPage() {
  const { lotId } = route.useParams();
  const { tab = "origin", ...view } = route.useSearch();
  const change = useSearchChange();
  const onView = (next: TableView) => change({ ...next });
  const { state } = useAnswer(custody.getThing, { query: { id: lotId } });
  const found = useListing(custody.listFindings, { query: { subject: lotId, state: "open" } });
  const open = found.state.kind === "ready" ? found.state.value.length : undefined;
  const thing = state.kind === "ready" ? state.value : undefined;
  return (
    <Page
      breadcrumbs={[{ label: "Lots", href: "/prove/lots" }]}
      title={thing?.label ?? "Lot"}
      state={
        open !== undefined &&
        open > 0 && <Badge tone="attention" word={`${open} open ${open === 1 ? "finding" : "findings"}`} />
      }
      meaning={thing && <Meaning thing={thing} />}
      actions={<DossierButton id={lotId} isThere={thing !== undefined} />}
    >
      <Loaded state={state} lines={8}>
        {(loaded) => (
          <>
            <Facts label="Facts of the thing" facts={factsOf(loaded)} />
            <Tabs
              label="Lot"
              tabs={TABS}
              chosen={tab}
              onChoose={(name) =>
                change({
                  tab: name === "origin" ? undefined : name,
                  filter: undefined,
                  sort: undefined,
                  row: undefined,
                })
              }
            >
              {tab === "origin" && <PedigreeView id={loaded.id} direction="back" />}
              {tab === "products" && <PedigreeView id={loaded.id} direction="forward" />}
              {tab === "events" && <Timeline thing={loaded} view={view} onView={onView} />}
              {tab === "map" && <Journey thing={loaded} />}
              {tab === "findings" && <Findings id={loaded.id} view={view} onView={onView} />}
              {tab === "credentials" && <Claims id={loaded.id} view={view} onView={onView} />}
              {tab === "evidence" && <Evidence thing={loaded} />}
            </Tabs>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Meaning({ thing }: { thing: custody.ThingDetail }) {
  const last = thing.events.at(-1);
  const place = thing.places.find(({ id }) => id === last?.place);
  return (
    <>
      A {LEVEL_WORDS[thing.level]} that {thing.eventsCount} {thing.eventsCount === 1 ? "event names" : "events name"}
      {last && (
        <>
          , last <Time at={last.at} as="age" />
          {place && ` at ${place.label}`}
        </>
      )}
      .
    </>
  );
}

function factsOf(thing: custody.ThingDetail) {
  return [
    { label: "Identifier", value: <Id value={thing.id} name="identifier" />, hint: "Canonical GS1 Digital Link" },
    { label: "As EPC URN", value: thing.otherForm ? <Id value={thing.otherForm} name="other spelling" /> : undefined },
    {
      label: "Product",
      value:
        thing.item === null ? undefined : (
          <a href={`/know/items/${thing.item}`}>{thing.label.split(/, (?:lot|serial) /)[0]}</a>
        ),
    },
    { label: "Places seen", value: thing.places.length },
  ];
}

function DossierButton({ id, isThere }: { id: string; isThere: boolean }) {
  const refusal = useRefusal("dossier:make");
  if (refusal !== undefined || !isThere)
    return (
      <RefusableButton refusal={refusal ?? "There is nothing to make a dossier of."} onClick={() => undefined}>
        Dossier
      </RefusableButton>
    );
  return (
    <Button
      component="a"
      href={`/api/prove/dossier?id=${encodeURIComponent(id)}`}
      download="dossier.json"
      leftSection={<IconFileDownload size={14} aria-hidden />}
    >
      Dossier
    </Button>
  );
}

const EVENT_COLUMNS: readonly Column<custody.ThingEvent>[] = [
  { id: "at", header: "When", value: (one) => one.at, cell: (one) => <Time at={one.at} />, width: 190 },
  { id: "step", header: "What", value: (one) => stepWords(one.bizStep), width: 190 },
  {
    id: "type",
    header: "Kind of event",
    value: (one) => `${one.type.replace("Event", "")}${one.action ? `, ${one.action.toLowerCase()}` : ""}`,
    width: 190,
  },
  { id: "place", header: "Where", value: (one) => one.place },
  { id: "role", header: "As", value: (one) => one.role, width: 90 },
  { id: "amount", header: "Amount", value: (one) => one.amount && amountWords(one.amount), align: "end", width: 140 },
  {
    id: "state",
    header: "State",
    value: (one) => (one.isUndone ? "declared in error" : "stands"),
    cell: (one) => (one.isUndone ? <Badge tone="muted" word="declared in error" /> : "stands"),
    width: 160,
  },
  {
    id: "id",
    header: "Event",
    value: (one) => one.id,
    cell: (one) => <Id value={one.id} name="event id" />,
    width: 190,
    isExtra: true,
  },
];

function Timeline({
  thing,
  view,
  onView,
}: {
  thing: custody.ThingDetail;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const places = new Map(thing.places.map(({ id, label }) => [id, label]));
  const rows = thing.events.map((one) => ({
    ...one,
    place: one.place === null ? null : (places.get(one.place) ?? one.place),
  }));
  return (
    <>
      {thing.eventsCount > thing.events.length && (
        <Partial why={`the latest ${thing.events.length} of ${thing.eventsCount} events are listed.`} />
      )}
      <DataTable
        caption="What happened to it"
        columns={EVENT_COLUMNS}
        state={{ kind: "ready", value: rows }}
        rowId={(one) => `${one.hash} ${one.isUndone}`}
        empty={{ what: "Events that name it would be listed here." }}
        view={view}
        onView={onView}
      />
    </>
  );
}

function Journey({ thing }: { thing: custody.ThingDetail }) {
  const known = thing.places.filter(({ latitude, longitude }) => latitude !== null && longitude !== null);
  const unknown = thing.places.length - known.length;
  return (
    <>
      {unknown > 0 && <Partial why={`the registry has no position of ${unknown} of ${thing.places.length} places.`} />}
      <WorldMap
        title="Where it was seen"
        meaning="Numbered in the order in which it was first seen there."
        state={{
          kind: "ready",
          value: known.map((place, i) => ({
            id: place.id,
            label: `${i + 1}. ${place.label}`,
            detail: place.country === null ? "" : countryName(place.country),
            tone: "active" as const,
            latitude: place.latitude ?? 0,
            longitude: place.longitude ?? 0,
            href: place.site === null ? "/know/sites" : `/know/sites/${place.site}`,
          })),
        }}
        empty="Places whose GLN the registry knows with a position would be shown here."
      />
    </>
  );
}

function Findings({ id, view, onView }: { id: string; view: TableView; onView: (view: TableView) => void }) {
  const { state, more } = useListing(custody.listFindings, { query: { subject: id } });
  return (
    <DataTable
      caption="Findings about it"
      columns={FINDING_COLUMNS}
      state={state}
      more={more}
      rowId={(one) => one.id}
      href={(one) => `/prove/findings?row=${one.id}&open=${one.id}`}
      empty={{ what: "Nothing is wrong with it, by the rules and as far as its events are checked." }}
      view={view}
      onView={onView}
    />
  );
}

const VERDICT_LOOKS: Looks<credential.BackedClaim["verdict"]> = {
  valid: { word: "valid", tone: "normal" },
  invalid: { word: "invalid", tone: "critical" },
  "not-checked": { word: "not checked", tone: "unknown" },
};

const CLAIM_COLUMNS: readonly Column<credential.BackedClaim>[] = [
  { id: "claim", header: "Claim", value: (one) => one.claim },
  {
    id: "verdict",
    header: "State",
    value: (one) => one.verdict,
    cell: (one) => <StateBadge state={one.verdict} looks={VERDICT_LOOKS} />,
    width: 140,
  },
  { id: "by", header: "By", value: (one) => one.issuerName ?? one.issuer, width: 240 },
  {
    id: "until",
    header: "Until",
    value: (one) => one.validUntil,
    cell: (one) => (one.validUntil === null ? "no end" : <Time at={one.validUntil} />),
    width: 180,
  },
  { id: "title", header: "Credential", value: (one) => one.title, width: 240 },
];

function Claims({ id, view, onView }: { id: string; view: TableView; onView: (view: TableView) => void }) {
  const { state } = useAnswer(credential.listBackedClaims, { query: { subject: id } });
  return (
    <DataTable
      caption="Claims that credentials back"
      columns={CLAIM_COLUMNS}
      state={mapState(state, ({ items }) => items)}
      rowId={(one) => `${one.credential} ${one.role} ${one.claim}`}
      empty={{
        what: "No credential speaks of it: nobody has attested anything about it that this node received or issued.",
      }}
      view={view}
      onView={onView}
    />
  );
}

const CAPTURES_SHOWN_MAX = 10;

function Evidence({ thing }: { thing: custody.ThingDetail }) {
  const captures = [...new Set(thing.events.flatMap(({ capture }) => capture ?? []))];
  return (
    <>
      <p className="dimmed">
        Its events came in {captures.length} {captures.length === 1 ? "document" : "documents"}; a statement on the
        ledger holds the events of each.
        {captures.length > CAPTURES_SHOWN_MAX && ` The first ${CAPTURES_SHOWN_MAX} are shown.`}
      </p>
      <OnRecord
        subjects={captures.slice(0, CAPTURES_SHOWN_MAX).map((id) => `urn:uuid:${id}`)}
        nothing="A statement over each batch of its events would be here."
      />
    </>
  );
}
