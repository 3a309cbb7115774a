/** One person: name, roles, whether they may sign in, and a new way in for someone who lost theirs. */
import { people } from "@holdfast/api";
import { useState } from "react";
import { schemaOf, useAct, useAnswer } from "../shell/queries.ts";
import { useRefusal } from "../shell/session.tsx";
import { ConfirmDestructive } from "../ui/confirm-destructive.tsx";
import { OnRecord } from "../prove/evidence.tsx";
import { SideDrawer } from "../ui/drawer.tsx";
import { FieldForm } from "../ui/form/field-form.tsx";
import type { Field } from "../ui/form/field.ts";
import styles from "../ui/form.module.css";
import { Loaded } from "../ui/notice.tsx";
import { RefusableButton } from "../ui/refusable.tsx";
import { SecretOnce } from "../ui/secret-once.tsx";
import { Time } from "../ui/time.tsx";
import { absoluteLink } from "./absolute-link.ts";
import { NAME_FIELD, ROLES_FIELD } from "./role-fields.ts";

export function PersonDrawer({ person, onClose }: { person: people.Person; onClose: () => void }) {
  const { state, etag } = useAnswer(people.getPerson, { params: { personId: person.id } });
  return (
    <SideDrawer title={person.name} opened onClose={onClose}>
      <Loaded state={state}>
        {(current) => (
          <>
            <PersonForm key={current.version} person={current} etag={etag} onDone={onClose} />
            <OnRecord
              subjects={[`urn:uuid:${current.id}`]}
              nothing="Roles given to them go on record by identifier, never by name."
            />
          </>
        )}
      </Loaded>
    </SideDrawer>
  );
}

const FIELDS: readonly Field[] = [
  NAME_FIELD,
  ROLES_FIELD,
  {
    kind: "flag",
    name: "disabled",
    label: "May not sign in",
    hint: "Ends their sessions and tokens at once; what they did stays recorded.",
    isWide: true,
  },
];

function PersonForm({ person, etag, onDone }: { person: people.Person; etag: string | undefined; onDone: () => void }) {
  const { act, failure, fields } = useAct(people.editPerson);
  const refusal = useRefusal("people:manage");
  return (
    <div className={styles.form}>
      <p className="dimmed">
        {person.email}, since <Time at={person.createdAt} />
      </p>
      <FieldForm
        schema={schemaOf(people.editPerson)}
        fields={FIELDS}
        initial={{ name: person.name, roles: person.roles, disabled: person.state === "disabled" }}
        act="Save"
        refusal={refusal}
        failure={failure}
        refused={fields}
        onSend={async (body) => {
          const done = await act({ params: { personId: person.id }, body }, etag ? { ifMatch: etag } : {});
          if (done.ok) onDone();
          return done.ok;
        }}
      />
      <NewWayIn person={person} refusal={refusal} />
    </div>
  );
}

function NewWayIn({ person, refusal }: { person: people.Person; refusal: string | undefined }) {
  const [isAsking, setAsking] = useState(false);
  const [link, setLink] = useState<string>();
  const { act } = useAct(people.resetPerson);
  const confirm = async () => {
    const done = await act({ params: { personId: person.id } });
    if (!done.ok) return done.failure;
    setLink(absoluteLink(done.body.link));
    return undefined;
  };
  if (link)
    return (
      <SecretOnce name="link" secret={link}>
        Give this link to {person.name} by a way you trust. It works once and is not shown again.
      </SecretOnce>
    );
  return (
    <>
      <div>
        <RefusableButton variant="default" refusal={refusal} onClick={() => setAsking(true)}>
          New set-up link
        </RefusableButton>
      </div>
      <ConfirmDestructive
        opened={isAsking}
        action={`Make a new set-up link for ${person.name}`}
        consequence="Their sessions, password, passkeys and API tokens end at once."
        onConfirm={confirm}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
