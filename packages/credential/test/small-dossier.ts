/** A small dossier of a lot with everything in it: two events in a log with a witness, a finding, and a credential. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { canonicalJson } from "@holdfast/kernel";
import {
  encodeBase64,
  formatCheckpoint,
  formatNote,
  formatPolicy,
  formatTlogProof,
  keyThumbprint,
  leafHash,
  nodeHash,
  noteKey,
  type Policy,
  SIGNATURE_TYPE,
  signNote,
  signStatement,
} from "@holdfast/tlog";
import { didKeyOf, didKeyUrl, issueVcJwt, type PartInput, sealDossier } from "../src/index.ts";
import { ed25519Of, repeatableRandom } from "./test-keys.ts";

export const LOT = "https://id.gs1.org/01/04012345123456/10/998877";
export const issuer = ed25519Of(41);
export const certifier = ed25519Of(42);
const log = noteKey("log.example/ledger", SIGNATURE_TYPE.ed25519, ed25519.getPublicKey(secretOf(43)));
const witness = noteKey("witness.example", SIGNATURE_TYPE.cosignatureV1, ed25519.getPublicKey(secretOf(44)));

function secretOf(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

const utf8 = (text: string) => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const BODIES = [
  {
    type: "ObjectEvent",
    eventTime: "2026-05-01T10:00:00Z",
    eventID: "urn:uuid:1",
    epcList: [LOT],
    bizStep: "shipping",
    customer: "ACME",
  },
  {
    type: "ObjectEvent",
    eventTime: "2026-05-03T10:00:00Z",
    eventID: "urn:uuid:2",
    epcList: [LOT],
    bizStep: "receiving",
    price: 99,
  },
].map((event) => JSON.stringify(event));

export const policy: Policy = {
  logs: [{ key: log }],
  witnesses: [{ name: "w1", key: witness }],
  groups: [{ name: "quorum", threshold: 1, members: ["w1"] }],
  quorum: "quorum",
};

export async function smallParts(): Promise<PartInput[]> {
  const [first, second] = BODIES.map((body) => leafHash(utf8(body))) as [Uint8Array, Uint8Array]; // there are two
  const document = utf8(
    canonicalJson({
      at: "2026-05-03T10:00:01.000Z",
      kind: "thread/captured",
      payload: { events: 2, root: hex(nodeHash(first, second)) },
      salt: "c2FsdA==",
      subject: "urn:holdfast:thread",
    }),
  );
  const statement = await signStatement(
    {
      algorithm: -8n,
      kid: keyThumbprint(issuer.key),
      issuer: "https://log.example/ledger",
      subject: "urn:holdfast:thread",
      payload: sha256(document),
      envelope: { algorithm: -16n, preimageContentType: "application/json" },
    },
    issuer.signer,
  );
  const other = leafHash(utf8("another statement"));
  const root = nodeHash(other, leafHash(statement.entry));
  const proof = formatTlogProof({ index: 1n, path: [other], checkpoint: await checkpointOf(root) });
  const credential = await issueVcJwt(
    {
      "@context": ["https://www.w3.org/ns/credentials/v2"],
      type: ["VerifiableCredential"],
      issuer: didKeyOf(certifier.key),
      validFrom: "2026-01-01T00:00:00Z",
      validUntil: "2026-12-31T00:00:00Z",
      name: "Certificate of origin",
      credentialSubject: { id: LOT, origin: "EE" },
    },
    { kid: didKeyUrl(certifier.key), signer: certifier.signer },
  );
  const inLedger = (sibling: Uint8Array, side: "left" | "right") => ({
    statement: hex(statement.entry),
    path: [{ hash: hex(sibling), side }],
  });
  return [
    { kind: "event", content: { body: BODIES[0]!, inLedger: inLedger(second, "right") } }, // two bodies
    { kind: "event", content: { body: BODIES[1]!, inLedger: inLedger(first, "left") } },
    { kind: "finding", content: { rule: "recorded-late", explanation: "recorded 2 days late" } },
    { kind: "credential", content: { document: credential } },
    {
      kind: "statement",
      content: {
        statement: encodeBase64(statement.canonical),
        document: encodeBase64(document),
        proof: new TextDecoder().decode(proof),
      },
    },
    { kind: "policy", content: { text: new TextDecoder().decode(formatPolicy(policy)) } },
  ];
}

async function checkpointOf(root: Uint8Array): Promise<Uint8Array> {
  const text = formatCheckpoint({ origin: log.name, size: 2n, root, extensions: [] });
  const own = await signNote(text, log, { sign: async (message) => ed25519.sign(message, secretOf(43)) });
  const cosigned = await signNote(
    text,
    witness,
    { sign: async (message) => ed25519.sign(message, secretOf(44)) },
    1_780_000_000n,
  );
  return formatNote({ text, signatures: [own, cosigned] });
}

export async function smallDossier(parts?: readonly PartInput[]): Promise<Uint8Array> {
  return sealDossier(parts ?? (await smallParts()), {
    subject: LOT,
    madeAt: "2026-06-01T00:00:00Z",
    issuer: didKeyOf(issuer.key),
    issuerName: "Refinery",
    key: issuer.key,
    kid: didKeyUrl(issuer.key),
    signer: issuer.signer,
    random: repeatableRandom(),
  });
}
