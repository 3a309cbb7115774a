/**
 * What a draft must satisfy beyond its schema and without the database: assigned countries, check digits, known minerals,
 * shares within 100 %. Gives the stored form of the draft (identifiers normalised) and every fault found, each naming the
 * path, the rule and the value, so that an import can report them all by row and column.
 */
import { isCountry, type registry } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { findMineral } from "../mineral/index.ts";
import { parseEccn, parseGln, parseGtin, parseHsCode, parseLei } from "./identifier.ts";

/** The draft of each kind, as the contract parsed it. */
export interface Drafts {
  organisation: ReturnType<typeof registry.organisationDraft.parse>;
  site: ReturnType<typeof registry.siteDraft.parse>;
  asset: ReturnType<typeof registry.assetDraft.parse>;
  item: ReturnType<typeof registry.itemDraft.parse>;
  recipe: ReturnType<typeof registry.recipeDraft.parse>;
  stock: ReturnType<typeof registry.stockDraft.parse>;
  capacity: ReturnType<typeof registry.capacityDraft.parse>;
  demand: ReturnType<typeof registry.demandDraft.parse>;
  route: ReturnType<typeof registry.routeDraft.parse>;
}
export type Kind = keyof Drafts;

export type RegistryCode = keyof typeof registry.registryProblems;

export interface Checked<Draft> {
  readonly draft: Draft;
  readonly faults: readonly Problem<RegistryCode>[];
}

type Report = (code: RegistryCode, path: string, value: unknown, message: string) => void;

const PPM = 1_000_000;

const CHECKS: { readonly [K in Kind]: (draft: Drafts[K], report: Report) => Drafts[K] } = {
  organisation: (draft, report) => {
    checkCountry(draft.country, report);
    if (draft.lei === undefined) return withGtins(draft, report);
    const lei = parseLei(draft.lei);
    if (lei === undefined)
      report(
        "registry/invalid-lei",
        "lei",
        draft.lei,
        `\`${draft.lei}\` is not an LEI: 20 characters whose check digits fit`,
      );
    return { ...withGtins(draft, report), lei: lei ?? draft.lei };
  },
  site: (draft, report) => {
    checkCountry(draft.country, report);
    if (draft.gln === undefined) return withGtins(draft, report);
    const gln = parseGln(draft.gln);
    if (gln === undefined)
      report(
        "registry/invalid-gln",
        "gln",
        draft.gln,
        `\`${draft.gln}\` is not a GLN: 13 digits whose check digit fits`,
      );
    return { ...withGtins(draft, report), gln: gln ?? draft.gln };
  },
  asset: (draft, report) => withGtins(draft, report),
  item: (draft, report) => ({ ...withGtins(draft, report), ...itemCodes(draft, report) }),
  recipe: checkRecipe,
  stock: (draft) => draft,
  capacity: (draft, report) => {
    if (draft.outputPerYear !== undefined && compareQuantities(draft.outputPerYear, draft.quantityPerYear) > 0)
      report(
        "registry/output-above-capacity",
        "outputPerYear",
        draft.outputPerYear,
        `output \`${draft.outputPerYear}\` exceeds capacity \`${draft.quantityPerYear}\``,
      );
    return draft;
  },
  demand: (draft, report) => {
    if ((draft.marginPerYearMinor === undefined) !== (draft.currency === undefined))
      report(
        "registry/margin-without-currency",
        "currency",
        draft.currency ?? null,
        "a margin and its currency come together",
      );
    if (draft.currency !== undefined && !CURRENCIES.has(draft.currency))
      report(
        "registry/unknown-currency",
        "currency",
        draft.currency,
        `\`${draft.currency}\` is not a currency of ISO 4217`,
      );
    return draft;
  },
  route: (draft, report) => {
    if (draft.from === draft.to) report("registry/same-ends", "to", draft.to, "a route leads from one site to another");
    return draft;
  },
};

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** The stored form of `draft` and its faults; use the form only when there are none. */
export function checkDraft<K extends Kind>(kind: K, draft: Drafts[K]): Checked<Drafts[K]> {
  const faults: Problem<RegistryCode>[] = [];
  const stored = CHECKS[kind](draft, (code, path, value, message) => {
    faults.push(new Problem(code, message, { detail: { path, rule: code.slice("registry/".length), value } }));
  });
  return { draft: stored, faults };
}

function checkCountry(country: string, report: Report): void {
  if (!isCountry(country))
    report("registry/unknown-country", "country", country, `\`${country}\` is not a country of ISO 3166-1`);
}

const CHECKED_SCHEMES = {
  gtin: { parse: parseGtin, code: "registry/invalid-gtin" },
  gln: { parse: parseGln, code: "registry/invalid-gln" },
} as const;

/** Identifiers of scheme `gtin` and `gln` have check digits too. */
function withGtins<Draft extends { identifiers: registry.Identifier[] }>(draft: Draft, report: Report): Draft {
  const identifiers = draft.identifiers.map(({ scheme, value: text }, i) => {
    const rule = scheme === "gtin" || scheme === "gln" ? CHECKED_SCHEMES[scheme] : undefined;
    if (!rule) return { scheme, value: text };
    const value = rule.parse(text);
    if (value === undefined)
      report(
        rule.code,
        `identifiers.${i}.value`,
        text,
        `\`${text}\` is not a ${scheme.toUpperCase()} whose check digit fits`,
      );
    return { scheme, value: value ?? text };
  });
  return { ...draft, identifiers };
}

function itemCodes(draft: Drafts["item"], report: Report): Partial<Drafts["item"]> {
  const codes: Partial<Drafts["item"]> = {};
  if (draft.hsCode !== undefined) {
    const hsCode = parseHsCode(draft.hsCode);
    if (hsCode === undefined)
      report(
        "registry/invalid-hs-code",
        "hsCode",
        draft.hsCode,
        `\`${draft.hsCode}\` is not an HS code of 6, 8 or 10 digits`,
      );
    else codes.hsCode = hsCode;
  }
  if (draft.eccn !== undefined) {
    const eccn = parseEccn(draft.eccn);
    if (eccn === undefined)
      report(
        "registry/invalid-eccn",
        "eccn",
        draft.eccn,
        `\`${draft.eccn}\` is not an ECCN such as \`3A001.b\`, nor EAR99`,
      );
    else codes.eccn = eccn;
  }
  if (draft.mineral) {
    const { mineral, stage } = draft.mineral;
    if (!findMineral(mineral)?.series.some((series) => series.stage === stage))
      report(
        "registry/unknown-mineral",
        "mineral",
        draft.mineral,
        `no world production of \`${mineral}\` at stage \`${stage}\` is known`,
      );
  }
  return codes;
}

function checkRecipe(draft: Drafts["recipe"], report: Report): Drafts["recipe"] {
  for (const [i, group] of draft.groups.entries()) {
    const sum = group.suppliers.reduce((total, { sharePpm }) => total + sharePpm, 0);
    if (sum > PPM)
      report(
        "registry/shares-above-whole",
        `groups.${i}.suppliers`,
        sum,
        `the shares of input \`${group.name}\` add up to \`${percent(sum)} %\``,
      );
    const seen = new Set<string>();
    for (const [j, supplier] of group.suppliers.entries()) {
      const path = `groups.${i}.suppliers.${j}`;
      const { site, item, sharePpm, maxSharePpm } = supplier;
      if (maxSharePpm !== undefined && maxSharePpm < sharePpm)
        report(
          "registry/share-above-maximum",
          `${path}.sharePpm`,
          sharePpm,
          `share \`${percent(sharePpm)} %\` exceeds the supplier's maximum \`${percent(maxSharePpm)} %\``,
        );
      if (seen.has(`${site} ${item}`))
        report("registry/duplicate-supplier", path, site, `input \`${group.name}\` lists one supplier's item twice`);
      seen.add(`${site} ${item}`);
      if (site === draft.site && item === draft.item)
        report("registry/cyclic-recipe", path, item, `input \`${group.name}\` is what the recipe makes`);
    }
  }
  return draft;
}

function percent(ppm: number): string {
  return String(ppm / 10_000);
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`; exact. */
export function compareQuantities(a: string, b: string): number {
  const nano = (text: string) => {
    const [whole = "0", fraction = ""] = text.split(".");
    return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
  };
  const difference = nano(a) - nano(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
