/**
 * The demo world: a labelled synthetic network around real figures of world production. Deterministic from its seed.
 * Every record names its source as synthetic; only national shares of mined and refined output come from outside.
 */
import type { registry } from "@holdfast/api";
import type { z } from "zod";
import { gs1CheckDigit } from "../know/registry/index.ts";
import { CHAINS, type Chain, type Input, type SiteKind, type Stage } from "./chain.ts";
import { Draw } from "./draw.ts";
import { type Place, PLACES, PORTS } from "./place.ts";

type Draft<Schema extends z.ZodType> = z.input<Schema>;

/** Drafts of the registry, each under a key by which others of the world refer to it, in the place of an id. */
export interface World {
  readonly organisations: readonly Keyed<Draft<typeof registry.organisationDraft>>[];
  readonly sites: readonly Keyed<Draft<typeof registry.siteDraft>>[];
  readonly assets: readonly Keyed<Draft<typeof registry.assetDraft>>[];
  readonly items: readonly Keyed<Draft<typeof registry.itemDraft>>[];
  readonly recipes: readonly Keyed<Draft<typeof registry.recipeDraft>>[];
  readonly stocks: readonly Keyed<Draft<typeof registry.stockDraft>>[];
  readonly capacities: readonly Keyed<Draft<typeof registry.capacityDraft>>[];
  readonly demands: readonly Keyed<Draft<typeof registry.demandDraft>>[];
  readonly routes: readonly Keyed<Draft<typeof registry.routeDraft>>[];
}

export interface Keyed<Value> {
  readonly key: string;
  readonly draft: Value;
}

/** A country's part of the world's output of a mineral at a stage, in ppm; undefined where it is withheld or unknown. */
export type NationalShare = (mineral: { mineral: string; stage: string }, country: string) => number | undefined;

const NOTE = "Synthetic: invented for the demo world";
const SERVICES = [
  { key: "power", name: "Electric power", unit: "MWH", quantity: "2.5", stockDays: 0 },
  { key: "water", name: "Process water", unit: "MTQ", quantity: "12", stockDays: 1 },
  { key: "gas", name: "Natural gas", unit: "GJ", quantity: "4", stockDays: 0 },
] as const;
const INVENTED = [
  "Aldermoor",
  "Brannik",
  "Calverton",
  "Dunmarch",
  "Ekelund",
  "Fallowmere",
  "Greyhaven",
  "Halvorsk",
  "Isenfeld",
  "Jarrowby",
  "Kestrelin",
  "Lindqvar",
  "Marrowgate",
  "Northmere",
  "Ostrava Ridge",
  "Pellerin",
  "Quillon",
  "Rosenhaal",
  "Stavrin",
  "Thornbek",
  "Umbrin",
  "Valdemar",
  "Wexmoor",
  "Yarrowdal",
  "Zellin",
];
const LEGAL_FORM: Readonly<Record<string, string>> = {
  DE: "GmbH",
  AT: "GmbH",
  US: "Inc.",
  GB: "Ltd",
  FR: "SAS",
  JP: "K.K.",
  KR: "Co., Ltd.",
  CN: "Co., Ltd.",
  SE: "AB",
  FI: "Oy",
  NO: "AS",
  DK: "A/S",
  BE: "NV",
  NL: "B.V.",
  AU: "Pty Ltd",
  CA: "Ltd",
  BR: "Ltda",
  ID: "Tbk",
  PL: "sp. z o.o.",
  EE: "OÜ",
  CL: "SpA",
  ES: "S.A.",
  PT: "S.A.",
  HU: "Kft.",
};
/** Real controllers, so that real advisories can concern invented sites. */
const CONTROLLERS = [
  ["Siemens", "SIMATIC S7-1500", "V2.9.4"],
  ["Siemens", "SIMATIC S7-1200", "V4.5.2"],
  ["Rockwell Automation", "ControlLogix 5580", "V33.011"],
  ["Schneider Electric", "Modicon M580", "SV4.10"],
  ["Mitsubishi Electric", "MELSEC iQ-R", "65"],
  ["ABB", "AC 800M", "6.1.1"],
  ["Yokogawa", "CENTUM VP", "R6.09"],
  ["Honeywell", "Experion PKS", "R520.2"],
  ["Moxa", "EDR-G9010", "3.3"],
  ["Phoenix Contact", "AXC F 2152", "2023.0.0"],
] as const;

/** Builds the world. `share` gives the real national shares. */
export function buildWorld({ seed, share }: { seed: string; share: NationalShare }): World {
  const builder = new Builder(seed, share);
  builder.services();
  for (const chain of CHAINS) for (const stage of chain.stages) builder.stage(chain, stage);
  for (const chain of CHAINS) for (const stage of chain.stages) builder.recipesOf(stage);
  builder.portsAndRoutes();
  return builder.world();
}

interface Maker {
  readonly site: string;
  readonly country: string;
}

/** Owns the growing world; everything is added in one fixed order. */
class Builder {
  readonly #seed: string;
  readonly #share: NationalShare;
  readonly #organisations: World["organisations"][number][] = [];
  readonly #sites: World["sites"][number][] = [];
  readonly #assets: World["assets"][number][] = [];
  readonly #items: World["items"][number][] = [];
  readonly #recipes: World["recipes"][number][] = [];
  readonly #stocks: World["stocks"][number][] = [];
  readonly #capacities: World["capacities"][number][] = [];
  readonly #demands: World["demands"][number][] = [];
  readonly #routes: World["routes"][number][] = [];
  readonly #makers = new Map<string, Maker[]>();
  readonly #utilities = new Map<string, string>();

  constructor(seed: string, share: NationalShare) {
    this.#seed = seed;
    this.#share = share;
  }

  world(): World {
    return {
      organisations: this.#organisations,
      sites: this.#sites,
      assets: this.#assets,
      items: this.#items,
      recipes: this.#recipes,
      stocks: this.#stocks,
      capacities: this.#capacities,
      demands: this.#demands,
      routes: this.#routes,
    };
  }

  #draw(name: string): Draw {
    return new Draw(`${this.#seed}/${name}`);
  }

  /** Power, water and gas: one utility in each country that has enough sites to matter. */
  services(): void {
    for (const { key, name, unit } of SERVICES)
      this.#items.push({ key, draft: { name, kind: "service", unit, note: NOTE } });
    for (const [country, count] of countSites()) {
      if (count < 4) continue;
      const organisation = this.#organisation(`utility-${country}`, country, "Utilities");
      const site = `site-utility-${country}`;
      this.#addSite({
        key: site,
        name: `${placeOf(country, 0)[0]} utility`,
        kind: "plant",
        country,
        place: placeOf(country, 0),
        organisation,
        replaceDays: 1_500,
        publicSafety: "lower-tier",
      });
      this.#utilities.set(country, site);
      for (const service of SERVICES)
        this.#recipes.push({
          key: `recipe-${site}-${service.key}`,
          draft: { site, item: service.key, groups: [], note: NOTE },
        });
    }
  }

  stage(chain: Chain, stage: Stage): void {
    const { key, name, kind, unit, hsCode, eccn, mineral, lists } = stage;
    this.#items.push({
      key,
      draft: {
        name,
        kind,
        unit,
        identifiers: [{ scheme: "gtin", value: gs1Key("0", "8", this.#items.length + 1, 4) }],
        ...(hsCode ? { hsCode } : {}),
        ...(eccn ? { eccn } : {}),
        ...(mineral ? { mineral } : {}),
        lists: [...(lists ?? [])],
        note: NOTE,
      },
    });
    const draw = this.#draw(`stage-${key}`);
    const makers: Maker[] = [];
    for (const [country, count] of Object.entries(stage.makers)) {
      for (let i = 0; i < count; i++) {
        const trade = draw.one(chain.trades);
        const organisation = this.#organisation(`${chain.key}-${country}-${trade}`, country, trade);
        const place = placeOf(country, draw.whole(0, 99));
        const site = `site-${key}-${country}-${i + 1}`;
        this.#addSite({
          key: site,
          name: `${place[0]} ${SITE_WORDS[stage.siteKind]} for ${lowerFirst(name)}${count > 1 ? ` ${i + 1}` : ""}`,
          kind: stage.siteKind,
          country,
          place,
          organisation,
          replaceDays: stage.replaceDays,
          ...(stage.publicSafety ? { publicSafety: stage.publicSafety } : {}),
        });
        makers.push({ site, country });
      }
    }
    this.#makers.set(key, makers);
    this.#addCapacities(stage, makers);
  }

  /** National output follows real shares where there are any, evenly over a country's sites. */
  #addCapacities(stage: Stage, makers: readonly Maker[]): void {
    const shareOf = (country: string) =>
      (stage.mineral ? this.#share(stage.mineral, country) : undefined) ??
      Math.round(1_000_000 / Math.max(1, Object.keys(stage.makers).length) / 2);
    const total = Object.keys(stage.makers).reduce((sum, country) => sum + shareOf(country), 0);
    for (const { site, country } of makers) {
      const inCountry = stage.makers[country] ?? 1;
      const output = (stage.outputPerYear * shareOf(country)) / Math.max(1, total) / inCountry;
      const outputPerYear = decimal(output);
      const worldShare = stage.mineral ? this.#share(stage.mineral, country) : undefined;
      this.#capacities.push({
        key: `capacity-${site}`,
        draft: {
          site,
          item: stage.key,
          quantityPerYear: decimal(output * 1.18),
          outputPerYear,
          ...(worldShare === undefined
            ? {}
            : {
                worldSharePpm: Math.floor(worldShare / inCountry),
                nationalSharePpm: Math.floor(1_000_000 / inCountry),
              }),
          note: NOTE,
        },
      });
      if (stage.marginCents !== undefined) {
        this.#demands.push({
          key: `demand-${site}`,
          draft: {
            site,
            item: stage.key,
            quantityPerYear: outputPerYear,
            marginPerYearMinor: Math.round(output * stage.marginCents),
            currency: "USD",
            note: NOTE,
          },
        });
      }
    }
  }

  recipesOf(stage: Stage): void {
    for (const { site, country } of this.#makers.get(stage.key) ?? []) {
      const draw = this.#draw(`recipe-${site}`);
      const groups = stage.inputs.map((input) => this.#group(input, country, draw));
      const utility = this.#utilities.get(country);
      if (utility) {
        for (const service of stage.siteKind === "mine" ? SERVICES.slice(0, 2) : SERVICES) {
          groups.push({
            name: service.name,
            quantityPerUnit: service.quantity,
            essentiality: service.key === "gas" ? "important" : "essential",
            stockDays: service.stockDays,
            suppliers: [
              {
                site: utility,
                item: service.key,
                sharePpm: 1_000_000,
                maxSharePpm: 1_000_000,
                leadDays: 0,
                switchDays: 365,
              },
            ],
          });
        }
      }
      this.#recipes.push({ key: `recipe-${site}-${stage.key}`, draft: { site, item: stage.key, groups, note: NOTE } });
      const main = stage.inputs[0];
      if (main)
        this.#stocks.push({
          key: `stock-${site}`,
          draft: { site, item: main.items[0]!, quantity: decimal(draw.whole(50, 5_000)), note: NOTE },
        }); // an input has at least one item
    }
  }

  #group(input: Input, country: string, draw: Draw): NonNullable<World["recipes"][number]["draft"]["groups"]>[number] {
    const candidates = input.items.flatMap((item) =>
      (this.#makers.get(item) ?? []).map((maker) => ({ ...maker, item })),
    );
    const near = candidates.filter((maker) => maker.country === country);
    const wanted = input.suppliers ?? 2;
    const chosen = [...draw.some(near, Math.min(1, wanted)), ...draw.some(candidates, wanted + 1)]
      .filter((maker, i, all) => all.findIndex((other) => other.site === maker.site) === i)
      .slice(0, wanted);
    const shares = draw.shares(chosen.length);
    const [firstItem] = input.items;
    return {
      name: input.items.length > 1 ? "Feed" : (this.#items.find(({ key }) => key === firstItem)?.draft.name ?? "Input"),
      quantityPerUnit: input.quantity,
      essentiality: input.essentiality ?? "essential",
      stockDays: input.stockDays ?? 20,
      suppliers: chosen.map((maker, i) => ({
        site: maker.site,
        item: maker.item,
        sharePpm: shares[i] ?? 0,
        maxSharePpm: Math.min(1_000_000, (shares[i] ?? 0) + 250_000),
        leadDays: maker.country === country ? draw.whole(3, 14) : draw.whole(21, 70),
        switchDays: draw.whole(30, 240),
      })),
    };
  }

  portsAndRoutes(): void {
    for (const [country, place] of PORTS) {
      const organisation = this.#organisation(`port-${country}`, country, "Port Authority");
      const spot = PLACES[country]?.find(([name]) => name === place) ?? placeOf(country, 0);
      this.#addSite({
        key: `site-port-${place}`,
        name: `Port of ${place}`,
        kind: "port",
        country,
        place: spot,
        organisation,
        replaceDays: 3_000,
      });
    }
    for (const [from, to, days, chokepoints] of SEA_ROUTES) {
      this.#routes.push({
        key: `route-${from}-${to}`,
        draft: {
          from: `site-port-${from}`,
          to: `site-port-${to}`,
          mode: "sea",
          days,
          chokepoints: [...chokepoints],
          note: NOTE,
        },
      });
    }
    for (const site of this.#sites.filter(({ draft }) => draft.kind === "plant" || draft.kind === "fab")) {
      const port = PORTS.find(([country]) => country === site.draft.country);
      if (port)
        this.#routes.push({
          key: `route-${site.key}`,
          draft: { from: `site-port-${port[1]}`, to: site.key, mode: "road", days: 2, chokepoints: [], note: NOTE },
        });
    }
    for (const [country, place] of [
      ["DE", "Freiberg"],
      ["US", "Phoenix"],
      ["JP", "Tokyo"],
    ] as const) {
      const organisation = this.#organisation(`laboratory-${country}`, country, "Assay Laboratory");
      this.#addSite({
        key: `site-laboratory-${country}`,
        name: `${place} assay laboratory`,
        kind: "laboratory",
        country,
        place: PLACES[country]?.find(([name]) => name === place) ?? placeOf(country, 0),
        organisation,
        replaceDays: 300,
      });
    }
  }

  #organisation(key: string, country: string, trade: string): string {
    const id = `organisation-${key}`;
    if (this.#organisations.some((organisation) => organisation.key === id)) return id;
    const n = this.#organisations.length;
    const name = `${INVENTED[n % INVENTED.length]} ${trade}${n >= INVENTED.length ? ` ${country}` : ""} ${LEGAL_FORM[country] ?? "Ltd"}`;
    const unique = this.#organisations.some((organisation) => organisation.draft.name === name) ? `${name} ${n}` : name;
    this.#organisations.push({
      key: id,
      draft: {
        name: unique,
        country,
        identifiers: [
          { scheme: "demo", value: id },
          { scheme: "gln", value: gs1Key("", "9", n, 4) },
        ],
        note: NOTE,
      },
    });
    return id;
  }

  #addSite(site: {
    key: string;
    name: string;
    kind: SiteKind;
    country: string;
    place: Place;
    organisation: string;
    replaceDays: number;
    publicSafety?: "lower-tier" | "upper-tier";
  }): void {
    const draw = this.#draw(site.key);
    const [, latitude, longitude] = site.place;
    const jitter = () => draw.whole(-9, 9) / 100;
    const threats = draw.some(
      [
        "sabotage",
        "equipment-theft",
        "design-theft",
        "insider",
        "cyber",
        "counterfeit",
        "supply-interruption",
        "natural-hazard",
        "coercion",
      ] as const,
      draw.whole(2, 4),
    );
    this.#sites.push({
      key: site.key,
      draft: {
        name: site.name,
        kind: site.kind,
        organisation: site.organisation,
        country: site.country,
        address: `${site.place[0]}, ${site.country}`,
        gln: gs1Key("", "0", this.#sites.length + 1, 4),
        position: { latitude: rounded(latitude + jitter()), longitude: rounded(longitude + jitter()) },
        hazards: threats.map((threat) => ({ threat, level: draw.whole(1, 5) })),
        ...(site.publicSafety ? { publicSafety: site.publicSafety } : { publicSafety: "none" as const }),
        replaceDays: site.replaceDays,
        identifiers: [{ scheme: "demo", value: site.key }],
        note: NOTE,
      },
    });
    if (site.kind === "port" || site.kind === "laboratory") return;
    for (const [i, [vendor, model, firmware]] of draw.some(CONTROLLERS, draw.whole(1, 3)).entries()) {
      this.#assets.push({
        key: `asset-${site.key}-${i}`,
        draft: {
          site: site.key,
          name: `${["Process control", "Safety", "Packaging line"][i]} controller`,
          vendor,
          model,
          firmware,
          serial: `DEMO-${draw.whole(100_000, 999_999)}`,
          zone: ["Process control", "Safety", "Auxiliary"][i] ?? "Auxiliary",
          securityLevel: 3 - i,
          note: NOTE,
        },
      });
    }
  }
}

const GS1_PREFIX = "9520001"; // 952 is for demonstrations and examples

/** A GS1 key of the demo's company prefix: what stands before it, a group of keys, and a number within the group. */
function gs1Key(before: string, group: string, number: number, digits: number): string {
  const body = `${before}${GS1_PREFIX}${group}${String(number).padStart(digits, "0")}`;
  return body + gs1CheckDigit(body);
}

const SITE_WORDS: Readonly<Record<SiteKind, string>> = {
  mine: "mine",
  concentrator: "concentrator",
  refinery: "refinery",
  smelter: "smelter",
  plant: "plant",
  fab: "fab",
  warehouse: "warehouse",
  port: "port",
  laboratory: "laboratory",
};

const SEA_ROUTES: readonly (readonly [string, string, number, readonly string[]])[] = [
  ["Ningbo", "Singapore", 7, ["Taiwan Strait"]],
  ["Shenzhen", "Singapore", 5, []],
  ["Singapore", "Rotterdam", 24, ["Malacca Strait", "Bab-el-Mandeb", "Suez Canal", "Strait of Gibraltar"]],
  ["Singapore", "Hamburg", 26, ["Malacca Strait", "Bab-el-Mandeb", "Suez Canal", "Strait of Gibraltar"]],
  ["Singapore", "Algeciras", 20, ["Malacca Strait", "Bab-el-Mandeb", "Suez Canal"]],
  ["Singapore", "Antwerp", 25, ["Malacca Strait", "Bab-el-Mandeb", "Suez Canal", "Strait of Gibraltar"]],
  ["Ningbo", "Los Angeles", 16, []],
  ["Ningbo", "Nagoya", 3, []],
  ["Ningbo", "Busan", 2, []],
  ["Nagoya", "Los Angeles", 12, []],
  ["Port Hedland", "Singapore", 7, []],
  ["Port Hedland", "Ningbo", 12, []],
  ["Antofagasta", "Balboa", 7, []],
  ["Balboa", "Rotterdam", 17, ["Panama Canal"]],
  ["Antofagasta", "Ningbo", 32, []],
];

function countSites(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const chain of CHAINS)
    for (const stage of chain.stages)
      for (const [country, count] of Object.entries(stage.makers))
        counts.set(country, (counts.get(country) ?? 0) + count);
  return counts;
}

function placeOf(country: string, n: number): Place {
  const places = PLACES[country] ?? [];
  return places[n % places.length] ?? ["Nowhere", 0, 0];
}

/** Exact decimal text with at most 3 places; small amounts keep 9. */
function decimal(value: number): string {
  return value >= 1 ? String(Math.round(value * 1_000) / 1_000) : value.toFixed(9).replace(/\.?0+$/, "");
}

function rounded(degrees: number): number {
  return Math.round(degrees * 100) / 100;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]+(?![A-Za-z])/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
