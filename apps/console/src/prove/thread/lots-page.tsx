/** Finding a lot, serial or shipment by its identifier, and those that were seen last. */
import { custody } from "@holdfast/api";
import { Button, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useListing } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useDraft } from "../../ui/draft.ts";
import { useFollow } from "../../ui/follow.tsx";
import { Page } from "../../ui/page.tsx";
import { Badge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { WordFilter } from "../../know/registry/filters.tsx";
import { LEVEL_WORDS, thingHref } from "./words.ts";
import styles from "./lots-page.module.css";

const route = getRouteApi("/shell/prove/lots");
const LEVELS = { lot: "Lots", instance: "Serials and shipments", product: "Products without a lot" } as const;
const COMMIT_MS = 400;

const COLUMNS: readonly Column<custody.KnownThing>[] = [
  { id: "label", header: "Thing", value: (one) => one.label, width: 330 },
  { id: "level", header: "What it is", value: (one) => LEVEL_WORDS[one.level], width: 130 },
  {
    id: "seen",
    header: "Last seen",
    value: (one) => one.lastSeenAt,
    cell: (one) => <Time at={one.lastSeenAt} />,
    width: 180,
  },
  { id: "site", header: "Where", value: (one) => one.lastSite },
  { id: "events", header: "Events", value: (one) => one.events, align: "end", width: 80 },
  {
    id: "findings",
    header: "Open findings",
    value: (one) => one.openFindings,
    cell: (one) =>
      one.openFindings === 0 ? (
        <span className="dimmed">0</span>
      ) : (
        <Badge tone="attention" word={String(one.openFindings)} />
      ),
    align: "end",
    width: 140,
  },
];

export function LotsPage() {
  const { level = "lot", text, ...view } = route.useSearch();
  const change = useSearchChange();
  const [draft, setDraft] = useDraft(text ?? "", (next) => change({ text: next.trim() || undefined }), COMMIT_MS);
  const query = { ...(level === "every" ? {} : { level }), ...(text ? { text } : {}) };
  const { state, more } = useListing(custody.listThings, { query });
  return (
    <Page
      title="Where did this lot come from?"
      meaning="Any identifier that events name opens its page: its pedigree back to the mine and forward to every product."
    >
      <Opener />
      <DataTable
        caption="Lots, serials and shipments"
        columns={COLUMNS}
        state={state}
        more={more}
        rowId={(one) => one.id}
        href={(one) => thingHref(one.id)}
        empty={
          text
            ? { what: `No identifier holds \`${text}\`.` }
            : {
                what: "Lots would be listed here once events name them. Any partner's EPCIS system can send events to /epcis/capture.",
                start: <a href="/prove/captures">Look at what was captured</a>,
              }
        }
        view={view}
        onView={(next) => change({ ...next })}
        actions={
          <>
            <WordFilter
              name="What it is"
              any="Lots"
              words={{ instance: LEVELS.instance, product: LEVELS.product, every: "Everything" }}
              value={level === "lot" ? undefined : level}
              onChange={(next) => change({ level: next })}
            />
            <TextInput
              aria-label="Part of the identifier"
              placeholder="Part of the identifier"
              w={220}
              value={draft}
              onChange={(event) => setDraft(event.currentTarget.value)}
            />
          </>
        }
      />
    </Page>
  );
}

function Opener() {
  const follow = useFollow();
  const [id, setId] = useState("");
  const open = (event: FormEvent) => {
    event.preventDefault();
    if (id.trim() !== "") follow(thingHref(id.trim()));
  };
  return (
    <form className={styles.opener} onSubmit={open}>
      <TextInput
        label="Identifier"
        description="An EPC URN or a GS1 Digital Link, as it is on the label or in a document"
        placeholder="urn:epc:class:lgtin:… or https://id.gs1.org/01/…/10/…"
        className={styles.field}
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
      />
      <Button type="submit">Open</Button>
    </form>
  );
}
