/**
 * An object of the registry as intelligence can touch it: the few facts that are compared, the terms under which it is
 * found, and how much its loss would matter. Invariant: the stamp covers what is compared and nothing else, so that a new
 * note or tier leaves a verdict standing and a new firmware does not.
 */
import { createHash } from "node:crypto";
import type { Drafts, SiteSketch } from "../../../know/registry/index.ts";
import { compact, nameKey, productWords, valueKey, vendorKey } from "./fold.ts";

export type SurfaceKind = "asset" | "site" | "organisation" | "item";
export const SURFACE_KINDS: readonly SurfaceKind[] = ["organisation", "site", "asset", "item"];

export interface Surface {
  readonly id: string;
  readonly kind: SurfaceKind;
  readonly label: string;
  readonly country: string | undefined;
  /** The site itself, or where the asset stands. */
  readonly site:
    | { readonly id: string; readonly label: string; readonly kind: string; readonly tier: number | null }
    | undefined;
  readonly organisation: string | undefined;
  readonly vendor: string | undefined;
  readonly model: string | undefined;
  readonly firmware: string | undefined;
  readonly names: readonly string[];
  readonly identifiers: readonly { readonly scheme: string; readonly value: string }[];
  readonly position: { readonly latitude: number; readonly longitude: number } | undefined;
  readonly hsCode: string | undefined;
  readonly mineral: string | undefined;
  readonly lists: readonly string[];
  readonly securityLevel: number | undefined;
  readonly publicSafety: string | undefined;
}

const NONE: Omit<Surface, "id" | "kind" | "label"> = {
  country: undefined,
  site: undefined,
  organisation: undefined,
  vendor: undefined,
  model: undefined,
  firmware: undefined,
  names: [],
  identifiers: [],
  position: undefined,
  hsCode: undefined,
  mineral: undefined,
  lists: [],
  securityLevel: undefined,
  publicSafety: undefined,
};

export function assetSurface(id: string, body: Drafts["asset"], site: SiteSketch | undefined): Surface {
  return {
    ...NONE,
    id,
    kind: "asset",
    label: body.name,
    country: site?.country,
    site: { id: body.site, label: site?.label ?? "", kind: site?.kind ?? "", tier: site?.tier ?? null },
    organisation: site?.organisation,
    vendor: body.vendor,
    model: body.model,
    firmware: body.firmware,
    identifiers: body.identifiers,
    securityLevel: body.securityLevel,
  };
}

export function siteSurface(id: string, body: Drafts["site"], tier: number | null): Surface {
  return {
    ...NONE,
    id,
    kind: "site",
    label: body.name,
    country: body.country,
    site: { id, label: body.name, kind: body.kind, tier },
    organisation: body.organisation,
    names: [body.name, ...body.aliases],
    identifiers: [...body.identifiers, ...(body.gln === undefined ? [] : [{ scheme: "gln", value: body.gln }])],
    position: body.position,
    publicSafety: body.publicSafety,
  };
}

export function organisationSurface(id: string, body: Drafts["organisation"]): Surface {
  const host = body.website !== undefined && URL.canParse(body.website) ? new URL(body.website).hostname : undefined;
  return {
    ...NONE,
    id,
    kind: "organisation",
    label: body.name,
    country: body.country,
    organisation: id,
    names: [body.name, ...body.aliases],
    identifiers: [
      ...body.identifiers,
      ...(body.lei === undefined ? [] : [{ scheme: "lei", value: body.lei }]),
      ...(host === undefined ? [] : [{ scheme: "domain", value: host.replace(/^www\./, "") }]),
    ],
  };
}

export function itemSurface(id: string, body: Drafts["item"]): Surface {
  return {
    ...NONE,
    id,
    kind: "item",
    label: body.name,
    names: [body.name, ...body.aliases],
    identifiers: body.identifiers,
    hsCode: body.hsCode,
    mineral: body.mineral?.mineral,
    lists: body.lists,
  };
}

/** Schemes of identifiers that observables can be equal to. */
const VALUE_SCHEMES = new Set(["ip", "ipv4", "ipv6", "mac", "domain", "hostname", "fqdn", "email", "url", "asn"]);

export function isValueScheme(scheme: string): boolean {
  return VALUE_SCHEMES.has(scheme);
}

/** The terms under which a lead may find it. Country and sector are asked of columns, because they find too many. */
export function termsOfSurface(surface: Surface): string[] {
  const terms = new Set<string>();
  if (surface.vendor !== undefined && surface.model !== undefined) {
    const vendor = vendorKey(surface.vendor).key;
    terms.add(`m:${compact(surface.model)}`);
    for (const word of productWords(surface.model)) terms.add(`p:${vendor}|${word}`);
  }
  for (const { scheme, value } of surface.identifiers) {
    terms.add(isValueScheme(scheme) ? `v:${valueKey(value)}` : `i:${scheme}|${compact(value)}`);
    if (surface.kind === "asset") terms.add(`m:${compact(value)}`);
  }
  for (const name of surface.names) if (nameKey(name) !== "") terms.add(`n:${surface.kind}|${nameKey(name)}`);
  if (surface.hsCode !== undefined) terms.add(`h:${surface.hsCode.slice(0, 6)}`);
  if (surface.mineral !== undefined) terms.add(`n:item|${nameKey(surface.mineral)}`);
  return [...terms].map((term) => term.slice(0, 300));
}

/** 0 to 100: how much the loss of it would matter, by designation, safety, zone and lists. */
export function criticalityOf(surface: Surface): number {
  const tier = surface.site?.tier ?? null;
  const byTier = tier === null ? 0 : [60, 40, 20][tier - 1]!; // a tier is 1 to 3
  const safety = surface.publicSafety === "upper-tier" ? 15 : surface.publicSafety === "lower-tier" ? 8 : 0;
  return Math.min(100, byTier + safety + 5 * (surface.securityLevel ?? 0) + (surface.lists.length > 0 ? 40 : 0));
}

export function stampOfSurface(surface: Surface): string {
  const { vendor, model, firmware, country, names, identifiers, position, hsCode, mineral } = surface;
  const compared = {
    vendor,
    model,
    firmware,
    country,
    site: surface.site?.id,
    kind: surface.site?.kind,
    names,
    identifiers,
    position,
    hsCode,
    mineral,
  };
  return createHash("sha256").update(JSON.stringify(compared)).digest("base64url").slice(0, 22);
}
