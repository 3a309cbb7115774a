import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { ed25519Of, p256Of } from "../test/test-keys.ts";
import { decodeBase58, decodeBase64url, encodeBase58, encodeBase64url } from "./encoding.ts";
import { parseJson, utf8 } from "./json.ts";
import { jwkThumbprint, keyOfJwk } from "./jwk.ts";
import { parseJws, signJws, verifyJws } from "./jws.ts";
import { CredentialProblem } from "./refusal.ts";

/** The key and the signature of RFC 8037, appendix A. */
const RFC8037_KEY = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
const RFC8037_JWS =
  "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
/** The key and the signature of RFC 7515, appendix A.3. */
const RFC7515_KEY = {
  kty: "EC",
  crv: "P-256",
  x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
};
const RFC7515_JWS =
  "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof CredentialProblem) return error.code;
    throw error;
  }
  return "none";
};
const head = (header: object) => encodeBase64url(utf8(JSON.stringify(header)));

test("verifies the Ed25519 example of RFC 8037 A.4 and its thumbprint of A.3", () => {
  const key = keyOfJwk(RFC8037_KEY);
  assert.equal(verifyJws(parseJws(RFC8037_JWS), key), true);
  assert.equal(jwkThumbprint(key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
});

test("verifies the ES256 example of RFC 7515 A.3", () => {
  assert.equal(verifyJws(parseJws(RFC7515_JWS), keyOfJwk(RFC7515_KEY)), true);
});

test("never takes a key of the other algorithm", () => {
  assert.equal(verifyJws(parseJws(RFC8037_JWS), keyOfJwk(RFC7515_KEY)), false);
  assert.equal(verifyJws(parseJws(RFC7515_JWS), keyOfJwk(RFC8037_KEY)), false);
});

for (const { key, signer } of [ed25519Of(3), p256Of(5)])
  test(`verifies what it signs with ${signer.algorithm}, and nothing that differs in one character`, async () => {
    const compact = await signJws({ kid: "did:web:a.example#1" }, { a: 1 }, signer);
    assert.equal(verifyJws(parseJws(compact), key), true);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: compact.length - 1 }), fc.constantFrom(..."Ab9_-."), async (at, letter) => {
        fc.pre(compact[at] !== letter);
        const changed = `${compact.slice(0, at)}${letter}${compact.slice(at + 1)}`;
        try {
          assert.equal(verifyJws(parseJws(changed), key), false);
        } catch (error) {
          assert.ok(error instanceof CredentialProblem, String(error));
        }
      }),
      { numRuns: 150 },
    );
  });

test("refuses algorithms outside the list, among them none and HS256 (RFC 8725 3.1)", () => {
  for (const alg of ["none", "HS256", "RS256", "ES384", "eddsa", 5, undefined])
    assert.equal(
      code(() => parseJws(`${head({ alg })}.e30.AA`)),
      "credential/unsupported",
    );
});

test("refuses headers that bring a key, an address, an extension or an unencoded payload", () => {
  for (const name of ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"])
    assert.equal(
      code(() => parseJws(`${head({ alg: "EdDSA", [name]: [] })}.e30.AA`)),
      "credential/jose",
    );
});

test("refuses a private key where a public one is asked for, and points off the curve", () => {
  assert.equal(
    code(() => keyOfJwk({ ...RFC8037_KEY, d: "AA" })),
    "credential/key",
  );
  assert.equal(
    code(() => keyOfJwk({ ...RFC7515_KEY, y: RFC7515_KEY.x })),
    "credential/key",
  );
  assert.equal(
    code(() => keyOfJwk({ kty: "RSA", n: "AA", e: "AQAB" })),
    "credential/unsupported",
  );
});

test("writes and reads base64url and base58btc in one spelling only", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      assert.deepEqual(decodeBase64url(encodeBase64url(bytes)), bytes);
      assert.deepEqual(decodeBase58(encodeBase58(bytes)), bytes);
    }),
  );
  for (const text of ["AB==", "A", "AB", "A+==", "A B"])
    assert.equal(
      code(() => decodeBase64url(text)),
      "credential/encoding",
    );
  assert.equal(
    code(() => decodeBase58("0OIl")),
    "credential/encoding",
  );
  assert.equal(decodeBase58("1".repeat(512)).length, 512);
  assert.equal(
    code(() => decodeBase58("1".repeat(513))),
    "credential/encoding",
  );
});

test("reads JSON of 4,000,000 characters and refuses one more", () => {
  const text = (length: number) => `"${"x".repeat(length - 2)}"`;
  assert.equal(
    code(() => parseJson(text(4_000_000))),
    "none",
  );
  assert.equal(
    code(() => parseJson(text(4_000_001))),
    "credential/json",
  );
});

test("reads I-JSON only: no name twice, no lone surrogate, no prototype, at most 64 levels (RFC 7493)", () => {
  assert.equal(
    code(() => parseJson('{"a":1,"\\u0061":2}')),
    "credential/json",
  );
  assert.equal(
    code(() => parseJson('{"a":{"b":1},"c":[{"b":1,"b":2}]}')),
    "credential/json",
  );
  assert.equal(
    code(() => parseJson('["\\ud800"]')),
    "credential/json",
  );
  assert.equal(
    code(() => parseJson('{"__proto__":{}}')),
    "credential/json",
  );
  assert.deepEqual(parseJson('{"a":{"b":"a\\":"},"b":["a","a",{"a":"\\ud83d\\ude00"}]}'), {
    a: { b: 'a":' },
    b: ["a", "a", { a: "😀" }],
  });
  assert.equal(
    code(() => parseJson("[".repeat(64) + "]".repeat(64))),
    "none",
  );
  assert.equal(
    code(() => parseJson("[".repeat(65) + "]".repeat(65))),
    "credential/json",
  );
});
