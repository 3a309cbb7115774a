/** Making an API token: name, what it may do (never more than its maker), for how long; then its secret, once. */
import { type Action, isAction } from "@holdfast/access";
import { token } from "@holdfast/api";
import { Button, Checkbox, NumberInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAct } from "../shell/queries.ts";
import { useMe } from "../shell/session.tsx";
import { SideDrawer } from "../ui/drawer.tsx";
import styles from "../ui/form.module.css";
import { Failed } from "../ui/notice.tsx";
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
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Action[]>([]);
  const [days, setDays] = useState(DAYS_AT_FIRST);
  const [secret, setSecret] = useState<string>();
  const { act, isBusy, failure, fields } = useAct(token.createToken);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act({ body: { name, scopes, days } });
    if (done.ok) setSecret(done.body.secret);
  };
  if (secret)
    return (
      <SecretOnce name="secret" secret={secret}>
        The secret of {name}. Send it as <code>Authorization: Bearer</code>; it is not shown again.
      </SecretOnce>
    );
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <TextInput
        label="Name"
        description="What will use it, so that you know it again."
        required
        value={name}
        error={fields["name"]}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <NumberInput
        label="Days until it ends"
        required
        min={1}
        max={token.TOKEN_DAYS_MAX}
        value={days}
        error={fields["days"]}
        onChange={(value) => setDays(Number(value))}
      />
      <Checkbox.Group
        label="It may"
        error={fields["scopes"]}
        value={scopes}
        onChange={(names) => setScopes(names.filter(isAction))}
      >
        <div className={styles.choices}>
          {actions.map((action) => (
            <Checkbox key={action} value={action} label={action} />
          ))}
        </div>
      </Checkbox.Group>
      {failure && <Failed failure={failure} />}
      <div className={styles.actions}>
        <Button type="submit" loading={isBusy} disabled={scopes.length === 0}>
          Make the token
        </Button>
        {scopes.length === 0 && <span className="dimmed">Choose at least one thing that it may do.</span>}
      </div>
    </form>
  );
}
