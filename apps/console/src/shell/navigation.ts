/** The pages that there are, by pillar. Shown on the left and found with Ctrl K; a pillar without pages is not shown. */
import type { Action } from "@holdfast/access";

export interface NavPage {
  readonly label: string;
  readonly href: string;
  /** Who may not do this would find a forbidden page: it is left out of the navigation. */
  readonly action: Action;
  /** Other words that people look for it by. */
  readonly words?: string;
}

export interface NavGroup {
  readonly label: string;
  /** The pillar's question; none for the node's own pages. */
  readonly question?: string;
  readonly pages: readonly NavPage[];
}

export const NAVIGATION: readonly NavGroup[] = [
  {
    label: "Know",
    question: "What do we depend on, and what happens if it fails?",
    pages: [
      { label: "Overview", href: "/", action: "registry:read", words: "home start" },
      { label: "Sites", href: "/know/sites", action: "registry:read", words: "map mine refinery plant facility" },
      { label: "Organisations", href: "/know/organisations", action: "registry:read", words: "supplier company lei" },
      {
        label: "Items",
        href: "/know/items",
        action: "registry:read",
        words: "product material component look-through",
      },
      { label: "Assets", href: "/know/assets", action: "registry:read", words: "equipment plc firmware vendor zone" },
      { label: "Minerals", href: "/know/minerals", action: "mineral:read", words: "world production share country" },
      { label: "Single sources", href: "/know/single-sources", action: "risk:read", words: "risk only supplier" },
      {
        label: "What stops if …",
        href: "/know/what-if",
        action: "simulation:read",
        words: "scenario simulation outage",
      },
      { label: "Single points", href: "/know/single-points", action: "simulation:read", words: "failure alone spof" },
      { label: "Alternatives", href: "/know/alternatives", action: "simulation:read", words: "replace switch source" },
      { label: "Ranking", href: "/know/ranking", action: "risk:read", words: "expected loss cvar esri measure sites" },
      { label: "Risk register", href: "/know/risks", action: "risk:read", words: "owner treatment accepted" },
      { label: "Plans", href: "/know/plans", action: "investment:read", words: "budget invest buy measures" },
      { label: "Critical facilities", href: "/know/designation", action: "designation:read", words: "tier criteria" },
      { label: "Duplicates", href: "/know/duplicates", action: "registry:read", words: "merge suspects" },
      { label: "Import", href: "/know/import", action: "registry:import", words: "upload csv xlsx excel" },
    ],
  },
  {
    label: "Prove",
    question: "Is it what it claims to be, and who would notice a change?",
    pages: [
      {
        label: "Lots",
        href: "/prove/lots",
        action: "thread:read",
        words: "pedigree trace origin serial shipment batch",
      },
      { label: "Findings", href: "/prove/findings", action: "thread:read", words: "custody gap inbox seal fault" },
      { label: "Mass balance", href: "/prove/balance", action: "thread:read", words: "material element sankey stock" },
      {
        label: "Captures",
        href: "/prove/captures",
        action: "thread:read",
        words: "epcis events subscriptions webhook",
      },
      {
        label: "Ledger",
        href: "/prove/ledger",
        action: "ledger:read",
        words: "statements record proof witnesses checkpoint keys policy fork transparency log evidence",
      },
    ],
  },
  {
    label: "Share",
    question: "What touches us, and what may we tell whom?",
    pages: [
      {
        label: "Touches us",
        href: "/share",
        action: "intel:read",
        words: "threat intelligence advisory cve vulnerability indicator csaf kev today verdict",
      },
      { label: "Sources", href: "/share/sources", action: "intel:read", words: "intake feed health trust upload stix" },
      {
        label: "Collections",
        href: "/share/collections",
        action: "intel:read",
        words: "taxii readers writers exchange",
      },
    ],
  },
  {
    label: "This node",
    pages: [
      { label: "People", href: "/people", action: "people:read", words: "users roles invite" },
      { label: "API tokens", href: "/tokens", action: "token:own", words: "machine key" },
      { label: "Access decisions", href: "/decisions", action: "decision:read", words: "audit log policies" },
      { label: "Jobs", href: "/jobs", action: "job:read", words: "progress running" },
      { label: "My account", href: "/account", action: "account:own", words: "password passkey sessions" },
    ],
  },
];

/** The page that `path` belongs to: the longest of its beginnings. */
export function pageOf(path: string): NavPage | undefined {
  return NAVIGATION.flatMap((group) => group.pages)
    .filter((page) => path === page.href || (page.href !== "/" && path.startsWith(`${page.href}/`)))
    .sort((a, b) => b.href.length - a.href.length)[0];
}
