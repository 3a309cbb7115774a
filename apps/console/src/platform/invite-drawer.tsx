/** Inviting someone: name, address, roles; then the link to hand over, once. */
import type { Role } from "@holdfast/access";
import { people } from "@holdfast/api";
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAct } from "../shell/queries.ts";
import { SideDrawer } from "../ui/drawer.tsx";
import styles from "../ui/form.module.css";
import { Failed } from "../ui/notice.tsx";
import { SecretOnce } from "../ui/secret-once.tsx";
import { Time } from "../ui/time.tsx";
import { absoluteLink } from "./absolute-link.ts";
import { RoleChoice } from "./role-choice.tsx";

export function InviteDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <SideDrawer title="Invite someone" opened={opened} onClose={onClose}>
      <InviteForm />
    </SideDrawer>
  );
}

function InviteForm() {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [roles, setRoles] = useState<Role[]>(["viewer"]);
  const [invited, setInvited] = useState<{ link: string; endsAt: string }>();
  const { act, isBusy, failure, fields } = useAct(people.invitePerson);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act({ body: { name, email, roles } });
    if (done.ok) setInvited({ link: absoluteLink(done.body.link), endsAt: done.body.endsAt });
  };
  if (invited)
    return (
      <SecretOnce name="link" secret={invited.link}>
        Give this link to {name} by a way you trust. It works once, ends <Time at={invited.endsAt} />, and is not shown
        again.
      </SecretOnce>
    );
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <TextInput
        label="Name"
        required
        value={name}
        error={fields["name"]}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label="E-mail address"
        type="email"
        required
        value={email}
        error={fields["email"]}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <RoleChoice chosen={roles} onChoose={setRoles} />
      {failure && <Failed failure={failure} />}
      <div className={styles.actions}>
        <Button type="submit" loading={isBusy}>
          Make the link
        </Button>
      </div>
    </form>
  );
}
