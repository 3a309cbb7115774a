/** One person: name, roles, whether they may sign in, and a new way in for someone who lost theirs. */
import type { Role } from "@holdfast/access";
import { people } from "@holdfast/api";
import { Button, Checkbox, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAct, useAnswer } from "../shell/queries.ts";
import { useRefusal } from "../shell/session.tsx";
import { ConfirmDestructive } from "../ui/confirm-destructive.tsx";
import { OnRecord } from "../prove/evidence.tsx";
import { SideDrawer } from "../ui/drawer.tsx";
import styles from "../ui/form.module.css";
import { Failed, Loaded } from "../ui/notice.tsx";
import { RefusableButton } from "../ui/refusable.tsx";
import { SecretOnce } from "../ui/secret-once.tsx";
import { Time } from "../ui/time.tsx";
import { absoluteLink } from "./absolute-link.ts";
import { RoleChoice } from "./role-choice.tsx";

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

function PersonForm({ person, etag, onDone }: { person: people.Person; etag: string | undefined; onDone: () => void }) {
  const [name, setName] = useState(person.name);
  const [roles, setRoles] = useState<Role[]>([...person.roles]);
  const [isDisabled, setDisabled] = useState(person.state === "disabled");
  const { act, isBusy, failure, fields } = useAct(people.editPerson);
  const refusal = useRefusal("people:manage");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const params = { personId: person.id };
    const done = await act({ params, body: { name, roles, disabled: isDisabled } }, etag ? { ifMatch: etag } : {});
    if (done.ok) onDone();
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <p className="dimmed">
        {person.email}, since <Time at={person.createdAt} />
      </p>
      <TextInput
        label="Name"
        required
        value={name}
        error={fields["name"]}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <RoleChoice chosen={roles} onChoose={setRoles} />
      <Checkbox
        label="May not sign in"
        description="Ends their sessions and tokens at once; what they did stays recorded."
        checked={isDisabled}
        onChange={(event) => setDisabled(event.currentTarget.checked)}
      />
      {failure && <Failed failure={failure} />}
      <div className={styles.actions}>
        {refusal === undefined ? (
          <Button type="submit" loading={isBusy}>
            Save
          </Button>
        ) : (
          <RefusableButton refusal={refusal} onClick={() => undefined}>
            Save
          </RefusableButton>
        )}
      </div>
      <NewWayIn person={person} refusal={refusal} />
    </form>
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
        consequence="Their sessions end at once, and their password no longer works when the link has been used."
        onConfirm={confirm}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
