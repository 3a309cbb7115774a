import { strict as assert } from "node:assert";
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { before, test } from "node:test";
import { send, startTestNode, type TestCaller, type TestNode } from "../../../../../test/node.ts";
import { PASSKEYS_PER_PERSON_MAX } from "./passkey.ts";

let house: TestNode;
let url: string;
before(async () => {
  house = await startTestNode();
  url = house.url.replace("127.0.0.1", "localhost"); // an address can't be a relying party's id
});

type Cbor = number | string | Uint8Array | Map<number | string, Cbor>;

/** CBOR (RFC 8949 3) of what an authenticator sends: integers, strings, bytes and maps. */
function cbor(value: Cbor): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, each]) => [cbor(key), cbor(each)])]);
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.of((major << 5) | length);
  if (length < 256) return Buffer.of((major << 5) | 24, length);
  return Buffer.of((major << 5) | 25, length >> 8, length & 255);
}

/** An ES256 key as COSE_Key (RFC 9053 7.1.1). */
function coseKey(key: KeyObject): Cbor {
  const { x, y } = key.export({ format: "jwk" });
  const coordinate = (text: string | undefined) => Uint8Array.from(Buffer.from(text ?? "", "base64url"));
  return new Map<number, Cbor>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, coordinate(x)],
    [-3, coordinate(y)],
  ]);
}

/** What a ceremony may get wrong, to see that it is refused. */
interface Mistakes {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly flags?: number;
  readonly counter?: number;
  readonly challenge?: string;
  readonly userHandle?: string;
  readonly otherKey?: boolean;
}

const PRESENT_AND_VERIFIED = 0b0000_0101; // UP and UV, WebAuthn 6.1
const ATTESTED = 0b0100_0000;

/** A software authenticator with one discoverable ES256 credential (WebAuthn Level 3 6.3). */
class Authenticator {
  readonly id = randomBytes(32);
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly #others = generateKeyPairSync("ec", { namedCurve: "P-256" });
  #counter = 0;
  #userHandle = "";

  // oxlint-disable-next-line typescript/no-explicit-any -- what a browser passes on, whatever came
  create(options: any, mistakes: Mistakes = {}): Record<string, unknown> {
    this.#userHandle = options.user.id;
    const idLength = Buffer.of(this.id.length >> 8, this.id.length & 255);
    const attested = Buffer.concat([Buffer.alloc(16), idLength, this.id, cbor(coseKey(this.#keys.publicKey))]);
    const authData = Buffer.concat([this.#data(options.rp.id, ATTESTED, mistakes), attested]);
    const attestation = new Map<string, Cbor>([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", Uint8Array.from(authData)],
    ]);
    const { clientDataJSON } = clientData("webauthn.create", options.challenge, mistakes);
    return this.#credential({
      clientDataJSON,
      attestationObject: cbor(attestation).toString("base64url"),
      transports: ["internal"],
    });
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  get(options: any, mistakes: Mistakes = {}): Record<string, unknown> {
    const authData = this.#data(options.rpId, 0, mistakes);
    const { clientDataJSON, hash } = clientData("webauthn.get", options.challenge, mistakes);
    const key = mistakes.otherKey ? this.#others.privateKey : this.#keys.privateKey;
    return this.#credential({
      clientDataJSON,
      authenticatorData: authData.toString("base64url"),
      signature: sign("sha256", Buffer.concat([authData, hash]), key).toString("base64url"),
      userHandle: mistakes.userHandle ?? this.#userHandle,
    });
  }

  /** Authenticator data without attested credential data, WebAuthn 6.1. */
  #data(rpId: string, flags: number, mistakes: Mistakes): Buffer {
    this.#counter = mistakes.counter ?? this.#counter + 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.#counter);
    const rpIdHash = createHash("sha256")
      .update(mistakes.rpId ?? rpId)
      .digest();
    return Buffer.concat([rpIdHash, Buffer.of(flags | (mistakes.flags ?? PRESENT_AND_VERIFIED)), counter]);
  }

  #credential(response: Record<string, unknown>): Record<string, unknown> {
    const id = this.id.toString("base64url");
    return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response };
  }
}

function clientData(type: string, challenge: string, mistakes: Mistakes): { clientDataJSON: string; hash: Buffer } {
  const data = {
    type: mistakes.type ?? type,
    challenge: mistakes.challenge ?? challenge,
    origin: mistakes.origin ?? url,
    crossOrigin: false,
  };
  const bytes = Buffer.from(JSON.stringify(data));
  return { clientDataJSON: bytes.toString("base64url"), hash: createHash("sha256").update(bytes).digest() };
}

const REGISTRATION = "/api/account/passkeys/registration";
const OPTIONS = "/api/account/passkey-sign-in/options";
const anyone = (path: string, body?: unknown) => send(url, {}, "POST", path, body);
const as = (person: TestCaller, method: string, path: string, body?: unknown) =>
  send(url, { cookie: person.cookie, "x-holdfast-csrf": "1" }, method, path, body);

async function register(person: TestCaller, authenticator: Authenticator, mistakes: Mistakes = {}) {
  const options = await as(person, "POST", REGISTRATION);
  assert.equal(options.status, 200, options.text);
  const response = authenticator.create(options.body, mistakes);
  return as(person, "POST", "/api/account/passkeys", { name: "My key", response });
}

async function signIn(authenticator: Authenticator, mistakes: Mistakes = {}) {
  const options = await anyone(OPTIONS);
  assert.equal(options.status, 200, options.text);
  return anyone("/api/account/passkey-sign-in", { response: authenticator.get(options.body, mistakes) });
}

test("asks for a discoverable credential with user verification, under the node's own name (WebAuthn 5.4)", async () => {
  const person = await house.signedIn("viewer");
  const { body } = await as(person, "POST", REGISTRATION);
  assert.equal(body.rp.id, "localhost");
  assert.deepEqual(
    [body.authenticatorSelection.residentKey, body.authenticatorSelection.userVerification],
    ["required", "required"],
  );
  assert.equal(body.attestation, "none");
  assert.equal(Buffer.from(body.challenge, "base64url").length, 32);
  const options = await anyone(OPTIONS);
  assert.equal(options.body.userVerification, "required");
  assert.ok(!options.body.allowCredentials?.length, "a sign-in names no account");
});

test("registers a passkey, signs in with it and nothing else, and removes it", async () => {
  const person = await house.signedIn("analyst");
  const key = new Authenticator();
  const registered = await register(person, key);
  assert.equal(registered.status, 201, registered.text);
  const answer = await signIn(key);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body.roles, ["analyst"]);
  assert.equal(answer.body.id, (await as(person, "GET", "/api/account")).body.id);
  const cookie = answer.headers.getSetCookie()[0]!.split(";")[0]!; // the sign-in sets one cookie
  const sessions = (await send(url, { cookie }, "GET", "/api/account/sessions")).body.items;
  assert.equal(sessions.find((each: { current: boolean }) => each.current).method, "passkey");
  const [listed] = (await as(person, "GET", "/api/account/passkeys")).body.items;
  assert.ok(listed.name === "My key" && listed.lastUsedAt);
  const other = await house.signedIn("viewer");
  const path = `/api/account/passkeys/${listed.id}`;
  assert.equal((await as(other, "DELETE", path)).body.code, "account/passkey-not-found");
  assert.equal((await as(person, "DELETE", path)).status, 204);
  assert.equal((await signIn(key)).body.code, "account/passkey-refused");
});

test("refuses a registration that breaks a rule of WebAuthn 7.1, and keeps nothing", async () => {
  const person = await house.signedIn("viewer");
  const mistakes: Mistakes[] = [
    { origin: "https://evil.example" },
    { origin: url.replace("localhost", "127.0.0.1") },
    { rpId: "evil.example" },
    { type: "webauthn.get" },
    { flags: 0b0000_0001 },
    { flags: 0 },
    { challenge: randomBytes(32).toString("base64url") },
  ];
  for (const mistake of mistakes) {
    const answer = await register(person, new Authenticator(), mistake);
    assert.deepEqual([answer.status, answer.body.code], [401, "account/passkey-refused"], JSON.stringify(mistake));
  }
  assert.deepEqual((await as(person, "GET", "/api/account/passkeys")).body.items, []);
});

test("refuses an assertion that breaks a rule of WebAuthn 7.2", async () => {
  const person = await house.signedIn("viewer");
  const key = new Authenticator();
  await register(person, key);
  const mistakes: Mistakes[] = [
    { origin: "https://evil.example" },
    { rpId: "evil.example" },
    { type: "webauthn.create" },
    { flags: 0b0000_0001 },
    { flags: 0b0000_0100 },
    { challenge: randomBytes(32).toString("base64url") },
    { userHandle: randomBytes(16).toString("base64url") },
    { otherKey: true },
  ];
  for (const mistake of mistakes) {
    const answer = await signIn(key, mistake);
    assert.deepEqual([answer.status, answer.body.code], [401, "account/passkey-refused"], JSON.stringify(mistake));
    assert.deepEqual(answer.headers.getSetCookie(), []);
  }
  assert.equal((await signIn(key, { counter: 50 })).status, 200);
});

test("refuses a signature count that does not grow, which a copied key shows (WebAuthn 6.1.1), and takes one that stays 0", async () => {
  const person = await house.signedIn("viewer");
  const key = new Authenticator();
  await register(person, key, { counter: 7 });
  assert.equal((await signIn(key, { counter: 7 })).body.code, "account/passkey-refused");
  assert.equal((await signIn(key, { counter: 8 })).status, 200);
  const copies = await Promise.all([signIn(key, { counter: 9 }), signIn(key, { counter: 9 })]);
  assert.deepEqual(copies.map((answer) => answer.status).toSorted(), [200, 401]);
  const synced = new Authenticator();
  await register(person, synced, { counter: 0 });
  for (let i = 0; i < 2; i++) assert.equal((await signIn(synced, { counter: 0 })).status, 200);
});

test("a challenge works once, for five minutes, for its ceremony and its person", async () => {
  const [person, other] = [await house.signedIn("viewer"), await house.signedIn("viewer")];
  const key = new Authenticator();
  const options = (await as(person, "POST", REGISTRATION)).body;
  const body = { name: "k", response: key.create(options) };
  assert.equal((await as(other, "POST", "/api/account/passkeys", body)).body.code, "account/passkey-refused");
  assert.equal(
    (await as(person, "POST", "/api/account/passkeys", body)).body.code,
    "account/passkey-refused",
    "it was taken",
  );
  await register(person, key);
  const assertion = { response: key.get((await anyone(OPTIONS)).body) };
  const answers = await Promise.all([1, 2, 3].map(() => anyone("/api/account/passkey-sign-in", assertion)));
  assert.deepEqual(answers.map((answer) => answer.status).toSorted(), [200, 401, 401]);
  const late = (await anyone(OPTIONS)).body;
  await house.node.database.pool.query("update auth_ceremony set ends_at = ends_at - interval '5 minutes'");
  assert.equal(
    (await anyone("/api/account/passkey-sign-in", { response: key.get(late) })).body.code,
    "account/passkey-refused",
  );
  const wrong = (await as(person, "POST", REGISTRATION)).body;
  const crossed = { response: key.get({ rpId: "localhost", challenge: wrong.challenge }) };
  assert.equal((await anyone("/api/account/passkey-sign-in", crossed)).body.code, "account/passkey-refused");
});

test("a passkey is registered once, by one person, and a person has at most twenty", async () => {
  const [person, other] = [await house.signedIn("viewer"), await house.signedIn("viewer")];
  const key = new Authenticator();
  assert.equal((await register(person, key)).status, 201);
  assert.equal((await register(other, key)).body.code, "account/passkey-refused");
  const { body } = await as(person, "POST", REGISTRATION);
  assert.deepEqual(
    body.excludeCredentials.map((each: { id: string }) => each.id),
    [key.id.toString("base64url")],
  );
  for (let i = 1; i < PASSKEYS_PER_PERSON_MAX; i++)
    assert.equal((await register(person, new Authenticator())).status, 201);
  const more = await as(person, "POST", REGISTRATION);
  assert.deepEqual([more.status, more.body.code], [409, "account/too-many-passkeys"]);
});

test("a disabled person's passkey opens nothing", async () => {
  const person = await house.signedIn("viewer");
  const key = new Authenticator();
  await register(person, key);
  const { id } = (await as(person, "GET", "/api/account")).body;
  await house.node.database.pool.query("update auth_person set disabled_at = now() where id = $1", [id]);
  assert.equal((await signIn(key)).body.code, "account/disabled");
});

test("malformed answers get a clear problem", async () => {
  const person = await house.signedIn("viewer");
  const key = new Authenticator();
  await register(person, key);
  const good = key.get((await anyone(OPTIONS)).body);
  const responses: Record<string, unknown>[] = [
    {},
    { ...good, type: "password" },
    { ...good, response: {} },
    { ...good, response: { clientDataJSON: "bm90IGpzb24", authenticatorData: "AA", signature: "AA" } },
    { ...good, response: { clientDataJSON: "bnVsbA", authenticatorData: "AA", signature: "AA" } },
    { ...good, id: "x".repeat(2_000), rawId: "x".repeat(2_000) },
    { ...good, rawId: "other" },
  ];
  for (const response of responses) {
    const answer = await anyone("/api/account/passkey-sign-in", { response });
    assert.deepEqual([answer.status, answer.body.code], [401, "account/passkey-refused"], answer.text);
  }
  for (const attestationObject of ["", "AA", "_____w", "v2NmbXQ"]) {
    const options = (await as(person, "POST", REGISTRATION)).body;
    const created = new Authenticator().create(options);
    const response = { ...created, response: { ...(created["response"] as object), attestationObject } }; // an object that create made
    const answer = await as(person, "POST", "/api/account/passkeys", { name: "k", response });
    assert.equal(answer.body.code, "account/passkey-refused", answer.text);
  }
});

test("without a name of its own the node offers no passkeys to whoever claims one for it", async () => {
  const { request } = await import("node:http");
  const body = await new Promise<string>((done, failed) => {
    const sent = request(
      `${house.url}${OPTIONS}`,
      { method: "POST", headers: { host: "evil.example" } },
      async (response) => {
        done((await response.map(String).toArray()).join(""));
      },
    );
    sent.on("error", failed).end();
  });
  assert.equal(JSON.parse(body).code, "account/no-public-url");
  const named = await startTestNode({ flags: { publicUrl: "https://node.example/" } });
  const options = await send(named.url, {}, "POST", OPTIONS);
  assert.equal(options.body.rpId, "node.example");
  await named.stop();
});
