/**
 * Whether a version of a product is affected by a vulnerability of a CSAF 2.0 advisory: yes, no, or nobody can say.
 * Invariant: "not affected" rests on an explicit statement or on a range that parsed and does not hold the version; absence
 * of a state, an open investigation, or anything unparsed is unknown. Every answer names its rule and the texts it read.
 */
import type { CsafProduct } from "./csaf-product.ts";
import type { CsafProductStatus, CsafVulnerability } from "./csaf-vulnerability.ts";
import { compareProductVersions, parseProductVersion } from "./product-version.ts";
import { isInRange, parseVersionRange } from "./version-range.ts";

export interface AffectedAnswer {
  readonly answer: "affected" | "not_affected" | "unknown";
  readonly rule: AffectedRule;
  readonly productId: string;
  /** The version text of the advisory that was compared with, when there was one. */
  readonly versionText: string | undefined;
}

export type AffectedRule =
  | "stated-affected"
  | "stated-not-affected"
  | "in-affected-range"
  | "outside-affected-range"
  | "fixed-version"
  | "under-investigation"
  | "no-statement"
  | "version-not-comparable"
  | "version-unknown";

export interface InstalledVersions {
  /** The version of the product, or of the software of a product that is installed on another; undefined when not known. */
  readonly version: string | undefined;
  /** The version of what the product is installed on. */
  readonly relatedVersion?: string | undefined;
}

type Products = ReadonlyMap<string, CsafProduct>;

/** What the advisory says about an installed version of the product `productId`, one of `products`. */
export function affectedBy(
  vulnerability: CsafVulnerability,
  products: Products,
  productId: string,
  installed: InstalledVersions,
): AffectedAnswer {
  const product = products.get(productId);
  const subject = product && versionedPart(product, products);
  const versionText = subject?.version?.text;
  const answer = (verdict: AffectedAnswer["answer"], rule: AffectedRule): AffectedAnswer => ({
    answer: verdict,
    rule,
    productId,
    versionText,
  });
  if (product === undefined || subject === undefined) return answer("unknown", "no-statement");
  const statuses = vulnerability.statuses.get(productId) ?? [];
  const has = (...names: readonly CsafProductStatus[]): boolean => names.some((name) => statuses.includes(name));
  const isHere = isThis(product, installed, products);
  const unknownVersion = installed.version === undefined ? "version-unknown" : "version-not-comparable";
  if (has("known_affected", "first_affected", "last_affected")) {
    if (isHere === true) return answer("affected", versionText === undefined ? "stated-affected" : "in-affected-range");
    if (isHere === false) return answer("not_affected", "outside-affected-range");
    return answer("unknown", unknownVersion);
  }
  if (has("known_not_affected") && isHere === true) return answer("not_affected", "stated-not-affected");
  if (has("fixed", "first_fixed")) {
    if (isHere === true || isAtLeast(subject, installed.version)) return answer("not_affected", "fixed-version");
    return answer("unknown", isHere === undefined ? unknownVersion : "no-statement");
  }
  return answer("unknown", has("under_investigation") ? "under-investigation" : "no-statement");
}

/** The product that bears the version: itself, or the component of a relationship. The tree has no circles. */
function versionedPart(product: CsafProduct, products: Products): CsafProduct | undefined {
  if (product.relationship === undefined) return product;
  const component = products.get(product.relationship.product);
  return component && versionedPart(component, products);
}

/** Whether the entry speaks of what is installed. A relationship needs both of its parts (CSAF 2.0 3.2.2.4). */
function isThis(product: CsafProduct, installed: InstalledVersions, products: Products): boolean | undefined {
  if (product.relationship === undefined) return isThisVersion(product, installed.version);
  const [component, base] = [products.get(product.relationship.product), products.get(product.relationship.relatesTo)];
  if (component === undefined || base === undefined) return undefined;
  const parts = [isThis(component, installed, products), isThis(base, { version: installed.relatedVersion }, products)];
  return parts.includes(false) ? false : parts.includes(undefined) ? undefined : true;
}

/** Whether the product entry speaks of `version`; an entry without a version speaks of all. */
function isThisVersion({ version: stated }: CsafProduct, version: string | undefined): boolean | undefined {
  if (stated === undefined) return true;
  if (stated.kind === "exact" && version?.toLowerCase() === stated.text.toLowerCase()) return true;
  const range = parseVersionRange(stated.text);
  if (range.kind === "all") return true;
  return version === undefined ? undefined : isInRange(version, range);
}

/** A fixed version covers later ones, when both can be compared. */
function isAtLeast(product: CsafProduct, version: string | undefined): boolean {
  if (product.version?.kind !== "exact" || version === undefined) return false;
  const [installed, fixed] = [parseProductVersion(version), parseProductVersion(product.version.text)];
  const order = installed && fixed ? compareProductVersions(installed, fixed) : undefined;
  return order !== undefined && order >= 0;
}
