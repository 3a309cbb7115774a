import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { Json } from "@holdfast/kernel";
import fc from "fast-check";
import { ed25519Of, p256Of, repeatableRandom } from "../test/test-keys.ts";
import { didKeyOf, didKeyUrl } from "./did-key.ts";
import { encodeBase64url } from "./encoding.ts";
import { fromUtf8, isList, isObject, type JsonObject, parseJsonObject, under, utf8 } from "./json.ts";
import { parseJws, signJws } from "./jws.ts";
import { CredentialProblem } from "./refusal.ts";
import { concealClaims, disclosureDigest, formatSdJwt, openClaims, parseSdJwt, selectDisclosures } from "./sd-jwt.ts";
import { issueSdJwt, presentSdJwt } from "./sd-jwt-vc.ts";
import { verifyCredential } from "./verify.ts";

const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof CredentialProblem) return error.code;
    throw error;
  }
  return "none";
};
const disclosure = (...parts: Json[]) => encodeBase64url(utf8(JSON.stringify(parts)));
const digest = (text: string) => disclosureDigest(text, "sha-256");

test("digests the disclosures of RFC 9901 4.2.3 as it prints them", () => {
  const known = [
    [
      "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
      "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
    ],
    ["WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0", "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"],
  ] as const;
  for (const [text, expected] of known) assert.equal(digest(text), expected);
});

test("opens members, array elements and what lies within what was disclosed (RFC 9901 7.1)", () => {
  const inner = disclosure("s1", "city", "Sillamäe");
  const outer = disclosure("s2", "address", { _sd: [digest(inner)], country: "EE" });
  const element = disclosure("s3", "second");
  const payload = {
    _sd: [digest(outer), "decoy"],
    list: ["first", { "...": digest(element) }, { "...": "hidden" }],
    _sd_alg: "sha-256",
  };
  const opened = openClaims(payload, [inner, outer, element]);
  assert.deepEqual(opened.claims, { address: { country: "EE", city: "Sillamäe" }, list: ["first", "second"] });
  assert.equal(opened.withheldCount, 2);
  assert.deepEqual(openClaims(payload, [outer]).claims, { address: { country: "EE" }, list: ["first"] });
});

test("refuses what RFC 9901 7.1 tells a verifier to refuse", () => {
  const price = disclosure("s", "price", 5);
  const cases: Record<string, () => unknown> = {
    "a disclosure that no digest calls for": () => openClaims({ a: 1 }, [price]),
    "a disclosure inside one that was not shown": () => openClaims({ _sd: ["x"] }, [price]),
    "a disclosure twice": () => openClaims({ _sd: [digest(price)] }, [price, price]),
    "a digest twice in one object": () => openClaims({ _sd: ["x", "x"] }, []),
    "a digest twice in two places": () => openClaims({ _sd: ["x"], a: [{ "...": "x" }] }, []),
    "a name that is there already": () => openClaims({ price: 1, _sd: [digest(price)] }, [price]),
    "a disclosure of the name _sd": () =>
      openClaims({ _sd: [digest(disclosure("s", "_sd", []))] }, [disclosure("s", "_sd", [])]),
    "a disclosure of the name ...": () =>
      openClaims({ _sd: [digest(disclosure("s", "...", ""))] }, [disclosure("s", "...", "")]),
    "a member's disclosure as an element": () => openClaims({ a: [{ "...": digest(price) }] }, [price]),
    "an element's disclosure as a member": () =>
      openClaims({ _sd: [digest(disclosure("s", 1))] }, [disclosure("s", 1)]),
    "a disclosure of four parts": () => openClaims({ _sd: ["x"] }, [disclosure("s", "a", 1, 2)]),
    "a disclosure without a salt": () => openClaims({ _sd: ["x"] }, [disclosure(5, "a", 1)]),
    "an _sd that is no array": () => openClaims({ _sd: "x" }, []),
    "a digest that is no text": () => openClaims({ _sd: [5] }, []),
    "... beside other members": () => openClaims({ a: [{ "...": "x", b: 1 }] }, []),
    "... outside an array": () => openClaims({ a: { "...": "x" } }, []),
  };
  for (const [name, work] of Object.entries(cases)) assert.equal(code(work), "credential/sd-jwt", name);
  assert.equal(
    code(() => openClaims({ _sd_alg: "md5" }, [])),
    "credential/unsupported",
  );
});

test("takes 2,000 disclosures and refuses 2,001", () => {
  assert.equal(
    code(() => parseSdJwt(`a.b.c~${"d~".repeat(2_000)}`)),
    "none",
  );
  assert.equal(
    code(() => parseSdJwt(`a.b.c~${"d~".repeat(2_001)}`)),
    "credential/sd-jwt",
  );
});

const claimName = fc
  .string({ minLength: 1, maxLength: 6 })
  .filter((name) => !["_sd", "...", "_sd_alg", "__proto__"].includes(name));
const claims = fc.dictionary(
  claimName,
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      fc.string({ maxLength: 5 }),
      fc.integer(),
      fc.boolean(),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(claimName, tie("value"), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value,
  { maxKeys: 5, noNullPrototype: true },
) as fc.Arbitrary<JsonObject>; // JSON by construction

function pathsOf(value: Json, path = ""): string[] {
  const members = isList(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  return members.flatMap(([name, each]) => [under(path, name), ...pathsOf(each, under(path, name))]);
}

test("gives back what was concealed when all is disclosed, and nothing of it when nothing is", () => {
  fc.assert(
    fc.property(claims, fc.infiniteStream(fc.boolean()), fc.nat({ max: 3 }), (original, coins, decoyCount) => {
      const paths = pathsOf(original).filter(() => coins.next().value);
      const { payload, disclosures } = concealClaims(original, { paths, decoyCount, random: repeatableRandom() });
      assert.equal(disclosures.length, paths.length);
      assert.deepEqual(openClaims(payload, disclosures).claims, original);
      const { claims: shown } = openClaims(payload, []);
      const topLevel = paths.filter((path) => path.lastIndexOf("/") === 0).map((path) => path.slice(1));
      for (const name of topLevel) assert.equal(name.replaceAll("~1", "/").replaceAll("~0", "~") in shown, false);
    }),
    { numRuns: 200 },
  );
});

test("shows a chosen part with what holds it, and no more", () => {
  const original = { product: { origin: "EE", price: 5, mass: { value: 9, unit: "KGM" } }, customer: "ACME" };
  const paths = ["/product", "/product/origin", "/product/price", "/product/mass", "/customer"];
  const { payload, disclosures } = concealClaims(original, { paths, random: repeatableRandom() });
  const chosen = selectDisclosures({ jws: "", disclosures, keyBinding: undefined }, payload, [
    "/product/origin",
    "/product/mass",
  ]);
  assert.deepEqual(openClaims(payload, chosen.disclosures).claims, {
    product: { origin: "EE", mass: { value: 9, unit: "KGM" } },
  });
  assert.equal(
    code(() => selectDisclosures({ jws: "", disclosures, keyBinding: undefined }, payload, ["/nothing"])),
    "credential/sd-jwt",
  );
});

const issuer = ed25519Of(11);
const holder = p256Of(12);
const at = new Date("2026-06-01T00:00:00Z");
const challenge = { audience: "https://customs.example", nonce: "n-1" };
const ports = {
  at,
  resolveDid: async () => ({ state: "not-checked", reason: "no network" }) as const,
  fetchStatus: async () => ({ state: "not-checked", reason: "no network" }) as const,
};
const shipment = {
  vct: "https://holdfast.example/vct/lot-origin",
  iss: didKeyOf(issuer.key),
  iat: 1_780_000_000,
  lot: "https://id.gs1.org/01/04012345123456/10/998877",
  origin: "EE",
  massGrams: 1_200_000,
  price: { amount: 99, currency: "EUR" },
  customer: "ACME",
  process: ["leach", "calcine"],
};
const issued = () =>
  issueSdJwt(shipment, {
    kid: didKeyUrl(issuer.key),
    signer: issuer.signer,
    holder: holder.key,
    conceal: {
      paths: ["/origin", "/massGrams", "/price", "/customer", "/process", "/process/1"],
      decoyCount: 3,
      random: repeatableRandom(),
    },
  });
const presented = async (bind: Partial<{ audience: string; nonce: string; atSeconds: number }> = {}) =>
  presentSdJwt(await issued(), {
    paths: ["/origin", "/massGrams"],
    bind: { ...challenge, atSeconds: at.getTime() / 1_000, ...bind, signer: holder.signer },
  });

test("proves origin and mass, and shows neither price nor customer nor process", async () => {
  const text = await presented();
  const { verdict, checks, credential } = await verifyCredential(text, { ...ports, challenge });
  assert.equal(verdict, "valid", JSON.stringify(checks));
  assert.equal(credential["origin"], "EE");
  assert.equal(credential["massGrams"], 1_200_000);
  for (const name of ["price", "customer", "process"]) assert.equal(name in credential, false, name);
  const plain = text
    .split(/[.~]/)
    .map((part) => Buffer.from(part, "base64url").toString("latin1"))
    .join(" ");
  for (const secret of ["ACME", "leach", "calcine", "EUR"]) assert.equal(plain.includes(secret), false, secret);
});

test("refuses a key binding for another verifier, nonce, time, holder or presentation (RFC 9901 7.3)", async () => {
  const holderState = async (text: string) => {
    const { checks } = await verifyCredential(text, { ...ports, challenge });
    return checks.find(({ check }) => check === "holder")?.state;
  };
  assert.equal(await holderState(await presented()), "passed");
  assert.equal(await holderState(await presented({ audience: "https://other.example" })), "failed");
  assert.equal(await holderState(await presented({ nonce: "n-2" })), "failed");
  assert.equal(await holderState(await presented({ atSeconds: at.getTime() / 1_000 - 601 })), "failed");
  assert.equal(await holderState(await presented({ atSeconds: at.getTime() / 1_000 + 61 })), "failed");
  assert.equal(await holderState(await issued()), "failed", "not bound at all");
  const stolen = await presentSdJwt(await issued(), {
    paths: ["/origin"],
    bind: { ...challenge, atSeconds: at.getTime() / 1_000, signer: p256Of(13).signer },
  });
  assert.equal(await holderState(stolen), "failed");
  const parts = parseSdJwt(await presented());
  assert.equal(await holderState(formatSdJwt({ ...parts, disclosures: parts.disclosures.slice(1) })), "failed");
});

test("does not check a key binding that nobody asked for, and says so", async () => {
  const { verdict } = await verifyCredential(await presented(), ports);
  assert.equal(verdict, "not-checked");
});

test("refuses a disclosed period, issuer, type or holder's key (SD-JWT VC 3.2.2.2)", async () => {
  const hidden = disclosure("s", "exp", 4_000_000_000);
  const jws = await signJws(
    { typ: "dc+sd-jwt", kid: didKeyUrl(issuer.key) },
    { ...shipment, _sd: [digest(hidden)], _sd_alg: "sha-256" },
    issuer.signer,
  );
  await assert.rejects(verifyCredential(`${jws}~${hidden}~`, ports), { code: "credential/sd-jwt" });
  await assert.rejects(
    issueSdJwt(shipment, { kid: "x", signer: issuer.signer, conceal: { paths: ["/iss"], random: repeatableRandom() } }),
    { code: "credential/sd-jwt" },
  );
});

test("leaves the signed payload as it is when disclosures are dropped", async () => {
  const [whole, part] = [parseSdJwt(await issued()), parseSdJwt(await presented())];
  assert.equal(part.jws, whole.jws);
  assert.equal(parseJsonObject(fromUtf8(parseJws(part.jws).payload))["_sd_alg"], "sha-256");
});
