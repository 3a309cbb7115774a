import { strict as assert } from "node:assert";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import {
  affectedBy,
  compareKev,
  compareProductVersions,
  isInRange,
  parseProductVersion,
  parseVersionRange,
  readCsaf,
  readKev,
} from "../src/index.ts";

type Json = Record<string, unknown>;

const folder = vectors("csaf");

test("reads CISA's OT advisories of 2024", { skip: skipUnless("shared", folder) }, () => {
  const files = globSync("cisa-csaf-ot-2024/*.json", { cwd: folder ?? "" });
  assert.equal(files.length, 119);
  let [vulnerabilities, parsed, unparsed] = [0, 0, 0];
  for (const file of files) {
    const advisory = unwrap(readCsaf(JSON.parse(readFileSync(join(folder ?? "", file), "utf8"))));
    vulnerabilities += advisory.vulnerabilities.length;
    for (const { version, vendor, name } of advisory.products.values()) {
      assert.ok(vendor && name, file);
      if (version === undefined) continue;
      if (parseVersionRange(version.text).kind === "unparsed") unparsed += 1;
      else parsed += 1;
    }
  }
  assert.equal(vulnerabilities, 621);
  assert.ok(parsed > 15 * unparsed, `${parsed} parsed, ${unparsed} not`);
});

/** Tests of CSAF 2.0 6.1 that the reader applies: what fails them can't be resolved. */
const RESOLVING = ["6.1.1", "6.1.2", "6.1.3", "6.1.4", "6.1.5", "6.1.6"];

test("refuses what can't be resolved and reads what OASIS calls valid (CSAF 2.0 6.1.1 to 6.1.6)", {
  skip: skipUnless("shared", folder),
}, () => {
  const data = join(folder ?? "", "oasis-tests/csaf_2.0/data");
  const cases: { tests: { id: string; failures?: { name: string }[]; valid?: { name: string }[] }[] } = JSON.parse(
    readFileSync(join(data, "testcases.open.json"), "utf8"),
  );
  const read = ({ name }: { name: string }) => readCsaf(JSON.parse(readFileSync(join(data, name), "utf8")));
  for (const { id, failures = [], valid = [] } of cases.tests) {
    for (const file of valid) assert.ok(read(file).ok, file.name);
    if (RESOLVING.includes(id)) for (const file of failures) assert.equal(read(file).ok, false, file.name);
  }
});

const branch = (category: string, name: string, own: Json): Json => ({ category, name, ...own });
const leaf = (id: string, category: string, name: string): Json =>
  branch(category, name, { product: { product_id: id, name: `Acme Drive ${name}` } });
const advisory = (own: Json = {}): Json => ({
  document: {
    category: "csaf_security_advisory",
    csaf_version: "2.0",
    title: "t",
    publisher: { category: "vendor", name: "Acme", namespace: "https://acme.example" },
    tracking: {
      id: "A-1",
      version: "1",
      status: "final",
      initial_release_date: "2024-01-01T00:00:00Z",
      current_release_date: "2024-01-01T00:00:00Z",
      revision_history: [],
    },
    distribution: { tlp: { label: "WHITE" } },
  },
  product_tree: {
    branches: [
      branch("vendor", "Acme", {
        branches: [
          branch("product_name", "Drive", {
            branches: [
              leaf("RANGE", "product_version_range", "vers:all/>=V2.0|<V3.1.4"),
              leaf("FIX", "product_version", "V3.1.4"),
              leaf("ALL", "product_version_range", "vers:all/*"),
              leaf("TEXT", "product_version_range", "<=The_first_5_digits"),
            ],
          }),
          branch("product_name", "Box", {
            product: {
              product_id: "BOX",
              name: "Acme Box",
              product_identification_helper: { model_numbers: ["BX-1"] },
            },
          }),
        ],
      }),
    ],
    relationships: [
      {
        category: "installed_on",
        product_reference: "RANGE",
        relates_to_product_reference: "BOX",
        full_product_name: { product_id: "BOTH", name: "Drive on Box" },
      },
    ],
    product_groups: [{ group_id: "G", product_ids: ["RANGE", "ALL"] }],
  },
  vulnerabilities: [
    {
      cve: "CVE-2024-1234",
      product_status: { known_affected: ["RANGE", "ALL", "TEXT", "BOTH"], fixed: ["FIX"], known_not_affected: ["BOX"] },
      remediations: [{ category: "vendor_fix", details: "update", group_ids: ["G"], product_ids: ["ALL"] }],
      scores: [
        {
          products: ["RANGE"],
          cvss_v3: { version: "3.1", baseScore: 9.8, vectorString: "CVSS:3.1/…", baseSeverity: "CRITICAL" },
        },
      ],
    },
  ],
  ...own,
});

test("resolves branches, groups and relationships", () => {
  const { products, vulnerabilities, tlp } = unwrap(readCsaf(advisory()));
  assert.equal(tlp, "WHITE");
  assert.deepEqual(products.get("RANGE")?.version, { kind: "range", text: "vers:all/>=V2.0|<V3.1.4" });
  assert.deepEqual([products.get("RANGE")?.vendor, products.get("RANGE")?.name], ["Acme", "Drive"]);
  assert.deepEqual(products.get("BOX")?.modelNumbers, ["BX-1"]);
  assert.deepEqual(products.get("BOTH")?.relationship, {
    category: "installed_on",
    product: "RANGE",
    relatesTo: "BOX",
  });
  assert.deepEqual(vulnerabilities[0]?.remediations[0]?.products, ["ALL", "RANGE"]);
  assert.deepEqual(vulnerabilities[0]?.scores[0]?.baseScore, 9.8);
});

test("says affected, not affected or unknown, and by which rule", () => {
  const { products, vulnerabilities } = unwrap(readCsaf(advisory()));
  const [vulnerability] = vulnerabilities;
  assert.ok(vulnerability);
  const verdict = (id: string, version?: string, relatedVersion?: string) => {
    const { answer, rule } = affectedBy(vulnerability, products, id, { version, relatedVersion });
    return `${answer} ${rule}`;
  };
  assert.equal(verdict("RANGE", "3.1.3"), "affected in-affected-range");
  assert.equal(verdict("RANGE", "V3.1.4"), "not_affected outside-affected-range");
  assert.equal(verdict("RANGE", "1.9"), "not_affected outside-affected-range");
  assert.equal(verdict("RANGE", "R3.1"), "unknown version-not-comparable");
  assert.equal(verdict("RANGE"), "unknown version-unknown");
  assert.equal(verdict("ALL"), "affected in-affected-range");
  assert.equal(verdict("TEXT", "1"), "unknown version-not-comparable");
  assert.equal(verdict("FIX", "V3.2"), "not_affected fixed-version");
  assert.equal(verdict("FIX", "V3.1.4"), "not_affected fixed-version");
  assert.equal(verdict("FIX", "V3.0"), "unknown no-statement");
  assert.equal(verdict("BOX"), "not_affected stated-not-affected");
  assert.equal(verdict("BOTH", "3.0"), "affected in-affected-range"); // the box has no version, so it is any
  assert.equal(verdict("BOTH", "9.0"), "not_affected outside-affected-range");
  assert.equal(verdict("NOWHERE", "1"), "unknown no-statement");
  const open = unwrap(
    readCsaf(
      advisory({ vulnerabilities: [{ product_status: { under_investigation: ["ALL"] } }, { cve: "CVE-2024-1" }] }),
    ),
  ).vulnerabilities;
  assert.equal(open[0] && affectedBy(open[0], products, "ALL", { version: "1" }).rule, "under-investigation");
  assert.equal(open[1] && affectedBy(open[1], products, "ALL", { version: "1" }).answer, "unknown"); // absence says nothing
});

test("refuses a torn advisory with its place", () => {
  const tree = (own: Json): Json => advisory({ product_tree: own, vulnerabilities: [] });
  const named = (id: string): Json => ({ product_id: id, name: id });
  const relation = (id: string, a: string, b: string): Json => ({
    category: "installed_on",
    product_reference: a,
    relates_to_product_reference: b,
    full_product_name: named(id),
  });
  const wrong: readonly (readonly [document: unknown, message: RegExp])[] = [
    [[], /^the document: expected an object/],
    [{ ...advisory(), document: { csaf_version: "2.1" } }, /^\/document\/csaf_version/],
    [tree({ full_product_names: [named("A"), named("A")] }), /6\.1\.2/],
    [tree({ full_product_names: [named("A")], relationships: [relation("B", "A", "C")] }), /6\.1\.1/],
    [
      tree({ full_product_names: [named("A")], relationships: [relation("B", "A", "C"), relation("C", "B", "A")] }),
      /6\.1\.3/,
    ],
    [tree({ full_product_names: [named("A")], relationships: [relation("B", "B", "A")] }), /6\.1\.3/],
    [
      tree({
        full_product_names: [named("A"), named("B")],
        product_groups: [{ group_id: "G", product_ids: ["A", "C"] }],
      }),
      /6\.1\.1/,
    ],
    [advisory({ vulnerabilities: [{ product_status: { fixed: ["ALL"], known_affected: ["ALL"] } }] }), /6\.1\.6/],
    [
      advisory({ vulnerabilities: [{ remediations: [{ category: "mitigation", details: "d", group_ids: ["X"] }] }] }),
      /6\.1\.4/,
    ],
    [
      advisory({
        vulnerabilities: [
          { scores: [{ products: ["ALL"], cvss_v3: { version: "3.1", baseScore: 11, vectorString: "x" } }] },
        ],
      }),
      /baseScore/,
    ],
  ];
  for (const [document, message] of wrong) {
    const read = readCsaf(document);
    assert.equal(read.ok ? "" : read.problem.code, "stix/csaf");
    if (!read.ok) assert.match(read.problem.message, message);
  }
});

test("bounds branches and references", () => {
  const nested = (depth: number): Json =>
    depth === 1 ? leaf("X", "product_version", "1") : branch("product_family", "f", { branches: [nested(depth - 1)] });
  const read = (depth: number) =>
    readCsaf(advisory({ product_tree: { branches: [nested(depth)] }, vulnerabilities: [] }));
  assert.ok(read(30).ok);
  assert.equal(read(31).ok, false);
  const names = Array.from({ length: 1_000 }, (_, i) => ({ product_id: `P${i}`, name: "n" }));
  const groups = [{ group_id: "G", product_ids: names.map(({ product_id }) => product_id) }];
  const remediation = { category: "mitigation", details: "d", group_ids: ["G"] };
  const expand = (count: number) =>
    readCsaf(
      advisory({
        product_tree: { full_product_names: names, product_groups: groups },
        vulnerabilities: [{ remediations: Array.from({ length: count }, () => remediation) }],
      }),
    );
  assert.ok(expand(1_000).ok);
  assert.equal(expand(1_001).ok, false);
});

test("reads ranges as vers and as vendors write them, and says unknown where it can't", () => {
  const cases: readonly (readonly [range: string, inside: string, outside: string])[] = [
    ["<V3.1.4", "V3.1.3", "V3.1.4"],
    ["<=2.5", "2.5.0", "2.5.0.1"],
    ["vers:all/<V4.2", "4.1", "4.2"],
    ["vers:generic/>=1.0|<2.0|>=3.0|<4.0", "3.5", "2.5"],
    ["vers:npm/1.2.3|1.2.5", "1.2.5", "1.2.4"],
    ["vers:npm/!=1.2.3", "1.2.4", "1.2.3"],
    ["vers:npm/>1|!=1.5|<2", "1.4", "1.5"],
    [">=v5.20", "6", "5.19.9"],
    ["<V2_SP1", "V2", "V2 SP1"],
    ["<V17_Update_3", "V17 Update 2", "V17.0 Upd 3"],
    ["<=2023_R2_P01", "2023 R2", "2023_R3"],
    [">=R3.2|<R3.5", "R3.4", "R3.5"],
    ["All versions < V2.1", "2.0", "2.1"],
    ["prior to 7.0", "6.9", "7.0"],
    ["4.2 and prior", "4.2", "4.3"],
  ];
  for (const [range, inside, outside] of cases) {
    assert.equal(isInRange(inside, parseVersionRange(range)), true, `${inside} in ${range}`);
    assert.equal(isInRange(outside, parseVersionRange(range)), false, `${outside} in ${range}`);
  }
  for (const range of ["vers:all/*", "All versions", "*"])
    assert.equal(isInRange("anything", parseVersionRange(range)), true);
  for (const [range, version] of [
    ["<V3", "R2"],
    ["<V2_SP1", "V2 HF1"],
    ["<=v5.21.x", "5"],
    ["vers:all/*_installed_on_CP200_", "1"],
    ["<V3", "unknown"],
    ["", "1"],
    ["<", "1"],
  ] as const)
    assert.equal(isInRange(version, parseVersionRange(range)), undefined, `${version} in ${range}`);
});

test("orders versions totally within a scheme", () => {
  const version = fc.tuple(
    fc.constantFrom("", "v", "V", "R"),
    fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
    fc.constantFrom("", " SP1", "_SP2", " SP1 Update 2", "_HF1"),
  );
  const text = version.map(([scheme, numbers, suffix]) => `${scheme}${numbers.join(".")}${suffix}`);
  fc.assert(
    fc.property(text, text, text, (...texts) => {
      const [a, b, c] = texts.map((one) => parseProductVersion(one));
      assert.ok(a && b && c);
      const [ab, ba, bc, ac] = [
        compareProductVersions(a, b),
        compareProductVersions(b, a),
        compareProductVersions(b, c),
        compareProductVersions(a, c),
      ];
      assert.equal(ab === undefined, ba === undefined);
      if (ab !== undefined && ba !== undefined) assert.equal(Math.sign(ab), -Math.sign(ba) || 0);
      if (ab !== undefined && bc !== undefined && ac !== undefined && ab < 0 && bc < 0) assert.ok(ac < 0);
    }),
  );
});

const kevFolder = vectors("kev/cisa-kev");

test("reads CISA's catalogue of known exploited vulnerabilities", { skip: skipUnless("shared", kevFolder) }, () => {
  const { entries, version } = unwrap(readKev(JSON.parse(readFileSync(join(kevFolder ?? "", "kev.json"), "utf8"))));
  assert.equal(version, "2025.08.25");
  assert.equal(entries.size, 1_404);
  assert.equal([...entries.values()].filter(({ isUsedByRansomware }) => isUsedByRansomware).length, 293);
});

test("compares releases of the catalogue and refuses a torn one", () => {
  const entry = (cve: string, own: Json = {}): Json => ({
    cveID: cve,
    vendorProject: "v",
    product: "p",
    vulnerabilityName: "n",
    dateAdded: "2024-01-01",
    shortDescription: "d",
    requiredAction: "a",
    dueDate: "2024-02-01",
    knownRansomwareCampaignUse: "Unknown",
    notes: "",
    cwes: ["CWE-1"],
    ...own,
  });
  const release = (...vulnerabilities: unknown[]): Json => ({
    title: "t",
    catalogVersion: "1",
    dateReleased: "2024-01-01T00:00:00Z",
    count: vulnerabilities.length,
    vulnerabilities,
  });
  const older = unwrap(readKev(release(entry("CVE-2024-0001"), entry("CVE-2024-0002"))));
  const newer = unwrap(readKev(release(entry("CVE-2024-0002", { dueDate: "2024-03-01" }), entry("CVE-2024-0003"))));
  const { added, changed, removed } = compareKev(older, newer);
  assert.deepEqual(
    [added, changed, removed].map((list) => list.map(({ cve }) => cve)),
    [["CVE-2024-0003"], ["CVE-2024-0002"], ["CVE-2024-0001"]],
  );
  const wrong = [
    null,
    {},
    { ...release(), vulnerabilities: {} },
    { ...release(entry("CVE-2024-0001")), count: 2 },
    release(entry("CVE-2024-0001"), entry("CVE-2024-0001")),
    release(entry("2024-0001")),
    release(entry("CVE-2024-0001", { dueDate: "2024-02-31x" })),
    release(entry("CVE-2024-0001", { product: 5 })),
    release(entry("CVE-2024-0001", { knownRansomwareCampaignUse: "Maybe" })),
    release(entry("CVE-2024-0001", { cwes: [1] })),
    release(5),
  ];
  for (const document of wrong) {
    const read = readKev(document);
    assert.equal(read.ok ? "" : read.problem.code, "stix/kev");
  }
});
