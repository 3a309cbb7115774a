import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { contentOf, openDossier, verifyDossier } from "@holdfast/credential";
import { startTestNode, type TestCaller, type TestNode } from "../../../../../test/node.ts";

const ORE = "urn:epc:class:lgtin:4012345.012345.ORE-1";
const OXIDE = "urn:epc:class:lgtin:4012345.012345.OX-1";
const OTHER = "urn:epc:class:lgtin:4012345.012345.OTHER";

const event = (change: object) => ({
  type: "ObjectEvent",
  eventTime: "2026-05-01T10:00:00Z",
  eventTimeZoneOffset: "+00:00",
  action: "OBSERVE",
  bizStep: "shipping",
  readPoint: { id: "urn:epc:id:sgln:4012345.00011.0" },
  ...change,
});
const quantity = (epcClass: string, mass: number) => [{ epcClass, quantity: mass, uom: "KGM" }];
const DOCUMENT = {
  "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
  type: "EPCISDocument",
  schemaVersion: "2.0",
  creationDate: "2026-05-10T00:00:00Z",
  epcisBody: {
    eventList: [
      event({ action: "ADD", bizStep: "commissioning", quantityList: quantity(ORE, 1_000) }),
      event({ eventTime: "2026-05-02T10:00:00Z", quantityList: quantity(OTHER, 5) }),
      event({
        eventTime: "2026-05-05T10:00:00Z",
        quantityList: quantity(ORE, 200),
        "https://x.example/buyer": "RIVAL",
      }),
      {
        ...event({ eventTime: "2026-05-03T10:00:00Z", bizStep: "commissioning" }),
        type: "TransformationEvent",
        action: undefined,
        inputQuantityList: quantity(ORE, 800),
        outputQuantityList: quantity(OXIDE, 300),
      },
      event({ eventTime: "2026-05-04T10:00:00Z", quantityList: quantity(OXIDE, 300) }),
    ],
  },
};

const folder = mkdtempSync(join(tmpdir(), "holdfast-dossier-"));
after(() => rmSync(folder, { recursive: true }));

let house: TestNode;
let quality: TestCaller;
before(async () => {
  house = await startTestNode({ flags: { organisationName: "Refinery north" } });
  quality = await house.signedIn("quality");
  const captured = await house.node.thread.captured(JSON.stringify(DOCUMENT), { kind: "person", id: "p", name: "P" });
  assert.equal(captured.state, "done");
  const issued = await quality.send("POST", "/api/prove/credentials/issue", {
    kind: "DigitalProductPassport",
    name: "Passport of the ore",
    credentialSubject: {
      type: ["Product"],
      id: "https://id.gs1.org/01/04012345123456/10/ORE-1",
      name: "Ore",
      idScheme: { id: "https://id.gs1.org", name: "GS1" },
      idGranularity: "batch",
      productCategory: [],
      producedAtFacility: { id: "https://id.gs1.org/414/4012345000115", name: "Mine" },
      countryOfProduction: { countryCode: "EE" },
    },
  });
  assert.equal(issued.status, 201, issued.text);
});

const fetchDossier = (id: string, direction = "back") =>
  quality.send("GET", `/api/prove/dossier?id=${encodeURIComponent(id)}&direction=${direction}`);
const unknown = async () => ({ state: "not-checked", reason: "not given" }) as const;
const claimsOf = async (text: string) =>
  (await verifyDossier(new TextEncoder().encode(text), { resolveDid: unknown, fetchStatus: unknown })).claims;

test("makes a dossier of a lot with its pedigree's events, credentials and proofs, which verifies offline", async () => {
  const { status, text } = await fetchDossier(OXIDE);
  assert.equal(status, 200, text.slice(0, 500));
  const claims = await claimsOf(text);
  assert.deepEqual(
    claims.filter((each) => each.status === "not proven"),
    [],
  );
  const proven = (pattern: RegExp) =>
    claims.filter((each) => each.status === "proven" && pattern.test(each.claim)).length;
  assert.equal(proven(/^the ledger has `\w+Event of /), 3, JSON.stringify(claims));
  assert.equal(proven(/^`Passport of the ore` by .* is valid at/), 1, JSON.stringify(claims));
  assert.equal(proven(/^the ledger has that credential/), 1);
});

test("holds the events of the pedigree and no others", async () => {
  const { text } = await fetchDossier(OXIDE);
  assert.equal(text.includes("OTHER"), false);
  assert.equal(text.includes("RIVAL"), false, "what became of the rest of the ore is another's business");
  const { parts, seal } = openDossier(new TextEncoder().encode(text));
  assert.equal(seal.issuerName, "Refinery north");
  const [pedigree] = parts.filter(({ kind }) => kind === "pedigree").map(contentOf);
  assert.ok(JSON.stringify(pedigree).includes("800"));
  const forward = await fetchDossier(ORE, "forward");
  assert.equal(
    openDossier(new TextEncoder().encode(forward.text)).parts.filter(({ kind }) => kind === "event").length,
    4,
  );
});

test("knows a lot in either spelling, and says when no event names it", async () => {
  assert.equal((await fetchDossier("https://id.gs1.org/01/04012345123456/10/OX-1")).status, 200);
  const absent = await fetchDossier("urn:epc:class:lgtin:4012345.012345.NONE");
  assert.deepEqual([absent.status, absent.body.code], [404, "dossier/unknown-thing"]);
});

function holdfast(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const main = resolve(import.meta.dirname, "../../../../cli/src/main.ts");
  return new Promise((done) =>
    execFile(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], (error, stdout, stderr) =>
      done({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

test("`holdfast dossier ID -o FILE` and `holdfast verify FILE` agree with the node, and with no changed letter", async () => {
  const made = await quality.send("POST", "/api/platform/tokens", {
    name: "dossier",
    scopes: ["dossier:make"],
    days: 1,
  });
  assert.equal(made.status, 201, made.text);
  const file = join(folder, "oxide.json");
  const fetched = await holdfast("dossier", OXIDE, "-o", file, "--url", house.url, "--token", made.body.secret);
  assert.equal(fetched.status, 0, fetched.stderr);
  const verified = await holdfast("verify", file);
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
  assert.match(verified.stdout, /\nverdict: proven\n$/);
  const { text } = await fetchDossier(OXIDE);
  writeFileSync(file, text.replace("2026-05-04T10", "2026-05-05T10"));
  assert.equal((await holdfast("verify", file)).status, 1);
  const none = await holdfast("dossier", "urn:none", "-o", file, "--url", house.url, "--token", made.body.secret);
  assert.equal(none.status, 1, none.stderr);
});
