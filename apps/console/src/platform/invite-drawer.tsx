/** Inviting someone: name, address, roles; then the link to hand over, once. */
import { people } from "@holdfast/api";
import { useState } from "react";
import { schemaOf, useAct } from "../shell/queries.ts";
import { SideDrawer } from "../ui/drawer.tsx";
import { FieldForm } from "../ui/form/field-form.tsx";
import type { Field } from "../ui/form/field.ts";
import { SecretOnce } from "../ui/secret-once.tsx";
import { Time } from "../ui/time.tsx";
import { absoluteLink } from "./absolute-link.ts";
import { NAME_FIELD, ROLES_FIELD } from "./role-fields.ts";

const FIELDS: readonly Field[] = [
  NAME_FIELD,
  { kind: "text", type: "email", name: "email", label: "E-mail address", required: true, isWide: true },
  ROLES_FIELD,
];

export function InviteDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <SideDrawer title="Invite someone" opened={opened} onClose={onClose}>
      <InviteForm />
    </SideDrawer>
  );
}

function InviteForm() {
  const [invited, setInvited] = useState<{ name: string; link: string; endsAt: string }>();
  const { act, failure, fields } = useAct(people.invitePerson);
  if (invited)
    return (
      <SecretOnce name="link" secret={invited.link}>
        Give this link to {invited.name} by a way you trust. It works once, ends <Time at={invited.endsAt} />, and is
        not shown again.
      </SecretOnce>
    );
  return (
    <FieldForm
      schema={schemaOf(people.invitePerson)}
      fields={FIELDS}
      initial={{ roles: ["viewer"] }}
      act="Make the link"
      failure={failure}
      refused={fields}
      onSend={async (body) => {
        const done = await act({ body });
        if (done.ok) setInvited({ name: body.name, link: absoluteLink(done.body.link), endsAt: done.body.endsAt });
        return done.ok;
      }}
    />
  );
}
