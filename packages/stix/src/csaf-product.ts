/**
 * The product tree of a CSAF 2.0 advisory (section 3.2.2): branches from vendor to version, full names, relationships and
 * groups. Invariant: each product id and group id is defined once and no relationship leads back to itself.
 */
import { members, optionalText, record, refused, text, textList } from "./csaf-value.ts";

/** Products of one advisory; the largest of vendors have some thousands. */
export const MAX_CSAF_PRODUCTS = 100_000;
/** Branches inside one another; the standard's own categories are twelve. */
export const MAX_CSAF_BRANCH_DEPTH = 30;

export interface CsafProduct {
  readonly productId: string;
  readonly fullName: string;
  readonly vendor: string | undefined;
  /** The name in the `product_name` branch. */
  readonly name: string | undefined;
  readonly family: string | undefined;
  /** The version that the branch names, with whether it is one version or a range. */
  readonly version: { readonly kind: "exact" | "range"; readonly text: string } | undefined;
  readonly modelNumbers: readonly string[];
  readonly serialNumbers: readonly string[];
  readonly skus: readonly string[];
  readonly cpe: string | undefined;
  readonly purl: string | undefined;
  /** For a product that stands for two together, as software installed on hardware. */
  readonly relationship: CsafRelationship | undefined;
}

export interface CsafRelationship {
  readonly category: string;
  readonly product: string;
  readonly relatesTo: string;
}

export interface ProductTree {
  readonly products: ReadonlyMap<string, CsafProduct>;
  /** Product ids of each group. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

/** What the branches above a product say about it. */
interface Lineage {
  readonly vendor?: string;
  readonly name?: string;
  readonly family?: string;
  readonly version?: { readonly kind: "exact" | "range"; readonly text: string };
}

/** @throws Problem `stix/csaf` naming the place of the fault */
export function readProducts(value: unknown, path: string): ProductTree {
  const products = new Map<string, CsafProduct>();
  if (value === undefined) return { products, groups: new Map() };
  const tree = record(value, path);
  readBranches(tree["branches"], `${path}/branches`, {}, 1, products);
  for (const name of members(tree["full_product_names"], `${path}/full_product_names`))
    define(name.value, name.path, {}, undefined, products);
  for (const relation of members(tree["relationships"], `${path}/relationships`))
    readRelationship(relation.value, relation.path, products);
  for (const relation of members(tree["relationships"], `${path}/relationships`))
    checkEnds(relation.value, relation.path, products);
  checkCircles(products, `${path}/relationships`);
  return { products, groups: readGroups(tree["product_groups"], `${path}/product_groups`, products) };
}

function readBranches(
  value: unknown,
  path: string,
  above: Lineage,
  depth: number,
  products: Map<string, CsafProduct>,
): void {
  for (const member of members(value, path)) {
    if (depth > MAX_CSAF_BRANCH_DEPTH) throw refused(path, `branches nest at most ${MAX_CSAF_BRANCH_DEPTH} deep`);
    const branch = record(member.value, member.path);
    const lineage = extend(
      above,
      text(branch["category"], `${member.path}/category`),
      text(branch["name"], `${member.path}/name`),
    );
    if (branch["product"] !== undefined)
      define(branch["product"], `${member.path}/product`, lineage, undefined, products);
    readBranches(branch["branches"], `${member.path}/branches`, lineage, depth + 1, products);
  }
}

function extend(above: Lineage, category: string, name: string): Lineage {
  switch (category) {
    case "vendor":
      return { ...above, vendor: name };
    case "product_name":
      return { ...above, name };
    case "product_family":
      return { ...above, family: name };
    case "product_version":
      return { ...above, version: { kind: "exact", text: name } };
    case "product_version_range":
      return { ...above, version: { kind: "range", text: name } };
    default:
      return above; // architecture, language, patch level and the like narrow a product without naming it
  }
}

function define(
  value: unknown,
  path: string,
  lineage: Lineage,
  relationship: CsafRelationship | undefined,
  products: Map<string, CsafProduct>,
): void {
  const product = record(value, path);
  const productId = text(product["product_id"], `${path}/product_id`);
  if (products.has(productId))
    throw refused(`${path}/product_id`, `the product id \`${productId.slice(0, 64)}\` is defined twice (6.1.2)`);
  if (products.size >= MAX_CSAF_PRODUCTS) throw refused(path, `an advisory has at most ${MAX_CSAF_PRODUCTS} products`);
  const at = `${path}/product_identification_helper`;
  const helper =
    product["product_identification_helper"] === undefined ? {} : record(product["product_identification_helper"], at);
  products.set(productId, {
    productId,
    fullName: text(product["name"], `${path}/name`),
    vendor: lineage.vendor,
    name: lineage.name,
    family: lineage.family,
    version: lineage.version,
    modelNumbers: textList(helper["model_numbers"], `${at}/model_numbers`),
    serialNumbers: textList(helper["serial_numbers"], `${at}/serial_numbers`),
    skus: textList(helper["skus"], `${at}/skus`),
    cpe: optionalText(helper["cpe"], `${at}/cpe`),
    purl: optionalText(helper["purl"], `${at}/purl`),
    relationship,
  });
}

function readRelationship(value: unknown, path: string, products: Map<string, CsafProduct>): void {
  const relation = record(value, path);
  const relationship: CsafRelationship = {
    category: text(relation["category"], `${path}/category`),
    product: text(relation["product_reference"], `${path}/product_reference`),
    relatesTo: text(relation["relates_to_product_reference"], `${path}/relates_to_product_reference`),
  };
  define(relation["full_product_name"], `${path}/full_product_name`, {}, relationship, products);
}

/** Ends may be defined by later relationships, so they are checked when all are known. */
function checkEnds(value: unknown, path: string, products: ReadonlyMap<string, CsafProduct>): void {
  const relation = record(value, path);
  for (const name of ["product_reference", "relates_to_product_reference"])
    checkDefined(text(relation[name], `${path}/${name}`), `${path}/${name}`, products);
}

/** @throws Problem when `productId` is not defined in the tree (test 6.1.1) */
export function checkDefined(productId: string, path: string, products: ReadonlyMap<string, CsafProduct>): void {
  if (!products.has(productId))
    throw refused(path, `the product id \`${productId.slice(0, 64)}\` is not defined (6.1.1)`);
}

/** A relationship must not define a product by itself, through however many others (test 6.1.3). */
function checkCircles(products: ReadonlyMap<string, CsafProduct>, path: string): void {
  const done = new Set<string>();
  for (const start of products.keys()) {
    const open = new Set<string>();
    const stack = [{ id: start, isLeaving: false }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if (top.isLeaving) {
        open.delete(top.id);
        done.add(top.id);
        continue;
      }
      if (done.has(top.id)) continue;
      if (open.has(top.id))
        throw refused(path, `the product id \`${top.id.slice(0, 64)}\` is defined by itself (6.1.3)`);
      open.add(top.id);
      stack.push({ id: top.id, isLeaving: true });
      const relationship = products.get(top.id)?.relationship;
      for (const id of relationship ? [relationship.product, relationship.relatesTo] : []) {
        if (open.has(id)) throw refused(path, `the product id \`${id.slice(0, 64)}\` is defined by itself (6.1.3)`);
        stack.push({ id, isLeaving: false });
      }
    }
  }
}

function readGroups(
  value: unknown,
  path: string,
  products: ReadonlyMap<string, CsafProduct>,
): Map<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const member of members(value, path)) {
    const group = record(member.value, member.path);
    const id = text(group["group_id"], `${member.path}/group_id`);
    if (groups.has(id))
      throw refused(`${member.path}/group_id`, `the group id \`${id.slice(0, 64)}\` is defined twice (6.1.5)`);
    const ids = textList(group["product_ids"], `${member.path}/product_ids`);
    for (const [i, productId] of ids.entries()) checkDefined(productId, `${member.path}/product_ids/${i}`, products);
    groups.set(id, ids);
  }
  return groups;
}
