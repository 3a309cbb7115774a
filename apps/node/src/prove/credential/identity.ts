/**
 * In whose name this node issues: did:web when it has a public https address, otherwise the did:key of this process. The
 * key is the node's statement key, and every statement key that it ever had stays in its DID document, so that old
 * credentials stay verifiable.
 */
import {
  type ClaimKey,
  type ClaimSigner,
  didDocument,
  didKeyOf,
  didKeyUrl,
  didWebOf,
  didWebUrl,
  CredentialProblem,
  type JsonObject,
} from "@holdfast/credential";
import { Problem } from "@holdfast/kernel";
import { parseVkey } from "@holdfast/tlog";
import type { Config } from "../../platform/config.ts";
import type { Ledger } from "../ledger/index.ts";

export interface Issuer {
  readonly did: string;
  /** The DID URL of the key. */
  readonly kid: string;
  readonly key: ClaimKey;
  readonly signer: ClaimSigner;
}

export class Identity {
  readonly #ledger: Ledger;
  /** Where the node's own credentials and lists are named; without a public name nothing answers there. */
  readonly base: string;
  /** The node's did:web; undefined without a public https name. */
  readonly didWeb: string | undefined;

  constructor({ ledger, config, nodeId }: { ledger: Ledger; config: Config; nodeId: string }) {
    this.#ledger = ledger;
    this.base = config.publicUrl?.replace(/\/+$/, "") ?? `https://holdfast.invalid/${nodeId}`;
    this.didWeb = config.publicUrl === undefined ? undefined : didWebOrNothing(config.publicUrl);
  }

  /** @throws Problem `credential/no-key` when this process has no key to sign with */
  issuer(): Issuer {
    const [held] = this.#ledger.ring.signing("statement");
    if (!held) throw new Problem("credential/no-key", "this process holds no key to issue credentials with");
    const key = { kind: "ed25519", bytes: held.key.publicKey } as const;
    const signer: ClaimSigner = { algorithm: "EdDSA", sign: (message) => held.signer.sign(message) };
    if (this.didWeb === undefined) return { did: didKeyOf(key), kid: didKeyUrl(key), key, signer };
    return { did: this.didWeb, kid: `${this.didWeb}#${held.key.keyId}`, key, signer };
  }

  /** The node's DID document; undefined when it has no did:web. */
  async document(): Promise<JsonObject | undefined> {
    if (this.didWeb === undefined) return undefined;
    await this.#ledger.ring.reload(this.#ledger.pool);
    const methods = this.#ledger.ring.known
      .filter(({ role }) => role === "statement")
      .map(({ vkey }) => {
        const parsed = parseVkey(vkey);
        if (!parsed.ok) throw parsed.problem; // written by this node
        const { keyId, publicKey } = parsed.value;
        return { fragment: keyId, key: { kind: "ed25519", bytes: publicKey } as const };
      });
    return didDocument(this.didWeb, methods);
  }

  get documentUrl(): string | null {
    return this.didWeb === undefined ? null : didWebUrl(this.didWeb);
  }

  listUrl(list: number): string {
    return `${this.base}/credentials/status/${list}`;
  }

  /** The number of the own list at `url`. */
  listAt(url: string): number | undefined {
    const rest = url.startsWith(`${this.base}/credentials/status/`) ? url.slice(this.listUrl(0).length - 1) : "";
    return /^[1-9]\d{0,8}$/.test(rest) ? Number(rest) : undefined;
  }
}

function didWebOrNothing(publicUrl: string): string | undefined {
  try {
    return didWebOf(publicUrl);
  } catch (error) {
    if (error instanceof CredentialProblem) return undefined;
    throw error;
  }
}
