/** A table's view kept beside the table: for tables inside drawers and chart twins, which have no place in the URL. */
import { useState } from "react";
import type { TableView } from "./column.ts";

export function useLocalView(initial: TableView = {}): { view: TableView; onView: (view: TableView) => void } {
  const [view, onView] = useState(initial);
  return { view, onView };
}
