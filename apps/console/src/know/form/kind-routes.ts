/** Which operations each kind of registry object has, what it is called, and where it is shown. */
import { registry, type Route } from "@holdfast/api";
import { objectHref } from "../../shell/object-href.ts";

export type KindRoutes = Readonly<Record<"get" | "create" | "edit" | "retire" | "reinstate" | "history", Route>>;

/** Each kind's own schemas check what goes through these. */
export const KIND_ROUTES: Readonly<Record<registry.ObjectKind, KindRoutes>> = {
  organisation: registry.organisations,
  site: registry.sites,
  asset: registry.assets,
  item: registry.items,
  recipe: registry.recipes,
  stock: registry.stocks,
  capacity: registry.capacities,
  demand: registry.demands,
  route: registry.transportRoutes,
};

export const KIND_LISTS = {
  organisation: { label: "Organisations", href: "/know/organisations" },
  site: { label: "Sites", href: "/know/sites" },
  asset: { label: "Assets", href: "/know/assets" },
  item: { label: "Items", href: "/know/items" },
} as const;

/** `an item`, `a site`. */
export function aKind(kind: registry.ObjectKind): string {
  return `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}

/** A registry object of any kind, as far as all kinds are alike. */
export type AnyObject = Readonly<Record<string, unknown>> & { readonly id: string; readonly version: number };

const TAB_OF = { recipe: "makes", stock: "stocks", capacity: "stocks", demand: "stocks", route: "routes" } as const;

/** The page on which an object is seen: its own, or a tab of the site that it belongs to. */
export function shownAt(kind: registry.ObjectKind, object: AnyObject): string {
  const own = objectHref(kind, object.id);
  if (own !== undefined) return own;
  const tab = kind in TAB_OF ? TAB_OF[kind as keyof typeof TAB_OF] : "facts"; // just looked for
  return `/know/sites/${String(kind === "route" ? object["from"] : object["site"])}?tab=${tab}`;
}

/** What an object is called: its name, or for kinds without one the item and the site that it tells of. */
export function nameOf(kind: registry.ObjectKind, object: AnyObject, labels: Readonly<Record<string, string>>): string {
  const label = (field: string) => labels[String(object[field])] ?? kind;
  if (typeof object["name"] === "string") return object["name"];
  if (kind === "route") return `route from ${label("from")} to ${label("to")}`;
  return `${kind} of ${label("item")} at ${label("site")}`;
}
