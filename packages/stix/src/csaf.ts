/**
 * CSAF 2.0 advisories (OASIS) as an importer needs them: products with their branches resolved, vulnerabilities with
 * product groups written out. Invariant: every product id that is used is defined exactly once (tests 6.1.1 to 6.1.3), no
 * product of a vulnerability has contradicting states (6.1.6); what breaks that is refused, with its place. Texts are kept
 * as they came and are as hostile as any input.
 */
import { fail, ok, Problem, type Result } from "@holdfast/kernel";
import { type CsafProduct, readProducts } from "./csaf-product.ts";
import { type CsafNote, readNotes, record, refused, text } from "./csaf-value.ts";
import { type CsafVulnerability, readVulnerabilities } from "./csaf-vulnerability.ts";
import { isRecord } from "./object-type.ts";
import type { StixCode } from "./problem-code.ts";

export interface CsafAdvisory {
  /** `tracking.id`, unique for the publisher. */
  readonly id: string;
  /** `tracking.version`; a newer one replaces the advisory. */
  readonly version: string;
  readonly status: string;
  readonly title: string;
  readonly category: string;
  readonly publisher: { readonly name: string; readonly namespace: string; readonly category: string };
  /** TLP 1 label of the document, when it has one. */
  readonly tlp: string | undefined;
  readonly initialReleaseAt: string;
  readonly currentReleaseAt: string;
  readonly notes: readonly CsafNote[];
  /** By product id. */
  readonly products: ReadonlyMap<string, CsafProduct>;
  readonly vulnerabilities: readonly CsafVulnerability[];
}

/** The advisory in `document`, a parsed JSON value. */
export function readCsaf(document: unknown): Result<CsafAdvisory, StixCode> {
  try {
    return ok(read(document));
  } catch (problem) {
    if (problem instanceof Problem && problem.code === "stix/csaf")
      return fail("stix/csaf", problem.message, { detail: problem.detail });
    throw problem;
  }
}

function read(value: unknown): CsafAdvisory {
  const root = record(value, "");
  const document = record(root["document"], "/document");
  if (document["csaf_version"] !== "2.0") throw refused("/document/csaf_version", "expected `2.0`");
  const tracking = record(document["tracking"], "/document/tracking");
  const publisher = record(document["publisher"], "/document/publisher");
  const tree = readProducts(root["product_tree"], "/product_tree");
  return {
    id: text(tracking["id"], "/document/tracking/id"),
    version: text(tracking["version"], "/document/tracking/version"),
    status: text(tracking["status"], "/document/tracking/status"),
    title: text(document["title"], "/document/title"),
    category: text(document["category"], "/document/category"),
    publisher: {
      name: text(publisher["name"], "/document/publisher/name"),
      namespace: text(publisher["namespace"], "/document/publisher/namespace"),
      category: text(publisher["category"], "/document/publisher/category"),
    },
    tlp: tlpOf(document["distribution"]),
    initialReleaseAt: text(tracking["initial_release_date"], "/document/tracking/initial_release_date"),
    currentReleaseAt: text(tracking["current_release_date"], "/document/tracking/current_release_date"),
    notes: readNotes(document["notes"], "/document/notes"),
    products: tree.products,
    vulnerabilities: readVulnerabilities(root["vulnerabilities"], "/vulnerabilities", tree),
  };
}

function tlpOf(distribution: unknown): string | undefined {
  const tlp = isRecord(distribution) ? distribution["tlp"] : undefined;
  return isRecord(tlp) && typeof tlp["label"] === "string" ? tlp["label"] : undefined;
}
