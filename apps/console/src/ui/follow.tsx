/** Goes to an address of this program. Blocks know no router: the shell gives its own way, and without one the browser navigates. */
import { createContext, useContext } from "react";

export const FollowContext = createContext<(href: string) => void>((href) => window.location.assign(href));

export function useFollow(): (href: string) => void {
  return useContext(FollowContext);
}
