/** One fact of the registry that has no page of its own, opened from its row: what it rests on, and what may be done with it. */
import type { registry } from "@holdfast/api";
import { IconFileSearch } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useAnswer } from "../../shell/queries.ts";
import { useMay } from "../../shell/session.tsx";
import { defined } from "../../shell/search-params.ts";
import type { Column } from "../../table/column.ts";
import { SideDrawer } from "../../ui/drawer.tsx";
import { Facts } from "../../ui/facts.tsx";
import layout from "../../ui/form.module.css";
import { Loaded } from "../../ui/notice.tsx";
import { Time } from "../../ui/time.tsx";
import { useAsOf } from "../as-of/as-of.tsx";
import icon from "../registry/evidence.module.css";
import { type AnyObject, KIND_ROUTES, nameOf } from "./kind-routes.ts";
import { ObjectActions } from "./object-actions.tsx";

/** Opens rows of `kind`: for Enter on a row, the button in its last column, and the drawer itself. */
export function useRecordDrawer(kind: registry.ObjectKind) {
  const [id, setId] = useState<string>();
  const drawer = (
    <SideDrawer title={`What the ${kind} rests on`} opened={id !== undefined} onClose={() => setId(undefined)}>
      {id !== undefined && <Record kind={kind} id={id} />}
    </SideDrawer>
  );
  return { open: setId, drawer };
}

export function evidenceColumn<Row>(open: (row: Row) => void, name: (row: Row) => string): Column<Row> {
  return {
    id: "evidence",
    header: "Evidence",
    sortable: false,
    value: () => undefined,
    cell: (row) => (
      <button type="button" className={icon.button} aria-label={`Evidence for ${name(row)}`} onClick={() => open(row)}>
        <IconFileSearch size={14} aria-hidden />
      </button>
    ),
    width: 90,
  };
}

type Answered = AnyObject & {
  readonly state: (typeof registry.OBJECT_STATES)[number];
  readonly labels: Readonly<Record<string, string>>;
  readonly evidence: registry.Evidence;
  readonly recordedAt: string;
  readonly recordedBy: string;
  readonly note?: string;
};

interface Version {
  readonly version: number;
  readonly recordedAt: string;
  readonly recordedBy: string;
  readonly changed: readonly string[];
}

const VERSIONS_SHOWN = 20; // the newest; facts of this kind seldom have more

/** What each version changed, newest first, with the way back to its values. */
function Versions({ kind, id }: { kind: registry.ObjectKind; id: string }) {
  const may = useMay("registry:write");
  const input = { params: { id }, query: { limit: VERSIONS_SHOWN }, body: undefined };
  const { state } = useAnswer(KIND_ROUTES[kind].history, input);
  return (
    <Loaded state={state}>
      {(value) => {
        const { items } = value as { items: readonly Version[] }; // what every kind answers
        return (
          <Facts
            label="Versions"
            facts={items.map((one, i) => ({
              label: `Version ${one.version}`,
              value: (
                <>
                  <Time at={one.recordedAt} />, {one.recordedBy}
                  <div>{one.version === 1 ? "added" : `changed: ${one.changed.join(", ") || "its state"}`}</div>
                  {may && i > 0 && (
                    <a href={`/know/edit/${kind}/${id}?version=${one.version}`}>Bring these values back</a>
                  )}
                </>
              ),
            }))}
          />
        );
      }}
    </Loaded>
  );
}

function Record({ kind, id }: { kind: registry.ObjectKind; id: string }): ReactNode {
  const asOf = useAsOf();
  const input = { params: { id }, query: defined({ asOf }), body: undefined };
  const { state, etag } = useAnswer(KIND_ROUTES[kind].get, input);
  return (
    <Loaded state={state}>
      {(value) => {
        const object = value as Answered; // what every kind answers
        const { evidence } = object;
        return (
          <div className={layout.form}>
            <h3>{nameOf(kind, object, object.labels)}</h3>
            <Facts
              label="Evidence"
              facts={[
                { label: "Source", value: evidence.source },
                { label: "Observed", value: <Time at={evidence.observedAt} /> },
                { label: "Confidence", value: `${evidence.confidencePercent} %` },
                { label: "Recorded", value: <Time at={object.recordedAt} /> },
                { label: "Recorded by", value: object.recordedBy },
                { label: "Version", value: `${object.version}${object.state === "active" ? "" : `, ${object.state}`}` },
                ...(evidence.note ? [{ label: "Note on it", value: evidence.note }] : []),
                ...(object.note ? [{ label: "Note", value: object.note }] : []),
              ]}
            />
            {object.version > 1 && <Versions kind={kind} id={id} />}
            {asOf === undefined && (
              <div className={layout.actions}>
                <ObjectActions
                  kind={kind}
                  id={id}
                  name={nameOf(kind, object, object.labels)}
                  state={object.state}
                  etag={etag}
                />
              </div>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}
