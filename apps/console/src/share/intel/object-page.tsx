/** One piece of intelligence: what it touches, its facts, what is around it, its versions, sightings, and what is on record. */
import { intel, intelObject, intelTouch, type Output } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { NetworkView } from "../../chart/network-view.tsx";
import { OnRecord } from "../../prove/evidence.tsx";
import { objectHref } from "../../shell/object-href.ts";
import { useAnswer, useListing } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Facts } from "../../ui/facts.tsx";
import { formatDecimal } from "../../ui/format.ts";
import { Id } from "../../ui/id.tsx";
import { type LoadState, mapState } from "../../ui/load-state.ts";
import { Loaded } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { Badge, StateBadge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { CLOSED_WORDS, kindWord, ruleWords, TLP_WORDS, TOUCH_LOOKS } from "./looks.ts";
import { VerdictButtons } from "./verdict.tsx";

const route = getRouteApi("/shell/share/intel/$stixId");

export function ObjectPage() {
  const { stixId } = route.useParams();
  const { tab = "facts", ...view } = route.useSearch();
  const change = useSearchChange();
  const isAdvisory = stixId.startsWith("advisory--");
  const lead = useAnswer(intelTouch.getLead, { params: { leadId: stixId } });
  const object = useAnswer(intel.getObject, { params: { stixId } }, { isOff: isAdvisory });
  const around = useAnswer(intelObject.getSurroundings, { params: { stixId } });
  const found = lead.state.kind === "ready" ? lead.state.value : undefined;
  const newest = object.state.kind === "ready" ? object.state.value.versions[0] : undefined;
  const closed = found?.closed ?? null;
  const tabs = [
    { name: "facts", label: "What it touches" },
    ...(isAdvisory
      ? []
      : [
          { name: "graph", label: "What is around it" } as const,
          { name: "versions", label: "Versions" } as const,
          { name: "sightings", label: "Sightings" } as const,
        ]),
    { name: "record", label: "On record" },
  ] as const;
  return (
    <Page
      breadcrumbs={[{ label: "Touches us", href: "/share" }]}
      title={found?.label ?? newest?.label ?? "Intelligence"}
      state={
        found?.isKev ? (
          <Badge word={found.isRansomware ? "exploited by ransomware" : "known to be exploited"} tone="critical" />
        ) : undefined
      }
      meaning={closed === null ? kindWord(stixId.slice(0, stixId.indexOf("--"))) : (CLOSED_WORDS[closed] ?? closed)}
    >
      <Loaded
        state={isAdvisory ? mapState(lead.state, () => undefined) : mapState(object.state, () => undefined)}
        lines={3}
      >
        {() => (
          <Facts
            label="Facts"
            facts={[
              { label: "Id", value: <Id value={stixId} name="id" /> },
              {
                label: "Handling",
                value: newest ? TLP_WORDS[newest.tlp] : isAdvisory ? "as its document says" : undefined,
                hint: "The strictest of its copies",
              },
              { label: "CVE", value: found && (found.cves.length > 0 ? <Cves cves={found.cves} /> : "none named") },
              { label: "CVSS", value: found?.cvss ?? undefined, hint: "The highest base score that it states" },
              {
                label: "Came by",
                value:
                  newest?.sources.join(", ") ??
                  (isAdvisory ? <a href="/share/sources?tab=documents&kind=csaf">an advisory</a> : undefined),
              },
              {
                label: "Received",
                value: found ? (
                  <Time at={found.receivedAt} as="age" />
                ) : (
                  newest && <Time at={newest.receivedAt} as="age" />
                ),
              },
              {
                label: "Open",
                value:
                  found &&
                  `${formatDecimal(found.counts.affected)} affected, ${formatDecimal(found.counts.look)} to look at`,
              },
              {
                label: "Settled",
                value:
                  found &&
                  `${formatDecimal(found.counts.confirmed)} confirmed, ${formatDecimal(found.counts.dismissed)} dismissed`,
              },
            ]}
          />
        )}
      </Loaded>
      <Tabs
        label="Intelligence"
        tabs={tabs}
        chosen={tab}
        onChoose={(name) => change({ tab: name === "facts" ? undefined : name, row: undefined, filter: undefined })}
      >
        {tab === "facts" && (
          <Touches stixId={stixId} label={found?.label ?? ""} view={view} onView={(next) => change({ ...next })} />
        )}
        {tab === "graph" && <Around stixId={stixId} label={newest?.label ?? ""} state={around.state} />}
        {tab === "versions" && <Versions state={object.state} view={view} onView={(next) => change({ ...next })} />}
        {tab === "sightings" && <Sightings state={around.state} view={view} onView={(next) => change({ ...next })} />}
        {tab === "record" && (
          <Loaded state={around.state}>
            {({ subject }) => (
              <OnRecord
                subjects={[`urn:uuid:${subject}`]}
                nothing="A verdict, a merge or its taking back would be on record here, with who said so and why."
              />
            )}
          </Loaded>
        )}
      </Tabs>
    </Page>
  );
}

const CVES_SHOWN = 6;

function Cves({ cves }: { cves: readonly string[] }) {
  return (
    <>
      {[...cves.slice(0, CVES_SHOWN), ...(cves.length > CVES_SHOWN ? [`${cves.length - CVES_SHOWN} more`] : [])].join(
        ", ",
      )}
    </>
  );
}

const TOUCH_COLUMNS: readonly Column<intelTouch.Touch>[] = [
  {
    id: "object",
    header: "Object",
    value: (one) => one.object.label,
    cell: (one) => <a href={objectHref(one.object.kind, one.object.id)}>{one.object.label}</a>,
    width: 180,
  },
  {
    id: "state",
    header: "State",
    value: (one) => one.state,
    cell: (one) => <StateBadge state={one.state} looks={TOUCH_LOOKS} />,
    width: 170,
  },
  { id: "why", header: "Why", value: (one) => ruleWords(one.rule) },
  { id: "theirs", header: "Their words", value: (one) => one.theirs, width: 200 },
  { id: "ours", header: "Our record", value: (one) => one.ours, width: 200 },
  { id: "site", header: "Site", value: (one) => one.object.site?.label, width: 170, isExtra: true },
  {
    id: "verdict",
    header: "Verdict",
    value: (one) => (one.verdict ? `${TOUCH_LOOKS[one.verdict.verdict].word}: ${one.verdict.reason}` : undefined),
    cell: (one) =>
      one.verdict && (
        <span title={one.verdict.reason}>
          {TOUCH_LOOKS[one.verdict.verdict].word}
          {one.verdict.holds ? "" : ", until something changed"}, {one.verdict.givenBy}
        </span>
      ),
    width: 170,
  },
  { id: "document", header: "Document", value: (one) => one.document, width: 150, isExtra: true },
  { id: "productId", header: "Product id", value: (one) => one.productId, width: 140, isExtra: true },
  { id: "cve", header: "CVE", value: (one) => one.cve, width: 140, isExtra: true },
  {
    id: "since",
    header: "Since",
    value: (one) => one.since,
    cell: (one) => <Time at={one.since} as="age" />,
    width: 110,
    isExtra: true,
  },
];

function Touches({
  stixId,
  label,
  view,
  onView,
}: {
  stixId: string;
  label: string;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const { state, more } = useListing(intelTouch.listTouches, { query: { lead: stixId, limit: 500 } });
  const rows = state.kind === "ready" ? state.value : [];
  const at = rows.find(({ object }) => object.id === view.row);
  return (
    <DataTable
      caption="What it touches"
      columns={TOUCH_COLUMNS}
      state={state}
      more={more}
      rowId={(one) => one.object.id}
      href={(one) => objectHref(one.object.kind, one.object.id) ?? "/share"}
      empty={{
        what: "It touches nothing in the registry. Assets with this vendor and model, or sites and suppliers that it names, would be listed here with the reason.",
      }}
      view={view}
      onView={onView}
      actions={
        <VerdictButtons
          judged={at && { lead: stixId, label: `${label}: ${at.object.label}`, objects: [at.object.id], count: 1 }}
        />
      }
    />
  );
}

type AroundState = LoadState<intelObject.Surroundings>;

function Around({ stixId, label, state }: { stixId: string; label: string; state: AroundState }) {
  const network = mapState(state, ({ neighbours }) => ({
    centre: stixId,
    nodes:
      neighbours.length === 0
        ? []
        : [
            {
              id: stixId,
              label,
              detail: "this",
              tone: "active" as const,
              href: `/share/intel/${encodeURIComponent(stixId)}`,
            },
            ...[...new Map(neighbours.map((one) => [one.id, one])).values()].map((one) => ({
              id: one.id,
              label: one.label,
              detail: kindWord(one.type),
              tone: "normal" as const,
              href: `/share/intel/${encodeURIComponent(one.id)}`,
            })),
          ],
    links: neighbours.map((one) => ({
      id: `${one.id} ${one.isOutward} ${one.what}`,
      from: one.isOutward ? stixId : one.id,
      to: one.isOutward ? one.id : stixId,
      label: one.what,
    })),
  }));
  const total = state.kind === "ready" ? state.value.neighboursTotal : 0;
  return (
    <>
      <NetworkView
        title="What is around it"
        meaning={`The rarest first: what few others refer to says most.${total > intelObject.NEIGHBOURS_MAX ? ` ${intelObject.NEIGHBOURS_MAX} of ${formatDecimal(total)} are shown.` : ""}`}
        state={network}
        empty="Nothing refers to it, and it refers to nothing that is here. Relationships bring neighbours."
      />
      <Loaded state={state} lines={2}>
        {({ externalIds, duplicates }) => (
          <Section title="Known elsewhere as">
            {externalIds.length === 0 ? (
              <p className="dimmed">No outside id came with it.</p>
            ) : (
              <ul>
                {externalIds.map((one) => (
                  <li key={`${one.stixId} ${one.sourceName} ${one.externalId}`}>
                    {one.sourceName}: <code>{one.externalId}</code>
                    {one.stixId !== stixId && <span className="dimmed"> from what was merged into it</span>}
                  </li>
                ))}
              </ul>
            )}
            {duplicates.length > 0 && (
              <p>
                Likely the same:{" "}
                {duplicates.map((one, i) => (
                  <span key={one.id}>
                    {i > 0 && ", "}
                    <a href={`/share/intel/${encodeURIComponent(one.id)}`}>{one.label}</a> ({one.sourceName}{" "}
                    {one.externalId})
                  </span>
                ))}
              </p>
            )}
          </Section>
        )}
      </Loaded>
    </>
  );
}

type ObjectState = LoadState<Output<typeof intel.getObject>>;
type Version = Output<typeof intel.getObject>["versions"][number];

const VERSION_COLUMNS: readonly Column<Version>[] = [
  { id: "stixVersion", header: "Version", value: (one) => one.stixVersion || "has no versions", width: 230 },
  { id: "label", header: "Name", value: (one) => one.label },
  { id: "tlp", header: "Handling", value: (one) => TLP_WORDS[one.tlp], width: 170 },
  { id: "sources", header: "Copies from", value: (one) => one.sources.join(", "), width: 260 },
  {
    id: "receivedAt",
    header: "Received",
    value: (one) => one.receivedAt,
    cell: (one) => <Time at={one.receivedAt} />,
    width: 180,
  },
  { id: "revoked", header: "Revoked", value: (one) => (one.revoked ? "revoked" : ""), width: 100 },
  {
    id: "sha256",
    header: "SHA-256",
    value: (one) => one.sha256,
    cell: (one) => <Id value={one.sha256} name="hash" />,
    width: 200,
    isExtra: true,
  },
];

function Versions({ state, view, onView }: { state: ObjectState; view: TableView; onView: (view: TableView) => void }) {
  return (
    <>
      <DataTable
        caption="Versions and copies"
        columns={VERSION_COLUMNS}
        state={mapState(state, ({ versions }) => versions)}
        rowId={(one) => one.sha256}
        empty={{ what: "Every version that came would be listed here, with the channels it came by." }}
        view={view}
        onView={onView}
      />
      <Loaded state={state}>
        {({ versions }) => (
          <Section title="The newest, as it came">
            <pre tabIndex={0} aria-label="The object as JSON">
              {JSON.stringify(versions[0]?.object, null, 2)}
            </pre>
          </Section>
        )}
      </Loaded>
    </>
  );
}

const SIGHTING_WORDS: Readonly<Record<intelObject.Sighting["kind"], string>> = {
  positive: "seen",
  "false-positive": "false positive",
  expiration: "over",
};

const SIGHTING_COLUMNS: readonly Column<intelObject.Sighting>[] = [
  { id: "kind", header: "What", value: (one) => SIGHTING_WORDS[one.kind], width: 130 },
  { id: "organisation", header: "By", value: (one) => one.organisation },
  { id: "seenAt", header: "When", value: (one) => one.seenAt, cell: (one) => <Time at={one.seenAt} />, width: 180 },
  { id: "note", header: "Note", value: (one) => one.note, width: 260 },
];

function Sightings({
  state,
  view,
  onView,
}: {
  state: AroundState;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  return (
    <>
      <Loaded state={state} lines={2}>
        {({ witnesses, doubters, scorePercent }) => (
          <Facts
            label="Sightings"
            facts={[
              {
                label: "Seen by",
                value: `${witnesses} ${witnesses === 1 ? "organisation" : "organisations"}`,
                hint: "Distinct ones, however often each reports",
              },
              { label: "Doubted by", value: `${doubters} ${doubters === 1 ? "organisation" : "organisations"}` },
              {
                label: "Score",
                value: scorePercent === null ? "does not decay" : `${scorePercent} of 100`,
                hint: "Trust in the source, less since it was last seen",
              },
            ]}
          />
        )}
      </Loaded>
      <DataTable
        caption="Sightings"
        columns={SIGHTING_COLUMNS}
        state={mapState(state, ({ sightings }) => sightings)}
        rowId={(one) => one.id}
        empty={{
          what: "Nobody has said that they saw it. A sighting restarts its decay; two organisations that call it a false positive take it out of the list.",
        }}
        view={view}
        onView={onView}
      />
    </>
  );
}
