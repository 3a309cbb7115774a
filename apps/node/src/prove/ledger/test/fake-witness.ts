/** Witnesses of a test's making, on loopback; they do what the test says. */
import { generateKeyPairSync } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import { unwrap } from "@holdfast/kernel";
import {
  formatSignatureLine,
  formatVkey,
  noteKey,
  parseAddCheckpoint,
  parseNote,
  SIGNATURE_TYPE,
  signNote,
} from "@holdfast/tlog";
import { publicKeyOf, signerOf } from "../native-crypto.ts";

const servers: { close: () => void }[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** @returns its URL */
export async function fakeWitness(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push({ close: () => (server.closeAllConnections(), server.close()) });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on TCP
}

export interface WillingWitness {
  readonly url: string;
  readonly vkey: string;
  /** False for one that answers 500 to everything. */
  up: boolean;
  /** Signs with a new key from now on. @returns its vkey */
  rotate(): string;
}

/** Cosigns whatever checkpoint it is sent. */
export async function willingWitness(name: string): Promise<WillingWitness> {
  let signing = makeKey(name);
  const listener: RequestListener = async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer); // a request gives buffers
    if (!witness.up || request.method !== "POST") return void response.writeHead(500).end();
    const { checkpoint } = unwrap(parseAddCheckpoint(new Uint8Array(Buffer.concat(parts))));
    const { text } = unwrap(parseNote(checkpoint));
    response.end(formatSignatureLine(await signNote(text, signing.key, signing.signer, 1_700_000_000n)));
  };
  const witness: WillingWitness = {
    url: await fakeWitness((request, response) => void listener(request, response)),
    vkey: signing.vkey,
    up: true,
    rotate: () => {
      signing = makeKey(name);
      return signing.vkey;
    },
  };
  return witness;
}

function makeKey(name: string) {
  const { privateKey } = generateKeyPairSync("ed25519");
  const key = noteKey(name, SIGNATURE_TYPE.cosignatureV1, publicKeyOf(privateKey).bytes);
  return { key, vkey: formatVkey(key), signer: signerOf(privateKey) };
}
