/** What Ctrl K finds: pages and actions by their words here, objects by the node's own search. */
import { NAVIGATION } from "./navigation.ts";

export interface PaletteEntry {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  readonly do: { readonly href: string } | { readonly run: () => void };
  /** Other words that find it. */
  readonly words?: string;
}

/** Asks somewhere else for entries: one per kind of thing that can be searched. */
export type PaletteSource = (query: string, signal: AbortSignal) => Promise<readonly PaletteEntry[]>;

/** What someone with these actions can add. */
export function addEntries(actions: readonly string[]): PaletteEntry[] {
  if (!actions.includes("registry:write")) return [];
  const kinds = ["organisation", "site", "asset", "item", "recipe", "stock", "capacity", "demand", "route"] as const;
  return kinds.map((kind) => ({
    id: `add ${kind}`,
    label: `Add ${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`,
    detail: "action",
    words: "new create",
    do: { href: `/know/add/${kind}` },
  }));
}

/** The pages that someone with these actions has. */
export function pageEntries(actions: readonly string[]): PaletteEntry[] {
  return NAVIGATION.flatMap((group) =>
    group.pages
      .filter((page) => actions.includes(page.action))
      .map((page) => ({
        id: `page ${page.href}`,
        label: page.label,
        detail: `page, ${group.label}`,
        do: { href: page.href },
        ...(page.words ? { words: page.words } : {}),
      })),
  );
}

/** The entries whose label or words have each word of `query` at the beginning of one of theirs; better places first. */
export function matchEntries(entries: readonly PaletteEntry[], query: string): PaletteEntry[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  return entries
    .map((entry) => ({ entry, score: scoreOf(entry, wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
}

/** 0 when a word is missing; a word of the label counts more than one of the others. */
function scoreOf(entry: PaletteEntry, wanted: readonly string[]): number {
  const label = entry.label.toLowerCase().split(/[\s-]+/);
  const others = `${entry.words ?? ""} ${entry.detail}`.toLowerCase().split(/[\s,-]+/);
  let score = label.join(" ") === wanted.join(" ") ? 2 : 1; // the whole name stands before names that hold it
  for (const word of wanted) {
    if (label.some((part) => part.startsWith(word))) score += 2;
    else if (others.some((part) => part.startsWith(word))) score += 1;
    else return 0;
  }
  return score;
}
