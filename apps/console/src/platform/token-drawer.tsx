/** Making an API token: name, what it may do (never more than its maker), for how long; then its secret, once. */
import { token } from "@holdfast/api";
import { useMemo, useState } from "react";
import { schemaOf, useAct } from "../shell/queries.ts";
import { useMe } from "../shell/session.tsx";
import { SideDrawer } from "../ui/drawer.tsx";
import { FieldForm } from "../ui/form/field-form.tsx";
import type { Field } from "../ui/form/field.ts";
import { SecretOnce } from "../ui/secret-once.tsx";

const DAYS_AT_FIRST = 90;

export function TokenDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <SideDrawer title="Make a token" opened={opened} onClose={onClose}>
      <TokenForm />
    </SideDrawer>
  );
}

function TokenForm() {
  const { actions } = useMe();
  const [made, setMade] = useState<{ name: string; secret: string }>();
  const { act, failure, fields: refused } = useAct(token.createToken);
  const fields = useMemo(
    (): readonly Field[] => [
      {
        kind: "text",
        name: "name",
        label: "Name",
        hint: "What will use it, so that you know it again.",
        required: true,
        isWide: true,
      },
      { kind: "number", name: "days", label: "Ends after", unit: "d", required: true },
      {
        kind: "choices",
        name: "scopes",
        label: "It may",
        hint: "At least one thing; never more than you may yourself.",
        required: true,
        choices: actions.map((action) => ({ value: action, label: action })),
      },
    ],
    [actions],
  );
  if (made)
    return (
      <SecretOnce name="secret" secret={made.secret}>
        The secret of {made.name}. Send it as <code>Authorization: Bearer</code>; it is not shown again.
      </SecretOnce>
    );
  return (
    <FieldForm
      schema={schemaOf(token.createToken)}
      fields={fields}
      initial={{ days: DAYS_AT_FIRST }}
      act="Make the token"
      failure={failure}
      refused={refused}
      onSend={async (body) => {
        const done = await act({ body });
        if (done.ok) setMade({ name: body.name, secret: done.body.secret });
        return done.ok;
      }}
    />
  );
}
