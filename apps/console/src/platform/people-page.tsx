/** People of this node: roles, invitations by one-time link, disabling. */
import { people } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useListing } from "../shell/queries.ts";
import { useRefusal } from "../shell/session.tsx";
import { useSearchChange } from "../shell/table-search.ts";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/data-table.tsx";
import { Page } from "../ui/page.tsx";
import { RefusableButton } from "../ui/refusable.tsx";
import { StateBadge } from "../ui/state-badge.tsx";
import { Time } from "../ui/time.tsx";
import { InviteDrawer } from "./invite-drawer.tsx";
import { PERSON_LOOKS } from "./looks.ts";
import { PersonDrawer } from "./person-drawer.tsx";

const route = getRouteApi("/shell/people");

const COLUMNS: readonly Column<people.Person>[] = [
  { id: "name", header: "Name", value: (person) => person.name },
  { id: "email", header: "E-mail address", value: (person) => person.email, width: 260 },
  { id: "roles", header: "Roles", value: (person) => person.roles.join(", "), width: 220 },
  {
    id: "state",
    header: "State",
    value: (person) => person.state,
    cell: (person) => <StateBadge state={person.state} looks={PERSON_LOOKS} />,
    width: 120,
  },
  {
    id: "lastSignInAt",
    header: "Last sign-in",
    value: (person) => person.lastSignInAt,
    cell: (person) => (person.lastSignInAt ? <Time at={person.lastSignInAt} as="age" /> : "never"),
    width: 130,
  },
];

export function PeoplePage() {
  const view = route.useSearch();
  const change = useSearchChange();
  const { state, more } = useListing(people.listPeople, { query: {} });
  const [opened, setOpened] = useState<people.Person | "invite">();
  const refusal = useRefusal("people:manage");
  const close = () => setOpened(undefined);
  return (
    <Page
      title="Who may use this node, and as what?"
      meaning="Roles say what someone may ask for. An invitation is a link that works once."
      actions={
        <RefusableButton refusal={refusal} onClick={() => setOpened("invite")}>
          Invite someone
        </RefusableButton>
      }
    >
      <DataTable
        caption="People"
        columns={COLUMNS}
        state={state}
        more={more}
        rowId={(person) => person.id}
        onOpen={setOpened}
        empty={{ what: "Everyone with an account would be listed here." }}
        view={view}
        onView={(next) => change({ ...next })}
      />
      <InviteDrawer opened={opened === "invite"} onClose={close} />
      {opened !== undefined && opened !== "invite" && <PersonDrawer person={opened} onClose={close} />}
    </Page>
  );
}
