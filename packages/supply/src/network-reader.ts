/**
 * Reads and checks a supply network. States what it accepts and only notes: outflows that do not balance, recipes in a
 * circle, and a network in several pieces. Refuses shares that do not add up, sales of a process that makes nothing,
 * numbers out of range, names that do not exist, and fields that nobody reads. Reference sheet section 1.
 */
import {
  arrayAt,
  type Fields,
  indexById,
  numberAt,
  objectAt,
  optionalTextAt,
  type Range,
  referenceAt,
  refuse,
  textAt,
  wordAt,
} from "./document-reader.ts";
import { networkNotes } from "./network-notes.ts";
import type {
  Assumption,
  NetworkArc,
  NetworkGroup,
  NetworkHazard,
  NetworkItem,
  NetworkProcess,
  NetworkSite,
  SupplyNetwork,
  UncertainNumber,
} from "./supply-network.ts";
import { quoted } from "./supply-problem.ts";

export const PROCESSES_MAX = 200_000; // an LP of this size no longer fits the solver's 4 GB
export const ARCS_PER_GROUP_MAX = 10_000; // one input item with more qualified sources is a market, not a recipe
export const GROUPS_PER_PROCESS_MAX = 1_000; // a bill of materials longer than that is given level by level
export const HAZARDS_MAX = 10_000; // a hazard per site of a large company
const EXPOSURES_MAX = 100; // per site

const AMOUNT: Range = { min: 0, max: 1e15 };
const DAYS: Range = { min: 0, max: 36_500 };
const PART: Range = { min: 0, max: 1 };
const SHARE_TOLERANCE = 1e-6;

/** The network that `document` describes; its shape is `SupplyModel`. O(arcs). @throws Problem with the path */
export function readSupplyNetwork(document: unknown): SupplyNetwork {
  return new NetworkReader().read(document);
}

class NetworkReader {
  readonly #assumptions: Assumption[] = [];

  read(document: unknown): SupplyNetwork {
    const fields = objectAt(document, "", ["items", "sites", "processes", "hazards"]);
    const items = arrayAt(fields["items"], "items", PROCESSES_MAX).map((item, i) => this.#item(item, `items[${i}]`));
    const itemIndex = indexById(ids(items), "items");
    const siteFields = arrayAt(fields["sites"], "sites", PROCESSES_MAX);
    const sites = siteFields.map((site, i) => this.#site(site, `sites[${i}]`));
    const siteIndex = indexById(ids(sites), "sites");
    const processFields = arrayAt(fields["processes"], "processes", PROCESSES_MAX);
    if (processFields.length === 0) refuse("supply/network-empty", "processes", "the network has no process");
    const processIds = processFields.map((each, i) => textAt(Object(each)["id"], `processes[${i}].id`));
    const processIndex = indexById(processIds, "processes");
    const processes = processFields.map((each, i) =>
      this.#process(each, `processes[${i}]`, {
        items: itemIndex,
        sites: siteIndex,
        processes: processIndex,
        siteList: sites,
      }),
    );
    checkOutputs(processes);
    const members = sites.map((): number[] => []);
    for (const [i, process] of processes.entries()) members[process.site]?.push(i);
    const placed = sites.map((site, i) => ({ ...site, processes: members[i] ?? [] }));
    const hazards = arrayAt(fields["hazards"], "hazards", HAZARDS_MAX).map((hazard, i) =>
      this.#hazard(hazard, `hazards[${i}]`, placed),
    );
    indexById(ids(hazards), "hazards");
    return { items, sites: placed, processes, hazards, assumptions: this.#assumptions, notes: networkNotes(processes) };
  }

  #item(value: unknown, path: string): NetworkItem {
    const fields = objectAt(value, path, ["id", "unit", "kind", "sector", "price"]);
    const id = textAt(fields["id"], `${path}.id`);
    return {
      id,
      unit: textAt(fields["unit"], `${path}.unit`),
      kind: wordAt(fields["kind"], `${path}.kind`, ["material", "part", "product", "service"]),
      sector: optionalTextAt(fields["sector"], `${path}.sector`) ?? id,
      price: this.#amount(fields, path, "price", AMOUNT, 0),
    };
  }

  #site(value: unknown, path: string): Omit<NetworkSite, "processes"> {
    const known = ["id", "owner", "country", "exposures", "latitude", "longitude", "recoveryDays"];
    const fields = objectAt(value, path, known);
    const country = optionalTextAt(fields["country"], `${path}.country`);
    if (country !== undefined && !/^[A-Z]{2}$/.test(country))
      refuse("supply/document-malformed", `${path}.country`, `${quoted(country)} is not an ISO 3166-1 alpha-2 code`);
    for (const [name, max] of [
      ["latitude", 90],
      ["longitude", 180],
    ] as const)
      if (fields[name] !== undefined) numberAt(fields[name], `${path}.${name}`, { min: -max, max });
    return {
      id: textAt(fields["id"], `${path}.id`),
      owner: optionalTextAt(fields["owner"], `${path}.owner`),
      country,
      exposures: arrayAt(fields["exposures"], `${path}.exposures`, EXPOSURES_MAX).map((each, i) =>
        textAt(each, `${path}.exposures[${i}]`),
      ),
      recoveryDays: this.#amount(fields, path, "recoveryDays", DAYS, RECOVERY_DAYS_DEFAULT),
    };
  }

  #process(value: unknown, path: string, known: Known): NetworkProcess {
    const fields = objectAt(value, path, PROCESS_FIELDS);
    const site = referenceAt(known.sites, textAt(fields["site"], `${path}.site`), `${path}.site`);
    const rate = this.#amount(fields, path, "ratePerDay", AMOUNT);
    const capacity = this.#amount(fields, path, "capacityPerDay", AMOUNT);
    if (capacity < rate)
      refuse("supply/number-invalid", `${path}.capacityPerDay`, `\`${capacity}\` is below the rate \`${rate}\``);
    const groupFields = arrayAt(fields["inputs"], `${path}.inputs`, GROUPS_PER_PROCESS_MAX);
    const groups = groupFields.map((group, g) => this.#group(group, `${path}.inputs[${g}]`, rate, known.processes));
    indexById(ids(groups), `${path}.inputs`);
    const shares = groups.reduce((sum, group) => sum + (group.essentiality === 1 ? group.costShare : 0), 0);
    if (shares > 1 + SHARE_TOLERANCE)
      refuse(
        "supply/shares-unbalanced",
        `${path}.inputs`,
        `cost shares of non-essential inputs add up to \`${shares}\``,
      );
    return {
      id: textAt(fields["id"], `${path}.id`),
      site,
      item: referenceAt(known.items, textAt(fields["item"], `${path}.item`), `${path}.item`),
      capacity,
      rate,
      stock: this.#amount(fields, path, "stock", AMOUNT, 0),
      demand: this.#amount(fields, path, "demandPerDay", AMOUNT, 0),
      margin: this.#amount(fields, path, "marginPerUnit", AMOUNT, 0),
      valueAddedPerDay: this.#amount(fields, path, "valueAddedPerDay", AMOUNT, 0),
      recoveryDays: this.#amount(fields, path, "recoveryDays", DAYS, known.siteList[site]?.recoveryDays ?? 0),
      groups,
    };
  }

  #group(value: unknown, path: string, rate: number, processes: ReadonlyMap<string, number>): NetworkGroup {
    const fields = objectAt(value, path, GROUP_FIELDS);
    const quantity = this.#amount(fields, path, "quantityPerUnit", { min: Number.MIN_VALUE, max: AMOUNT.max });
    const consumption = quantity * rate;
    const code = fields["essentiality"];
    if (code !== 0 && code !== 1 && code !== 2)
      return refuse(
        "supply/essentiality-unknown",
        `${path}.essentiality`,
        `${quoted(JSON.stringify(code) ?? "nothing")} is not 0 (negligible), 1 (non-essential) or 2 (essential)`,
      );
    const arcFields = arrayAt(fields["arcs"], `${path}.arcs`, ARCS_PER_GROUP_MAX);
    const read = arcFields.map((arc, a) => this.#arc(arc, `${path}.arcs[${a}]`, consumption, processes));
    const arcs = withWholeShares(read, path, code > 0 && rate > 0);
    const quorum =
      fields["quorum"] === undefined ? 1 : numberAt(fields["quorum"], `${path}.quorum`, { min: 1, max: 10_000 });
    const sources = arcs.filter((arc) => arc.status === "used").length;
    if (!Number.isInteger(quorum) || (quorum > 1 && quorum > sources))
      refuse("supply/number-invalid", `${path}.quorum`, `\`${quorum}\` is not a whole number up to the used arcs`);
    const stock = this.#amount(fields, path, "inventoryDays", DAYS, 0) * consumption;
    return {
      id: textAt(fields["id"], `${path}.id`),
      quantity,
      essentiality: code,
      costShare: code === 1 ? this.#amount(fields, path, "costShare", PART) : 0,
      stock,
      cover: arcs.reduce((sum, arc) => sum + arc.flow * arc.lagDays, stock),
      quorum,
      arcs,
    };
  }

  #arc(value: unknown, path: string, consumption: number, processes: ReadonlyMap<string, number>): NetworkArc {
    const fields = objectAt(value, path, ARC_FIELDS);
    const status = wordAt(fields["status"], `${path}.status`, ["used", "qualified", "unqualified"]);
    const share = status === "used" ? this.#amount(fields, path, "share", PART) : 0;
    const flow = share * consumption;
    const capacity = this.#amount(fields, path, "capacityPerDay", AMOUNT, Number.POSITIVE_INFINITY);
    if (capacity < flow * (1 - SHARE_TOLERANCE))
      refuse(
        "supply/number-invalid",
        `${path}.capacityPerDay`,
        `\`${capacity}\` is below the nominal flow \`${flow}\``,
      );
    return {
      supplier: referenceAt(processes, textAt(fields["supplier"], `${path}.supplier`), `${path}.supplier`),
      share,
      flow,
      capacity: Math.max(capacity, flow),
      lagDays: Math.max(1, Math.round(this.#amount(fields, path, "lagDays", DAYS, 1))),
      status,
      switchDays: this.#amount(fields, path, "switchDays", DAYS, 0),
    };
  }

  #hazard(value: unknown, path: string, sites: readonly NetworkSite[]): NetworkHazard {
    const fields = objectAt(value, path, HAZARD_FIELDS);
    const scope = objectAt(fields["scope"], `${path}.scope`, ["kind", "value"]);
    const kind = wordAt(scope["kind"], `${path}.scope.kind`, ["site", "country", "owner", "exposure"]);
    const wanted = textAt(scope["value"], `${path}.scope.value`);
    const hit = sites.flatMap((site, i) => (namesOf(site, kind).includes(wanted) ? [i] : []));
    if (hit.length === 0) refuse("supply/reference-unknown", `${path}.scope`, `no site has ${kind} ${quoted(wanted)}`);
    const downtime = objectAt(fields["downtimeDays"], `${path}.downtimeDays`, ["low", "high"]);
    const low = numberAt(downtime["low"], `${path}.downtimeDays.low`, { min: 0.01, max: DAYS.max });
    return {
      id: textAt(fields["id"], `${path}.id`),
      category: optionalTextAt(fields["category"], `${path}.category`) ?? "unclassified",
      sites: hit,
      ratePerYear: this.#uncertain(fields, path, "ratePerYear", { min: 0, max: 1_000 }),
      vulnerability: this.#uncertain(fields, path, "vulnerability", PART),
      downtimeDays: { low, high: numberAt(downtime["high"], `${path}.downtimeDays.high`, { min: low, max: DAYS.max }) },
      depth: this.#amount(fields, path, "depth", PART, 1),
    };
  }

  /** The value of field `name`: a number, or an estimate whose origin is remembered; `fallback` where it may be missing. */
  #amount(fields: Fields, path: string, name: string, range: Range, fallback?: number): number {
    if (fields[name] === undefined && fallback !== undefined) return fallback;
    return this.#uncertain(fields, path, name, range).value;
  }

  #uncertain(fields: Fields, path: string, name: string, range: Range): UncertainNumber {
    const at = `${path}.${name}`;
    const given = fields[name];
    if (typeof given !== "object" || given === null) {
      const value = numberAt(given, at, range);
      return { value, low: value, high: value };
    }
    const estimate = objectAt(given, at, ["value", "low", "high", "origin"]);
    const value = numberAt(estimate["value"], `${at}.value`, range);
    const low = numberAt(estimate["low"] ?? value, `${at}.low`, { min: range.min, max: value });
    const high = numberAt(estimate["high"] ?? value, `${at}.high`, { min: value, max: range.max });
    const origin = wordAt(estimate["origin"], `${at}.origin`, ["measured", "stated", "estimated", "default"]);
    if (origin === "estimated" || origin === "default") this.#assumptions.push({ path: at, value, low, high, origin });
    return { value, low, high };
  }
}

interface Known {
  readonly items: ReadonlyMap<string, number>;
  readonly sites: ReadonlyMap<string, number>;
  readonly processes: ReadonlyMap<string, number>;
  readonly siteList: readonly Omit<NetworkSite, "processes">[];
}

const RECOVERY_DAYS_DEFAULT = 0; // a site without a stated recovery time is not exposed by its own failure

const PROCESS_FIELDS = [
  "id",
  "site",
  "item",
  "capacityPerDay",
  "ratePerDay",
  "stock",
  "demandPerDay",
  "marginPerUnit",
  "valueAddedPerDay",
  "recoveryDays",
  "inputs",
];
const GROUP_FIELDS = ["id", "quantityPerUnit", "essentiality", "costShare", "inventoryDays", "quorum", "arcs"];
const ARC_FIELDS = ["supplier", "share", "capacityPerDay", "lagDays", "status", "switchDays"];
const HAZARD_FIELDS = ["id", "scope", "category", "ratePerYear", "vulnerability", "downtimeDays", "depth", "source"];

function ids(list: readonly { readonly id: string }[]): string[] {
  return list.map((each) => each.id);
}

/** What a scope of `kind` compares with. */
function namesOf(site: NetworkSite, kind: "site" | "country" | "owner" | "exposure"): readonly (string | undefined)[] {
  switch (kind) {
    case "site":
      return [site.id];
    case "country":
      return [site.country];
    case "owner":
      return [site.owner];
    case "exposure":
      return site.exposures;
  }
}

/** The arcs with shares that add up to exactly 1. @throws Problem `supply/shares-unbalanced` when they are not near it */
function withWholeShares(arcs: readonly NetworkArc[], path: string, isNeeded: boolean): NetworkArc[] {
  const used = arcs.filter((arc) => arc.status === "used");
  const sum = used.reduce((total, arc) => total + arc.share, 0);
  if ((isNeeded || used.length > 0) && Math.abs(sum - 1) > SHARE_TOLERANCE)
    refuse("supply/shares-unbalanced", `${path}.arcs`, `shares of the used arcs add up to \`${sum}\`, not to 1`);
  return arcs.map((arc) => ({ ...arc, share: arc.share / (sum || 1), flow: arc.flow / (sum || 1) }));
}

/** A process from which others take, or which has customers of its own, must make something. */
function checkOutputs(processes: readonly NetworkProcess[]): void {
  const sold = processes.map((process) => process.demand);
  for (const { groups } of processes)
    for (const { arcs } of groups) for (const arc of arcs) sold[arc.supplier] = (sold[arc.supplier] ?? 0) + arc.flow;
  for (const [i, process] of processes.entries()) {
    if (process.rate === 0 && (sold[i] ?? 0) > 0)
      refuse(
        "supply/output-zero",
        `processes[${i}].ratePerDay`,
        `is 0, and \`${sold[i]}\` units a day are taken from it`,
      );
    if (process.capacity === 0) refuse("supply/output-zero", `processes[${i}].capacityPerDay`, "is 0");
  }
}
