/** The reader's own API tokens: scoped, ending by themselves, their secret shown once. */
import { token } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useAct, useAnswer } from "../shell/queries.ts";
import { useSearchChange } from "../shell/table-search.ts";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/data-table.tsx";
import { Button } from "@mantine/core";
import { ConfirmDestructive } from "../ui/confirm-destructive.tsx";
import { mapState } from "../ui/load-state.ts";
import { Page } from "../ui/page.tsx";
import { Time } from "../ui/time.tsx";
import { endColumn, lastUsedColumn } from "./credential-columns.tsx";
import { TokenDrawer } from "./token-drawer.tsx";

const route = getRouteApi("/shell/tokens");

export function TokensPage() {
  const view = route.useSearch();
  const change = useSearchChange();
  const { state } = useAnswer(token.listTokens, {});
  const [isMaking, setMaking] = useState(false);
  const [ending, setEnding] = useState<token.Token>();
  const { act } = useAct(token.revokeToken);
  const columns: readonly Column<token.Token>[] = [
    { id: "name", header: "Name", value: (one) => one.name },
    { id: "scopes", header: "May", value: (one) => one.scopes.join(", "), width: 340 },
    {
      id: "endsAt",
      header: "Ends",
      value: (one) => one.endsAt,
      cell: (one) => <Time at={one.endsAt} />,
      width: 180,
    },
    lastUsedColumn(),
    endColumn<token.Token>({ verb: "End", name: (one) => one.name, onEnd: setEnding }),
  ];
  return (
    <Page
      title="Which machines act in my name?"
      meaning="A token does what it is scoped to and never more than you may. Its secret is shown once."
      actions={<Button onClick={() => setMaking(true)}>Make a token</Button>}
    >
      <DataTable
        caption="API tokens"
        columns={columns}
        state={mapState(state, (answer) => answer.items)}
        rowId={(one) => one.id}
        empty={{ what: "Your tokens would be listed here. A script or another system signs in with one." }}
        view={view}
        onView={(next) => change({ ...next })}
      />
      <TokenDrawer opened={isMaking} onClose={() => setMaking(false)} />
      <ConfirmDestructive
        opened={ending !== undefined}
        action={`End the token ${ending?.name ?? ""}`}
        consequence="Whatever uses it is refused from now on. A new token has a new secret."
        onConfirm={async () => {
          if (!ending) return undefined;
          const done = await act({ params: { tokenId: ending.id } });
          return done.ok ? undefined : done.failure;
        }}
        onClose={() => setEnding(undefined)}
      />
    </Page>
  );
}
