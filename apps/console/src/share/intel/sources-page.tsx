/** What intelligence comes from: how each channel fares, what documents it brought, and a place to bring something in. */
import { intel, intelDocument, intelObject } from "@holdfast/api";
import { FileButton, Button } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { api, queryClient } from "../../shell/api.ts";
import { failureOf } from "../../shell/failure.ts";
import { schemaOf, useAct, useAnswer, useListing } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { SideDrawer } from "../../ui/drawer.tsx";
import { FieldForm } from "../../ui/form/field-form.tsx";
import type { Field } from "../../ui/form/field.ts";
import type { Failure } from "../../ui/load-state.ts";
import { mapState } from "../../ui/load-state.ts";
import { Failed } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { WordFilter } from "../../know/registry/filters.tsx";
import styles from "./intel.module.css";
import { kindWord, TLP_WORDS } from "./looks.ts";

const route = getRouteApi("/shell/share/sources");

const DOCUMENT_WORDS = { csaf: "Advisories", kev: "Exploited vulnerabilities", warninglist: "Warninglists" } as const;

export function SourcesPage() {
  const { tab = "sources", kind, ...view } = route.useSearch();
  const change = useSearchChange();
  const [isAdding, setAdding] = useState(false);
  const mayNot = useRefusal("intel:manage");
  const onView = (next: TableView) => change({ ...next });
  return (
    <Page
      title="Where does our intelligence come from, and is it worth it?"
      meaning="Each channel has a trust, a licence and a handling for what comes unmarked. What of it touches us is what it is worth here."
      actions={
        <RefusableButton refusal={mayNot} onClick={() => setAdding(true)}>
          Add a source
        </RefusableButton>
      }
    >
      <BringIn />
      <Tabs
        label="Intake"
        tabs={[
          { name: "sources", label: "Sources" },
          { name: "documents", label: "Documents" },
          { name: "objects", label: "STIX objects" },
        ]}
        chosen={tab}
        onChoose={(name) =>
          change({ tab: name === "sources" ? undefined : name, row: undefined, filter: undefined, kind: undefined })
        }
      >
        {tab === "sources" && <Sources view={view} onView={onView} />}
        {tab === "documents" && (
          <Documents
            kind={kind}
            onKind={(next) => change({ kind: next, row: undefined })}
            view={view}
            onView={onView}
          />
        )}
        {tab === "objects" && <Objects view={view} onView={onView} />}
      </Tabs>
      <SideDrawer title="Add a source" opened={isAdding} onClose={() => setAdding(false)}>
        <AddSource onDone={() => setAdding(false)} />
      </SideDrawer>
    </Page>
  );
}

interface SourceRow extends intel.Source {
  readonly health: intelObject.SourceHealth | undefined;
}

const SOURCE_COLUMNS: readonly Column<SourceRow>[] = [
  { id: "name", header: "Source", value: (one) => one.name },
  { id: "kind", header: "Kind", value: (one) => one.kind, width: 90 },
  { id: "trustPercent", header: "Trust", unit: "%", value: (one) => one.trustPercent, align: "end", width: 90 },
  { id: "objects", header: "Objects", value: (one) => one.health?.objects, align: "end", width: 100 },
  { id: "documents", header: "Documents", value: (one) => one.health?.documents, align: "end", width: 110 },
  { id: "touching", header: "Touch us", value: (one) => one.health?.touching, align: "end", width: 100 },
  {
    id: "falsePositives",
    header: "Doubted",
    value: (one) => one.health?.falsePositives,
    align: "end",
    width: 130,
  },
  {
    id: "day",
    header: "Last day",
    unit: "objects",
    value: (one) => one.health?.objectsLastDay,
    align: "end",
    width: 130,
  },
  {
    id: "lastReceivedAt",
    header: "Last received",
    value: (one) => one.health?.lastReceivedAt,
    cell: (one) =>
      one.health?.lastReceivedAt ? (
        <Time at={one.health.lastReceivedAt} as="age" />
      ) : (
        <span className="dimmed">never</span>
      ),
    width: 130,
  },
  { id: "tlpDefault", header: "Unmarked is", value: (one) => TLP_WORDS[one.tlpDefault], width: 130, isExtra: true },
  { id: "licence", header: "Licence", value: (one) => one.licence, width: 140, isExtra: true },
];

function Sources({ view, onView }: { view: TableView; onView: (view: TableView) => void }) {
  const { state } = useAnswer(intel.listSources, {});
  const health = useAnswer(intelObject.listSourceHealth, {}).state;
  const byId = new Map(health.kind === "ready" ? health.value.items.map((one) => [one.id, one]) : []);
  return (
    <DataTable
      caption="Sources"
      columns={SOURCE_COLUMNS}
      state={mapState(state, ({ items }) => items.map((one) => ({ ...one, health: byId.get(one.id) })))}
      rowId={(one) => one.id}
      empty={{
        what: "Channels that intelligence comes by would be listed here: a sharing centre, a vendor, your own people. Add one, then bring something in.",
      }}
      view={view}
      onView={onView}
    />
  );
}

const DOCUMENT_COLUMNS: readonly Column<intelDocument.DocumentLine>[] = [
  { id: "title", header: "Title", value: (one) => one.title },
  { id: "name", header: "Name", value: (one) => one.name.split(" ").at(-1), width: 180 },
  { id: "version", header: "Version", value: (one) => one.version, width: 110 },
  { id: "kind", header: "Kind", value: (one) => DOCUMENT_WORDS[one.kind], width: 190 },
  { id: "tlp", header: "Handling", value: (one) => TLP_WORDS[one.tlp], width: 150 },
  { id: "source", header: "Came by", value: (one) => one.source, width: 160 },
  {
    id: "receivedAt",
    header: "Received",
    value: (one) => one.receivedAt,
    cell: (one) => <Time at={one.receivedAt} as="age" />,
    width: 110,
  },
];

function Documents(props: {
  kind: keyof typeof DOCUMENT_WORDS | undefined;
  onKind: (kind: keyof typeof DOCUMENT_WORDS | undefined) => void;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const { state, more } = useListing(intelDocument.listDocuments, {
    query: { ...defined({ kind: props.kind }), limit: 200 },
  });
  return (
    <DataTable
      caption="Documents"
      columns={DOCUMENT_COLUMNS}
      state={state}
      more={more}
      rowId={(one) => one.id}
      onOpen={(one) => one.lead !== null && window.location.assign(`/share/intel/${one.lead}`)}
      empty={{
        what: "Advisories in CSAF 2.0, the catalogue of exploited vulnerabilities and warninglists would be listed here, each in its newest version.",
      }}
      view={props.view}
      onView={props.onView}
      actions={
        <WordFilter name="Kind" any="Every kind" words={DOCUMENT_WORDS} value={props.kind} onChange={props.onKind} />
      }
    />
  );
}

const OBJECT_COLUMNS: readonly Column<intel.ObjectLine>[] = [
  { id: "label", header: "Object", value: (one) => one.label },
  { id: "type", header: "Type", value: (one) => kindWord(one.type), width: 170 },
  { id: "tlp", header: "Handling", value: (one) => TLP_WORDS[one.tlp], width: 170 },
  { id: "sources", header: "Came by", value: (one) => one.sources.join(", "), width: 220 },
  { id: "revoked", header: "Revoked", value: (one) => (one.revoked ? "revoked" : ""), width: 100 },
  {
    id: "receivedAt",
    header: "Received",
    value: (one) => one.receivedAt,
    cell: (one) => <Time at={one.receivedAt} as="age" />,
    width: 110,
  },
];

function Objects({ view, onView }: { view: TableView; onView: (view: TableView) => void }) {
  const { state, more } = useListing(intel.listObjects, { query: { limit: 200 } });
  return (
    <DataTable
      caption="STIX objects"
      columns={OBJECT_COLUMNS}
      state={state}
      more={more}
      rowId={(one) => one.id}
      href={(one) => `/share/intel/${encodeURIComponent(one.id)}`}
      empty={{
        what: "Objects of STIX 2.1 bundles and of TAXII collections would be listed here, the newest version of each.",
      }}
      view={view}
      onView={onView}
    />
  );
}

const FIELDS: readonly Field[] = [
  { kind: "text", name: "name", label: "Name", required: true, isWide: true },
  {
    kind: "choice",
    name: "kind",
    label: "Kind",
    required: true,
    choices: intel.SOURCE_KINDS.map((value) => ({ value, label: value })),
  },
  {
    kind: "number",
    name: "trustPercent",
    label: "Trust",
    unit: "%",
    hint: "How much what comes by it is believed, 0 to 100.",
    required: true,
  },
  { kind: "text", name: "licence", label: "Licence", hint: "Under which terms it may be used." },
  {
    kind: "choice",
    name: "tlpDefault",
    label: "Unmarked is handled as",
    required: true,
    choices: intel.TLP_LEVELS.map((value) => ({ value, label: TLP_WORDS[value] })),
  },
];

function AddSource({ onDone }: { onDone: () => void }) {
  const { act, failure, fields } = useAct(intel.addSource);
  return (
    <FieldForm
      schema={schemaOf(intel.addSource)}
      fields={FIELDS}
      initial={{ kind: "file", trustPercent: 50, tlpDefault: "amber" }}
      act="Add the source"
      failure={failure}
      refused={fields}
      onSend={async (body) => {
        const done = await act({ body });
        if (done.ok) onDone();
        return done.ok;
      }}
    />
  );
}

/** One file in: what it is, is seen in it. */
function BringIn() {
  const { state } = useAnswer(intel.listSources, {});
  const mayNot = useRefusal("intel:write");
  const sources =
    state.kind === "ready"
      ? state.value.items.filter(({ kind }) => kind === "file" || kind === "partner" || kind === "local")
      : [];
  const [chosen, setChosen] = useState<string>();
  const [told, setTold] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);
  const source = sources.find(({ id }) => id === chosen) ?? sources[0];
  const send = async (file: File | null) => {
    if (!file || !source) return;
    setFailure(undefined);
    setTold(undefined);
    setBusy(true);
    try {
      setTold(await bringIn(file, source.id));
      await queryClient.invalidateQueries();
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setBusy(false);
    }
  };
  const refusal =
    mayNot ?? (sources.length === 0 ? "Add a source first: what comes in says by which channel it came" : undefined);
  return (
    <div role="group" aria-label="Bring in a file" className={styles.intake}>
      {sources.length > 1 && (
        <WordFilter
          name="Source of the file"
          any={`From ${sources[0]?.name ?? ""}`}
          words={Object.fromEntries(sources.slice(1).map(({ id, name }) => [id, `From ${name}`]))}
          value={chosen}
          onChange={setChosen}
        />
      )}
      {refusal === undefined ? (
        <FileButton accept=".json,.stix" onChange={(file) => void send(file)}>
          {(props) => (
            <Button {...props} variant="default" loading={isBusy}>
              Bring in a file
            </Button>
          )}
        </FileButton>
      ) : (
        <RefusableButton refusal={refusal} onClick={() => undefined}>
          Bring in a file
        </RefusableButton>
      )}
      <p className="dimmed" role="status">
        {told ?? "A STIX 2.1 bundle, a CSAF 2.0 advisory, a KEV catalogue or a MISP warninglist."}
      </p>
      {failure && <Failed failure={failure} />}
    </div>
  );
}

async function bringIn(file: File, source: string): Promise<string> {
  const isDocument =
    /"(document|catalogVersion|list)"\s*:/.test(await file.slice(0, 100_000).text()) &&
    !/"type"\s*:\s*"bundle"/.test(await file.slice(0, 2_000).text());
  if (isDocument) {
    const { body } = await api.upload(
      intelDocument.importDocument,
      { query: { source } },
      { content: file, contentType: "application/octet-stream" },
    );
    return `${body.name} ${body.version}: ${body.outcome.replace("-", " ")}`;
  }
  const { body } = await api.upload(
    intel.importBundle,
    { query: { source } },
    { content: file, contentType: "application/stix+json" },
  );
  const refused = body.refused.length + body.refusedMore;
  return `${body.added} objects taken${refused > 0 ? `, ${refused} refused: ${body.refused[0]?.message ?? ""}` : ""}`;
}
