/**
 * What someone who may write can do with an object: edit it, retire it with a reason, and take that back. Retiring removes
 * nothing: the object leaves every list and its history stays.
 */
import { registry } from "@holdfast/api";
import { Button } from "@mantine/core";
import { useState } from "react";
import { schemaOf, useAct } from "../../shell/queries.ts";
import { useMay } from "../../shell/session.tsx";
import { useAnnounce } from "../../ui/announcer.tsx";
import { SideDrawer } from "../../ui/drawer.tsx";
import { FieldForm } from "../../ui/form/field-form.tsx";
import layout from "../../ui/form.module.css";
import { Failed } from "../../ui/notice.tsx";
import { useReading } from "../../ui/reading.tsx";
import { EVIDENCE_FIELD, REASON_FIELD } from "./evidence-field.ts";
import { aKind, KIND_ROUTES } from "./kind-routes.ts";
import { today } from "./today.ts";

export interface ObjectActionsProps {
  readonly kind: registry.ObjectKind;
  readonly id: string;
  readonly name: string;
  readonly state: (typeof registry.OBJECT_STATES)[number];
  readonly etag: string | undefined;
}

const CHANGE = schemaOf(registry.organisations.retire); // retirements and their undoing are alike for all kinds
type Change = ReturnType<typeof CHANGE.parse>;

export function ObjectActions({ kind, id, name, state, etag }: ObjectActionsProps) {
  const may = useMay("registry:write");
  const announce = useAnnounce();
  const { now, timeZone } = useReading();
  const [isOpen, setOpen] = useState(false);
  /** What was retired here just now, so that one press takes it back. */
  const [undoable, setUndoable] = useState<Change>();
  const retire = useAct(KIND_ROUTES[kind].retire);
  const reinstate = useAct(KIND_ROUTES[kind].reinstate);
  if (!may || etag === undefined || state === "merged") return null;
  const isActive = state === "active";
  const { act, failure, fields } = isActive ? retire : reinstate;
  const change = async (body: Change) => {
    const done = await act({ params: { id }, body }, { ifMatch: etag });
    if (!done.ok) return false;
    announce(isActive ? `${name} retired` : `${name} taken back into use`);
    setUndoable(isActive ? body : undefined);
    setOpen(false);
    return true;
  };
  const undo = () => {
    if (undoable) void change({ ...undoable, reason: "the retirement is taken back" });
  };
  const words = isActive ? `Retire ${name}` : `Take ${name} back into use`;
  return (
    <>
      {isActive && (
        <Button component="a" href={`/know/edit/${kind}/${id}`} variant="default">
          Edit
        </Button>
      )}
      {!isActive && undoable && (
        <Button variant="default" loading={reinstate.isBusy} onClick={undo}>
          Undo the retirement
        </Button>
      )}
      <Button variant="default" onClick={() => setOpen(true)}>
        {isActive ? "Retire" : "Take back into use"}
      </Button>
      {!isOpen && reinstate.failure && <Failed failure={reinstate.failure} />}
      <SideDrawer title={words} opened={isOpen} onClose={() => setOpen(false)}>
        <div className={layout.form}>
          <p>
            {isActive
              ? `It leaves every list, search and answer; its history stays. ${capital(aKind(kind))} that others need can't be retired before they are.`
              : "It is in lists and answers again, as it was."}
          </p>
          <FieldForm
            schema={CHANGE}
            fields={[REASON_FIELD, EVIDENCE_FIELD]}
            initial={{ evidence: { observedAt: today({ now, timeZone }) } }}
            act={isActive ? "Retire it" : "Take it back"}
            failure={failure}
            refused={fields}
            onSend={change}
          />
        </div>
      </SideDrawer>
    </>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
