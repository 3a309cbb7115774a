/**
 * Adding or editing one registry object of any kind: its fields, the evidence, what is wrong at which field, a guard against
 * leaving with unsaved changes, and, when someone else was faster, both people's changes joined.
 */
import type { Input, registry, Route } from "@holdfast/api";
import { assert } from "@holdfast/kernel";
import { Button } from "@mantine/core";
import { type FormEvent, useRef, useState } from "react";
import { api } from "../../shell/api.ts";
import { schemaOf, useAct } from "../../shell/queries.ts";
import { UnsavedGuard } from "../../shell/unsaved-guard.tsx";
import { useAnnounce } from "../../ui/announcer.tsx";
import { Fields } from "../../ui/form/fields.tsx";
import { type Faults, type Field, mergeValues, type Values, valuesOf } from "../../ui/form/field.ts";
import { schemaFaults } from "../../ui/form/schema.ts";
import { useForm } from "../../ui/form/use-form.ts";
import { useFollow } from "../../ui/follow.tsx";
import layout from "../../ui/form.module.css";
import type { Failure } from "../../ui/load-state.ts";
import { Failed } from "../../ui/notice.tsx";
import { useReading } from "../../ui/reading.tsx";
import { EVIDENCE_FIELD } from "./evidence-field.ts";
import { KIND_FIELDS } from "./kind-fields.ts";
import { aKind, type AnyObject, KIND_ROUTES, nameOf, shownAt } from "./kind-routes.ts";
import { WithReferences } from "./references.tsx";
import { today } from "./today.ts";

export interface RecordFormProps {
  readonly kind: registry.ObjectKind;
  /** The fields to begin with. */
  readonly initial: Readonly<Record<string, unknown>>;
  /** What is edited; a new object when absent. */
  readonly edited?: { readonly id: string; readonly etag: string; readonly body: Readonly<Record<string, unknown>> };
}

export function RecordForm({ kind, initial, edited }: RecordFormProps) {
  const fields: readonly Field[] = [...KIND_FIELDS[kind], EVIDENCE_FIELD];
  const reading = useReading();
  const follow = useFollow();
  const announce = useAnnounce();
  const isSaved = useRef(false);
  const [etag, setEtag] = useState(edited?.etag ?? "");
  const [joined, setJoined] = useState<readonly Field[]>();
  const evidence = { observedAt: today(reading) };
  const [first] = useState(() => valuesOf(fields, { ...initial, evidence }));
  const routes = KIND_ROUTES[kind];
  const route = edited ? routes.edit : routes.create;
  const { act, isBusy, failure, fields: refused, reset } = useAct(route);
  const form = useForm({ fields, initial: first, check: (body) => schemaFaults(schemaOf(route), body), refused });
  // what stands there at first may itself be a change: the values of an older version
  const isChanged = form.isDirty || (edited !== undefined && initial !== edited.body);

  const save = async () => {
    const body = form.read();
    if (!body) return;
    const done = edited
      ? await act({ params: { id: edited.id }, body }, { ifMatch: etag })
      : await act({ params: undefined, body });
    if (!done.ok) return form.focusFault();
    const saved = done.body as AnyObject & { readonly labels: Readonly<Record<string, string>> }; // what every kind answers
    isSaved.current = true;
    announce(`${nameOf(kind, saved, saved.labels)} ${edited ? "changed" : "added"}`);
    follow(shownAt(kind, saved));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  const join = async () => {
    if (!edited) return;
    const newest = await readNewest(routes.get, edited.id);
    const theirs: Values = { ...valuesOf(fields, newest.body), evidence: form.base["evidence"] ?? "" };
    const { values, both } = mergeValues(fields, { base: form.base, mine: form.values, theirs });
    form.setValues(values);
    form.setBase(theirs);
    setEtag(newest.etag);
    setJoined(both);
    reset();
  };
  return (
    <WithReferences>
      <form ref={form.holder} className={layout.form} noValidate onSubmit={submit} aria-label={formName(kind, edited)}>
        <Fields fields={fields} values={form.values} faults={form.faults} onChange={form.setValues} />
        {Object.keys(form.faults).length > 0 && !failure && (
          <p role="alert">{countText(form.faults)} to be corrected above.</p>
        )}
        {failure && <Refused failure={failure} onJoin={() => void join()} />}
        {joined && <Joined both={joined} />}
        <div className={layout.actions}>
          <Button type="submit" loading={isBusy}>
            {edited ? "Save" : `Add the ${kind}`}
          </Button>
          <Button variant="default" onClick={() => (history.length > 1 ? history.back() : follow("/"))}>
            Cancel
          </Button>
          {edited && !isChanged && <span className="dimmed">Nothing is changed yet.</span>}
        </div>
      </form>
      <UnsavedGuard isOn={() => form.isDirty && !isSaved.current} />
    </WithReferences>
  );
}

function formName(kind: registry.ObjectKind, edited: object | undefined): string {
  return edited ? `Edit ${aKind(kind)}` : `Add ${aKind(kind)}`;
}

function countText(faults: Faults): string {
  const count = Object.keys(faults).length;
  return count === 1 ? "1 field is" : `${count} fields are`;
}

function Refused({ failure, onJoin }: { failure: Failure; onJoin: () => void }) {
  if (failure.code !== "http/precondition-failed") return <Failed failure={failure} />;
  const nextStep = "Join both: what only they changed comes in, what you changed stays. Nothing is saved yet.";
  return (
    <div>
      <Failed failure={{ ...failure, message: "someone changed it since you opened it", nextStep }} />
      <Button variant="default" onClick={onJoin}>
        Join both changes
      </Button>
    </div>
  );
}

function Joined({ both }: { both: readonly Field[] }) {
  return (
    <p role="status">
      Their changes are in.{" "}
      {both.length === 0
        ? "Nobody changed what the other did: save again."
        : `You both changed ${both.map(({ label }) => label).join(", ")}: yours stands there now. Look, and save again.`}
    </p>
  );
}

/** Asked beside the cache: a form must not change under the hands of whoever fills it in. */
async function readNewest(route: Route, id: string): Promise<{ body: AnyObject; etag: string }> {
  const input: Input<Route> = { params: { id }, body: undefined };
  const { body, etag } = await api.call(route, input);
  assert(etag !== undefined, `\`${route.id}\` answered without an ETag`);
  return { body: body as AnyObject, etag }; // what every kind answers
}
