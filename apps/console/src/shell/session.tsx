/** Who is signed in and what they may ask for, for every page below the shell. */
import { account } from "@holdfast/api";
import type { Action } from "@holdfast/access";
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { api } from "./api.ts";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => api.call(account.getMe, {}, { signal }).then((answer) => answer.body),
  staleTime: 60_000,
});

const MeContext = createContext<account.Me | undefined>(undefined);

export function SessionProvider({ children }: { children: ReactNode }) {
  const { data } = useSuspenseQuery(meQuery);
  return <MeContext value={data}>{children}</MeContext>;
}

export function useMe(): account.Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("this page is shown outside the shell");
  return me;
}

/** Whether the reader may do `action`, for what is shown to those only who may. */
export function useMay(action: Action): boolean {
  return useMe().actions.includes(action);
}

/** Why the reader may not do `action`, as a sentence for a disabled control; undefined when they may. */
export function useRefusal(action: Action): string | undefined {
  const { actions, roles } = useMe();
  if (actions.includes(action)) return undefined;
  return `Needs the right ${action}, which your roles (${roles.join(", ") || "none"}) do not give`;
}
