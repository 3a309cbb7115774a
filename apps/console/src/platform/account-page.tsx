/** The reader's own account: sessions, passkeys, password. */
import { account } from "@holdfast/api";
import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { failureOf } from "../shell/failure.ts";
import { schemaOf, useAct, useAnswer } from "../shell/queries.ts";
import { useMe } from "../shell/session.tsx";
import { useSearchChange } from "../shell/table-search.ts";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/data-table.tsx";
import { useLocalView } from "../table/local-view.ts";
import { ConfirmDestructive } from "../ui/confirm-destructive.tsx";
import { useAnnounce } from "../ui/announcer.tsx";
import { Facts } from "../ui/facts.tsx";
import { FieldForm } from "../ui/form/field-form.tsx";
import type { Field } from "../ui/form/field.ts";
import styles from "../ui/form.module.css";
import { type Failure, mapState } from "../ui/load-state.ts";
import { Failed } from "../ui/notice.tsx";
import { Page, Section } from "../ui/page.tsx";
import { Badge } from "../ui/state-badge.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Time } from "../ui/time.tsx";
import { endColumn, lastUsedColumn } from "./credential-columns.tsx";
import { canUsePasskeys, registerPasskey } from "./passkey.ts";

const route = getRouteApi("/shell/account");

export function AccountPage() {
  const me = useMe();
  const { tab = "sessions" } = route.useSearch();
  const change = useSearchChange();
  return (
    <Page title="How do I get in, and where am I signed in?">
      <Facts
        label="Account"
        facts={[
          { label: "Name", value: me.name },
          { label: "E-mail address", value: me.email ?? undefined },
          { label: "Roles", value: me.roles.join(", ") || "none" },
          { label: "This session ends", value: me.sessionEndsAt ? <Time at={me.sessionEndsAt} /> : undefined },
        ]}
      />
      <Tabs
        label="Account"
        tabs={[
          { name: "sessions", label: "Sessions" },
          { name: "passkeys", label: "Passkeys" },
          { name: "password", label: "Password" },
        ]}
        chosen={tab}
        onChoose={(name) => change({ tab: name === "sessions" ? undefined : name })}
      >
        {tab === "sessions" ? <Sessions /> : tab === "passkeys" ? <Passkeys /> : <Password />}
      </Tabs>
    </Page>
  );
}

type Session = ReturnType<typeof account.session.parse>;
type Passkey = ReturnType<typeof account.passkey.parse>;

function Sessions() {
  const { state } = useAnswer(account.listSessions, {});
  const { act, failure } = useAct(account.endSession);
  const view = useLocalView();
  const columns: readonly Column<Session>[] = [
    {
      id: "userAgent",
      header: "Browser",
      value: (one) => one.userAgent,
      cell: (one) => (
        <>
          {one.userAgent} {one.current && <Badge word="this one" tone="active" />}
        </>
      ),
    },
    { id: "address", header: "Address", value: (one) => one.address, width: 150 },
    { id: "method", header: "Signed in by", value: (one) => one.method, width: 120 },
    lastUsedColumn(),
    { id: "endsAt", header: "Ends", value: (one) => one.endsAt, cell: (one) => <Time at={one.endsAt} />, width: 170 },
    endColumn({
      verb: "End",
      name: (one) => `the session at ${one.address}`,
      onEnd: (one) => void act({ params: { sessionId: one.id } }),
    }),
  ];
  return (
    <>
      {failure && <Failed failure={failure} />}
      <DataTable
        caption="Sessions"
        columns={columns}
        state={mapState(state, (answer) => answer.items)}
        rowId={(one) => one.id}
        empty={{ what: "Your sessions would be listed here." }}
        {...view}
      />
    </>
  );
}

function Passkeys() {
  const { state } = useAnswer(account.listPasskeys, {});
  const { act } = useAct(account.removePasskey);
  const [removing, setRemoving] = useState<Passkey>();
  const view = useLocalView();
  const columns: readonly Column<Passkey>[] = [
    { id: "name", header: "Name", value: (one) => one.name },
    {
      id: "createdAt",
      header: "Made",
      value: (one) => one.createdAt,
      cell: (one) => <Time at={one.createdAt} />,
      width: 180,
    },
    lastUsedColumn(),
    endColumn<Passkey>({ verb: "Remove", name: (one) => one.name, onEnd: setRemoving }),
  ];
  return (
    <>
      <AddPasskey />
      <DataTable
        caption="Passkeys"
        columns={columns}
        state={mapState(state, (answer) => answer.items)}
        rowId={(one) => one.id}
        empty={{
          what: "Your passkeys would be listed here. A passkey can't be guessed or phished, and needs no password.",
        }}
        {...view}
      />
      <ConfirmDestructive
        opened={removing !== undefined}
        action={`Remove the passkey ${removing?.name ?? ""}`}
        consequence="It no longer signs you in here. Make sure that you have another way in."
        onConfirm={async () => {
          if (!removing) return undefined;
          const done = await act({ params: { passkeyId: removing.id } });
          return done.ok ? undefined : done.failure;
        }}
        onClose={() => setRemoving(undefined)}
      />
    </>
  );
}

function AddPasskey() {
  const client = useQueryClient();
  const announce = useAnnounce();
  const [name, setName] = useState("");
  const [failure, setFailure] = useState<Failure>();
  const canUse = canUsePasskeys();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFailure(undefined);
    try {
      await registerPasskey(name);
      announce(`passkey ${name} added`);
      setName("");
      await client.invalidateQueries();
    } catch (error) {
      setFailure(failureOf(error));
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <div className={styles.actions}>
        <TextInput
          aria-label="Name of the new passkey"
          placeholder="Name, such as: work laptop"
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!canUse}>
          Add a passkey
        </Button>
        {!canUse && <span className="dimmed">Passkeys need https or localhost, and a browser that knows them.</span>}
      </div>
      {failure && <Failed failure={failure} />}
    </form>
  );
}

const PASSWORD_FIELDS: readonly Field[] = [
  { kind: "secret", name: "current", label: "Password now", autoComplete: "current-password", required: true },
  {
    kind: "secret",
    name: "next",
    label: `New password, at least ${account.PASSWORD_LENGTH_MIN} characters`,
    autoComplete: "new-password",
    required: true,
  },
];

function Password() {
  const announce = useAnnounce();
  const [isDone, setDone] = useState(false);
  const { act, failure, fields } = useAct(account.changePassword);
  return (
    <Section title="Change the password" aside="Ends every other session and all your API tokens.">
      <FieldForm
        schema={schemaOf(account.changePassword)}
        fields={PASSWORD_FIELDS}
        act="Change it"
        failure={failure}
        refused={fields}
        onSend={async (body) => {
          const { ok } = await act({ body });
          setDone(ok);
          if (ok) announce("password changed");
          return ok;
        }}
      >
        {isDone && <span>The password was changed.</span>}
      </FieldForm>
    </Section>
  );
}
