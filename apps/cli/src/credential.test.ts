import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, describe, test } from "node:test";
import { didKeyOf, keyOfJwk } from "@holdfast/credential";
import { skipUnless, vectors } from "../../../test/shared.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-credential-"));
after(() => rmSync(folder, { recursive: true }));

function holdfast(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const main = resolve(import.meta.dirname, "main.ts");
  return new Promise((done) =>
    execFile(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", main, "credential", ...words],
      (error, stdout, stderr) => done({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

function file(name: string, content: string | object): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** A private key file, and the did:key of its public half. */
function keyFile(name: string, kind: "ed25519" | "p256"): { path: string; did: string } {
  const { privateKey, publicKey } =
    kind === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty, crv, x, y } = publicKey.export({ format: "jwk" });
  const did = didKeyOf(keyOfJwk(JSON.parse(JSON.stringify({ kty, crv, x, y }))));
  return { path: file(name, String(privateKey.export({ format: "pem", type: "pkcs8" }))), did };
}

const issuer = keyFile("issuer.pem", "ed25519");
const p256 = keyFile("p256.pem", "p256");
const holder = keyFile("holder.pem", "p256");
const credential = file("credential.json", {
  "@context": ["https://www.w3.org/ns/credentials/v2"],
  type: ["VerifiableCredential"],
  validFrom: "2026-01-01T00:00:00Z",
  validUntil: "2026-12-31T00:00:00Z",
  credentialSubject: { id: "urn:lot:7", origin: "EE" },
});
const AT = ["--at", "2026-06-01T00:00:00Z"];

describe("holdfast credential", () => {
  test("issues and verifies with either key and either proof; a changed character is invalid, exit 1", async () => {
    for (const [key, securing] of [
      [issuer, "vc+jwt"],
      [issuer, "eddsa-jcs-2022"],
      [p256, "vc+jwt"],
    ] as const) {
      const signed = join(folder, "signed");
      const issued = await holdfast("issue", credential, "--key", key.path, "--securing", securing, "-o", signed);
      assert.equal(issued.status, 0, issued.stderr);
      const good = await holdfast("verify", signed, ...AT);
      assert.equal(good.status, 0, good.stdout);
      assert.match(good.stdout, /^passed {7}proof: .*\n.*[\s\S]*\nverdict: valid\n$/m);
      if (securing !== "vc+jwt" || key !== issuer) continue; // the package's tests change every character of every form
      const text = readFileSync(signed, "utf8").trim();
      const bad = await holdfast("verify", file("bad", `${text.slice(0, -4)}AAAA`), ...AT);
      assert.equal(bad.status, 1, bad.stdout);
    }
  });

  test("is invalid after its end, exit 1, and names the reason", async () => {
    const { stdout: signed } = await holdfast("issue", credential, "--key", issuer.path);
    const late = await holdfast("verify", file("late", signed), "--at", "2027-01-01T00:00:00Z");
    assert.equal(late.status, 1);
    assert.match(late.stdout, /failed {7}period: it expired at 2026-12-31T00:00:00Z/);
  });

  test("is not checked without the issuer's DID document, exit 69, and verified with it", async () => {
    const did = "did:web:certifier.example";
    const issued = await holdfast("issue", credential, "--key", issuer.path, "--kid", `${did}#1`);
    const signed = file("web", issued.stdout);
    const unknown = await holdfast("verify", signed, ...AT);
    assert.equal(unknown.status, 69);
    assert.match(unknown.stdout, /not checked {2}proof: .*--did/);
    const document = file("did.json", {
      id: did,
      verificationMethod: [
        { id: "#1", type: "Multikey", controller: did, publicKeyMultibase: issuer.did.slice("did:key:".length) },
      ],
      assertionMethod: ["#1"],
    });
    assert.equal((await holdfast("verify", signed, ...AT, "--did", document)).status, 0);
  });

  test("shows origin and hides price: issue, present to one verifier, verify", async () => {
    const claims = file("claims.json", {
      vct: "https://holdfast.example/lot",
      lot: "urn:lot:7",
      origin: "EE",
      price: 99,
      process: ["leach"],
    });
    const issued = await holdfast(
      "issue",
      claims,
      "--key",
      issuer.path,
      "--securing",
      "sd-jwt",
      "--holder",
      holder.did,
      "--conceal",
      "/origin",
      "--conceal",
      "/price",
      "--conceal",
      "/process",
    );
    assert.equal(issued.status, 0, issued.stderr);
    const audience = ["--audience", "https://customs.example", "--nonce", "n1"];
    const shown = await holdfast(
      "present",
      file("issued", issued.stdout),
      "--show",
      "/origin",
      "--key",
      holder.path,
      ...audience,
    );
    assert.equal(shown.status, 0, shown.stderr);
    const answer = await holdfast("verify", file("shown", shown.stdout), ...audience, "--json");
    assert.equal(answer.status, 0, answer.stdout);
    const { credential: seen } = JSON.parse(answer.stdout);
    assert.equal(seen.origin, "EE");
    assert.equal("price" in seen || "process" in seen, false);
    assert.equal(
      (await holdfast("verify", file("shown", shown.stdout), "--audience", "https://other.example", "--nonce", "n1"))
        .status,
      1,
    );
  });

  test("refuses to sign for another issuer, a broken form, and two words that do not fit", async () => {
    const broken = file("broken.json", { "@context": [], type: [], credentialSubject: {} });
    assert.equal((await holdfast("issue", broken, "--key", issuer.path)).status, 65);
    const foreign = file("foreign.json", {
      ...JSON.parse(readFileSync(credential, "utf8")),
      issuer: "did:web:other.example",
    });
    assert.equal((await holdfast("issue", foreign, "--key", issuer.path)).status, 65);
    assert.equal((await holdfast("issue", credential, "--key", issuer.path, "--conceal", "/x")).status, 64);
    assert.equal((await holdfast("verify", credential, "--nonce", "x")).status, 64);
    assert.equal((await holdfast("verify", file("none", "hello"))).status, 65);
    assert.equal((await holdfast("verify", join(folder, "absent"))).status, 66);
  });
});

const samples = vectors("untp/untp-0.7.0-mirror/artefacts/samples/v0.7.0");

test("validates every UNTP sample, and says why one with a bad member is invalid", {
  skip: skipUnless("shared", samples),
}, async () => {
  const root = samples ?? "";
  const files = ["dcc", "dia", "dpp", "dte"].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => join(root, kind, name)),
  );
  const good = await holdfast("validate", ...files);
  assert.equal(good.status, 0, good.stdout);
  assert.equal(good.stdout, files.map((path) => `valid\t${path}\n`).join(""));
  const anchor = JSON.parse(readFileSync(join(root, "dia/DigitalIdentityAnchor_mine_instance.json"), "utf8"));
  anchor.credentialSubject.registerType = "castle";
  const bad = await holdfast("validate", "--explain", file("anchor.json", anchor));
  assert.equal(bad.status, 1);
  assert.match(bad.stdout, /^invalid\t.*\n {2}error at \/credentialSubject\/registerType: .*castle.*\(untp\/enum\)/);
});
