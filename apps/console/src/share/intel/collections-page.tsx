/** Collections that this node exchanges over TAXII 2.1: who reads them, who writes them, and how strict they may be. */
import { intel } from "@holdfast/api";
import { ROLES } from "@holdfast/access";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { OnRecord } from "../../prove/evidence.tsx";
import { schemaOf, useAct, useAnswer } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { SideDrawer } from "../../ui/drawer.tsx";
import { Facts } from "../../ui/facts.tsx";
import { FieldForm } from "../../ui/form/field-form.tsx";
import type { Field } from "../../ui/form/field.ts";
import { Id } from "../../ui/id.tsx";
import { mapState } from "../../ui/load-state.ts";
import { Page } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { Time } from "../../ui/time.tsx";
import { TLP_WORDS } from "./looks.ts";

const route = getRouteApi("/shell/share/collections");

const COLUMNS: readonly Column<intel.Collection>[] = [
  { id: "title", header: "Collection", value: (one) => one.title },
  { id: "alias", header: "Alias", value: (one) => one.alias, width: 160 },
  { id: "entries", header: "Objects", value: (one) => one.entries, align: "end", width: 100 },
  { id: "readRoles", header: "Readers", value: (one) => one.readRoles.join(", ") || "nobody", width: 200 },
  { id: "writeRoles", header: "Writers", value: (one) => one.writeRoles.join(", ") || "nobody", width: 200 },
  { id: "tlpMax", header: "At most", value: (one) => TLP_WORDS[one.tlpMax], width: 160 },
  {
    id: "createdAt",
    header: "Opened",
    value: (one) => one.createdAt,
    cell: (one) => <Time at={one.createdAt} as="age" />,
    width: 110,
  },
];

export function CollectionsPage() {
  const view = route.useSearch();
  const change = useSearchChange();
  const [isAdding, setAdding] = useState(false);
  const [opened, setOpened] = useState<intel.Collection>();
  const mayNot = useRefusal("intel:manage");
  const { state } = useAnswer(intel.listCollections, {});
  return (
    <Page
      title="What do we exchange, and with whom?"
      meaning="Partners read and write collections with any TAXII 2.1 client. An object stricter than the collection's ceiling never enters it."
      actions={
        <RefusableButton refusal={mayNot} onClick={() => setAdding(true)}>
          Open a collection
        </RefusableButton>
      }
    >
      <DataTable
        caption="Collections"
        columns={COLUMNS}
        state={mapState(state, ({ items }) => items)}
        rowId={(one) => one.id}
        onOpen={setOpened}
        empty={{
          what: "Collections would be listed here: one for each circle that you exchange with. Open one, then give a partner a token with the right intel:exchange.",
        }}
        view={view}
        onView={(next) => change({ ...next })}
      />
      <SideDrawer title="Open a collection" opened={isAdding} onClose={() => setAdding(false)}>
        <AddCollection onDone={() => setAdding(false)} />
      </SideDrawer>
      <SideDrawer
        title={opened?.title ?? "Collection"}
        opened={opened !== undefined}
        onClose={() => setOpened(undefined)}
      >
        {opened && (
          <>
            <Facts
              label="Facts of the collection"
              facts={[
                { label: "For TAXII clients", value: <Id value={opened.taxiiPath} name="path" /> },
                { label: "About", value: opened.description ?? "nothing said" },
                { label: "Opened by", value: opened.createdBy },
              ]}
            />
            <OnRecord
              subjects={[opened.id, `urn:uuid:${opened.id}`]}
              nothing="Each change of its readers and writers would be on record here."
            />
          </>
        )}
      </SideDrawer>
    </Page>
  );
}

const ROLE_CHOICES = ROLES.map((role) => ({ value: role, label: role }));
const FIELDS: readonly Field[] = [
  { kind: "text", name: "title", label: "Title", required: true, isWide: true },
  { kind: "text", name: "alias", label: "Alias", hint: "A second name for URLs, such as magnet-makers." },
  { kind: "paragraph", name: "description", label: "What it is for", isWide: true },
  { kind: "choices", name: "readRoles", label: "Readers", choices: ROLE_CHOICES, required: true },
  { kind: "choices", name: "writeRoles", label: "Writers", choices: ROLE_CHOICES, required: true },
  {
    kind: "choice",
    name: "tlpMax",
    label: "Nothing stricter than",
    required: true,
    choices: intel.TLP_LEVELS.filter((level) => level !== "red").map((value) => ({ value, label: TLP_WORDS[value] })),
  },
];

function AddCollection({ onDone }: { onDone: () => void }) {
  const { act, failure, fields } = useAct(intel.addCollection);
  return (
    <FieldForm
      schema={schemaOf(intel.addCollection)}
      fields={FIELDS}
      initial={{ tlpMax: "amber", readRoles: ["partner"], writeRoles: ["security"] }}
      act="Open the collection"
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
