/**
 * The lines of production that the demo's events follow: which stages of a chain hand lots to each other, and at which
 * sites. Synthetic, like all of the demo world; losses are declared, so that every step adds up.
 */
import type { World } from "./world.ts";
import { CHAINS, type Stage } from "./chain.ts";

/** A chain's main line from the mine to the product, by keys of its stages. */
export const LINES: readonly { readonly key: string; readonly stages: readonly string[] }[] = [
  {
    key: "magnets",
    stages: [
      "re-concentrate",
      "re-carbonate",
      "ndpr-oxide",
      "ndpr-metal",
      "magnet-alloy",
      "sintered-magnet",
      "servo-motor",
    ],
  },
  {
    key: "semiconductors",
    stages: ["zinc-concentrate", "zinc-residue", "germanium-dioxide", "germanium-metal", "ir-lens", "thermal-camera"],
  },
  {
    key: "semiconductors",
    stages: ["bauxite", "alumina-liquor", "crude-gallium", "pure-gallium", "gaas-wafer", "rf-module"],
  },
  {
    key: "tools",
    stages: [
      "tungsten-concentrate",
      "apt",
      "tungsten-oxide",
      "tungsten-powder",
      "carbide-powder",
      "carbide-blank",
      "carbide-insert",
    ],
  },
  {
    key: "batteries",
    stages: ["laterite-ore", "mhp", "nickel-sulphate", "precursor", "cathode", "battery-cell", "battery-pack"],
  },
  {
    key: "batteries",
    stages: ["cobalt-hydroxide", "cobalt-sulphate", "precursor", "cathode", "battery-cell", "battery-pack"],
  },
];

/** An event and whose system sends it. */
export interface DemoEvent {
  readonly organisation: string;
  readonly event: object;
}

/** A site as events name it. */
export interface EventSite {
  readonly key: string;
  readonly country: string;
  readonly organisation: string;
  /** EPC URNs. */
  readonly place: string;
  readonly party: string;
}

export interface LineStage {
  readonly stage: Stage;
  /** GTIN without check digit: company prefix and item, for EPC URNs. */
  readonly product: string;
  readonly sites: readonly EventSite[];
  /** Kilograms of the stage before for one of this. */
  readonly ratio: number;
}

export interface Line {
  readonly key: string;
  readonly stages: readonly LineStage[];
}

const PREFIX_LENGTH = 7; // of the company prefix of all identifiers of the demo

/** Lines with the sites and products of a world. */
export function linesOf(world: World): Line[] {
  const sites = eventSites(world);
  const stages = new Map(CHAINS.flatMap((chain) => chain.stages.map((stage) => [stage.key, stage] as const)));
  return LINES.map(({ key, stages: keys }) => ({
    key,
    stages: keys.map((name, i) => {
      const stage = stages.get(name);
      if (!stage) throw new Error(`the demo has no stage ${name}`);
      const before = stages.get(keys[i - 1] ?? "");
      return {
        stage,
        product: productUrnPart(world, name),
        sites: sites.filter(({ key: site }) => site.startsWith(`site-${name}-`)),
        ratio: before ? ratioOf(stage, before) : 1,
      };
    }),
  }));
}

/** Sites of a world that have a GLN and whose organisation has one. */
export function eventSites(world: World): EventSite[] {
  const parties = new Map(
    world.organisations.map(({ key, draft }) => [
      key,
      draft.identifiers?.find(({ scheme }) => scheme === "gln")?.value ?? "",
    ]),
  );
  return world.sites.flatMap(({ key, draft }) => {
    const party = parties.get(draft.organisation);
    if (draft.gln === undefined || !party) return [];
    return [
      {
        key,
        country: draft.country,
        organisation: draft.organisation,
        place: `urn:epc:id:sgln:${split(draft.gln)}.0`,
        party: `urn:epc:id:pgln:${split(party)}`,
      },
    ];
  });
}

/** Company prefix and reference of a 13-digit GLN, its check digit left out. */
function split(gln: string): string {
  return `${gln.slice(0, PREFIX_LENGTH)}.${gln.slice(PREFIX_LENGTH, -1)}`;
}

function productUrnPart(world: World, key: string): string {
  const draft = world.items.find((item) => item.key === key)?.draft;
  const gtin = draft?.identifiers?.find(({ scheme }) => scheme === "gtin")?.value;
  if (gtin?.length !== 14) throw new Error(`item ${key} of the demo has no GTIN`);
  return `${gtin.slice(1, 1 + PREFIX_LENGTH)}.${gtin[0]}${gtin.slice(1 + PREFIX_LENGTH, -1)}`;
}

/** How much of the stage before goes into one of this; at least a little more, since nothing is made of nothing. */
function ratioOf(stage: Stage, before: Stage): number {
  const input = stage.inputs.find(({ items }) => items.includes(before.key));
  const isMass = (unit: string) => unit === "TNE" || unit === "KGM";
  if (!input || !isMass(stage.unit) || !isMass(before.unit)) return 1.1;
  const kilograms = (unit: string) => (unit === "TNE" ? 1_000 : 1);
  return Math.max(1.02, (Number(input.quantity) * kilograms(before.unit)) / kilograms(stage.unit));
}
