/** Keeps a page's table view and tab in the URL, replacing rather than adding to the history. */
import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { type RawSearch } from "./search-params.ts";

/** Changes parts of the search of the page shown; undefined takes a part away. */
export function useSearchChange(): (change: RawSearch) => void {
  const navigate = useNavigate();
  return useCallback(
    (change) => {
      // every page's own validateSearch reads what is written here
      void navigate({ to: ".", search: (previous: RawSearch) => ({ ...previous, ...change }) as never, replace: true });
    },
    [navigate],
  );
}
