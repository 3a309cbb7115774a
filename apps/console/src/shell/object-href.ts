/** Where the page of a registry object is. Kinds without a page of their own are shown on the pages of what they belong to. */
import type { registry } from "@holdfast/api";

export function objectHref(kind: registry.ObjectKind, id: string): string | undefined {
  switch (kind) {
    case "site":
      return `/know/sites/${id}`;
    case "organisation":
      return `/know/organisations/${id}`;
    case "item":
      return `/know/items/${id}`;
    case "asset":
      return `/know/assets/${id}`;
    case "recipe":
    case "stock":
    case "capacity":
    case "demand":
    case "route":
      return undefined;
  }
}
