/** Documents of events that came, what became of each, and who is sent events in turn. */
import { thread } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer, useListing } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { SideDrawer } from "../../ui/drawer.tsx";
import { Facts } from "../../ui/facts.tsx";
import { formatBytes } from "../../ui/format.ts";
import { Id } from "../../ui/id.tsx";
import { Loaded } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { type Looks, StateBadge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { OnRecord } from "../evidence.tsx";

const route = getRouteApi("/shell/prove/captures");
const REFRESH_MS = 2_000; // while one of them runs

type Capture = Omit<thread.CaptureJob, "errors">;
type CaptureState = "running" | "stored" | "partly" | "refused";

const CAPTURE_LOOKS: Looks<CaptureState> = {
  running: { word: "running", tone: "active" },
  stored: { word: "stored", tone: "normal" },
  partly: { word: "stored in part", tone: "attention" },
  refused: { word: "refused", tone: "critical" },
};

function stateOf({ running, success, eventsStored }: Capture): CaptureState {
  if (running) return "running";
  return success ? "stored" : eventsStored > 0 ? "partly" : "refused";
}

export function CapturesPage() {
  const { tab = "captures", open, ...view } = route.useSearch();
  const change = useSearchChange();
  const onView = (next: TableView) => change({ ...next });
  return (
    <Page
      title="What events came in, and who gets them?"
      meaning="Any EPCIS system, 1.2 or 2.0, in XML or JSON, can send documents to /epcis/capture."
    >
      <Tabs
        label="Captures"
        tabs={[
          { name: "captures", label: "Captures" },
          { name: "subscriptions", label: "Subscriptions" },
        ]}
        chosen={tab}
        onChoose={(name) => change({ tab: name === "captures" ? undefined : name, filter: undefined, row: undefined })}
      >
        {tab === "captures" ? (
          <Captures view={view} onView={onView} onOpen={(id) => change({ open: id })} />
        ) : (
          <Subscriptions view={view} onView={onView} />
        )}
      </Tabs>
      <SideDrawer title="Capture" opened={open !== undefined} onClose={() => change({ open: undefined })}>
        {open !== undefined && <Detail id={open} />}
      </SideDrawer>
    </Page>
  );
}

const COLUMNS: readonly Column<Capture>[] = [
  {
    id: "createdAt",
    header: "Came",
    value: (one) => one.createdAt,
    cell: (one) => <Time at={one.createdAt} />,
    width: 190,
  },
  {
    id: "state",
    header: "State",
    value: (one) => CAPTURE_LOOKS[stateOf(one)].word,
    cell: (one) => <StateBadge state={stateOf(one)} looks={CAPTURE_LOOKS} />,
    width: 150,
  },
  { id: "by", header: "From", value: (one) => one.capturedByName },
  { id: "read", header: "Read", unit: "events", value: (one) => one.eventsRead, align: "end", width: 110 },
  { id: "stored", header: "Stored", unit: "events", value: (one) => one.eventsStored, align: "end", width: 125 },
  { id: "known", header: "Known", unit: "events", value: (one) => one.eventsKnown, align: "end", width: 125 },
  { id: "errors", header: "Errors", value: (one) => one.errorCount, align: "end", width: 90 },
  {
    id: "size",
    header: "Size",
    value: (one) => one.sizeBytes,
    cell: (one) => formatBytes(one.sizeBytes),
    align: "end",
    width: 110,
  },
];

function Captures({
  view,
  onView,
  onOpen,
}: {
  view: TableView;
  onView: (view: TableView) => void;
  onOpen: (id: string) => void;
}) {
  const { state, more } = useListing(thread.listCaptures, { query: {} }, { everyMs: REFRESH_MS });
  return (
    <DataTable
      caption="Captures"
      columns={COLUMNS}
      state={state}
      more={more}
      rowId={(one) => one.id}
      onOpen={(one) => onOpen(one.id)}
      empty={{
        what: "Nothing was captured yet. A document sent to /epcis/capture would be listed here with its progress and its errors.",
      }}
      view={view}
      onView={onView}
    />
  );
}

function Detail({ id }: { id: string }) {
  const { state } = useAnswer(thread.getCapture, { params: { captureId: id } });
  return (
    <Loaded state={state} lines={8}>
      {(capture) => (
        <>
          <Facts
            label="Facts of the capture"
            facts={[
              { label: "State", value: <StateBadge state={stateOf(capture)} looks={CAPTURE_LOOKS} /> },
              { label: "Identifier", value: <Id value={capture.id} name="capture id" /> },
              { label: "From", value: capture.capturedByName },
              { label: "Stored", value: `${capture.eventsStored} of ${capture.eventsRead} events` },
              {
                label: "On an error",
                value: capture.errorBehaviour === "rollback" ? "nothing is stored" : "the rest is stored",
              },
              { label: "Ended", value: capture.finishedAt === null ? undefined : <Time at={capture.finishedAt} /> },
            ]}
          />
          <h3>Errors</h3>
          {capture.errors.length === 0 && <p className="dimmed">None.</p>}
          <ol>
            {capture.errors.map((error, i) => (
              <li key={i}>
                {error.message.replaceAll("`", "")} <code>{error.code}</code>
              </li>
            ))}
          </ol>
          {capture.errorCount > capture.errors.length && (
            <p className="dimmed">
              The first {capture.errors.length} of {capture.errorCount}.
            </p>
          )}
          <OnRecord
            subjects={[`urn:uuid:${capture.id}`]}
            nothing="A statement over its events goes on record when they are stored."
          />
        </>
      )}
    </Loaded>
  );
}

type Subscription = ReturnType<typeof thread.subscription.parse>;
const SUBSCRIPTION_LOOKS: Looks<"sent" | "failing" | "parked"> = {
  sent: { word: "in order", tone: "normal" },
  failing: { word: "failing", tone: "attention" },
  parked: { word: "parked", tone: "critical" },
};
const subscriptionState = ({ parkedAt, attempts }: Subscription) =>
  parkedAt ? "parked" : attempts > 0 ? "failing" : "sent";

const SUBSCRIPTION_COLUMNS: readonly Column<Subscription>[] = [
  { id: "dest", header: "Sent to", value: (one) => one.dest },
  {
    id: "state",
    header: "State",
    value: (one) => SUBSCRIPTION_LOOKS[subscriptionState(one)].word,
    cell: (one) => <StateBadge state={subscriptionState(one)} looks={SUBSCRIPTION_LOOKS} />,
    width: 130,
  },
  { id: "query", header: "Query", value: (one) => one.query, width: 180 },
  { id: "how", header: "When", value: (one) => (one.streams ? "as events come" : "by schedule"), width: 150 },
  {
    id: "last",
    header: "Last sent",
    value: (one) => one.lastNotifiedAt,
    cell: (one) => (one.lastNotifiedAt ? <Time at={one.lastNotifiedAt} as="age" /> : "never"),
    width: 130,
  },
  { id: "problem", header: "Last problem", value: (one) => one.lastProblem, width: 260 },
];

function Subscriptions({ view, onView }: { view: TableView; onView: (view: TableView) => void }) {
  const { state, more } = useListing(thread.listSubscriptions, { query: {} });
  return (
    <DataTable
      caption="Subscriptions"
      columns={SUBSCRIPTION_COLUMNS}
      state={state}
      more={more}
      rowId={(one) => one.id}
      empty={{
        what: "Nobody is sent events. A partner subscribes to a named query at /epcis/queries/NAME/subscriptions.",
      }}
      view={view}
      onView={onView}
    />
  );
}
