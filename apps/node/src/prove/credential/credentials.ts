/**
 * Credentials of a node: takes in those of others, issues its own, revokes, and tells which claims about a thing are
 * backed by whom. Invariants: what was issued or received is on the ledger by digest; nothing outside is asked but by a
 * job and of allowed hosts; a verdict older than the credential's end counts as expired.
 */
import type { Principal } from "@holdfast/access";
import { credential as contract } from "@holdfast/api";
import {
  addProof,
  type Check,
  attempt,
  checkForm,
  claimsIn,
  instantMs,
  issueSdJwt,
  issueVcJwt,
  type JsonObject,
  statusEntries,
  UNTP_CONTEXT,
  VC_CONTEXT,
  type Verification,
  verifyCredential,
  type VerifyPorts,
} from "@holdfast/credential";
import { canonicalId } from "@holdfast/epcis";
import { Problem, uuid7 } from "@holdfast/kernel";
import type { Config } from "../../platform/config.ts";
import type { Database } from "../../platform/database.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { JobRun, Jobs } from "../../platform/jobs.ts";
import type { Ports } from "../../platform/ports.ts";
import { CLAIMS_MAX, claimsOf, plain } from "./claims.ts";
import type { Identity, Issuer } from "./identity.ts";
import type { Outside } from "./outside.ts";
import { type Place, secondsOf, StatusLists } from "./status-lists.ts";
import {
  claimsAbout,
  type Db,
  digestOf,
  documentsAbout,
  findByDigest,
  insertCredential,
  type ListedCredential,
  readClaims,
  readCredential,
  setRevoked,
  setStatement,
  type StoredCredential,
  updateChecks,
} from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export const CHECK_JOB = "credential/check";
/** Claims that one page shows of its things. */
export const BACKED_CLAIMS_MAX = 2_000;
const SUBJECTS_MAX = 5_000; // ids of one question
const DECOYS = 3; // beside the concealed members of each object
const TITLE_CHARACTERS_MAX = 300;

export interface CredentialParts {
  readonly database: Database;
  readonly ports: Ports;
  readonly config: Config;
  readonly jobs: Jobs;
  readonly evidence: Evidence;
  readonly identity: Identity;
  readonly outside: Outside;
}

export class Credentials {
  readonly #parts: CredentialParts;
  readonly identity: Identity;
  readonly lists: StatusLists;

  constructor(parts: CredentialParts) {
    this.#parts = parts;
    this.identity = parts.identity;
    this.lists = new StatusLists(parts);
    parts.jobs.define<{ id: string }>(CHECK_JOB, (run) => this.#check(run));
  }

  get db(): Db {
    return this.#parts.database.tables<NoTables>();
  }

  get allowedHosts(): readonly string[] {
    return this.#parts.outside.hosts;
  }

  get now(): Date {
    return this.#parts.ports.clock.now();
  }

  /** Takes in a credential of someone else. @throws Problem `credential/known` and those of reading one */
  async receive(tx: Db, text: string, by: Principal): Promise<contract.CredentialDetail> {
    const document = text.trim();
    const sha256 = digestOf(document);
    const known = await findByDigest(tx, sha256);
    if (known)
      throw new Problem("credential/known", `this credential is here already, as \`${known}\``, {
        detail: { id: known },
      });
    const found = await verifyCredential(document, this.#verifyPorts({ ask: false }));
    const id = uuid7(this.#parts.ports);
    await this.#keep(tx, { id, direction: "received", document, found, place: undefined, by });
    await this.#record(tx, "credential/received", id, { sha256, verdict: found.verdict, issuer: found.issuer });
    if (found.checks.some(({ state }) => state === "not-checked") && this.allowedHosts.length > 0)
      await this.enqueueCheck(tx, id, by);
    return this.detail(tx, id);
  }

  /** Verifies again, as a job. @throws Problem `credential/not-found` */
  async enqueueCheck(tx: Db, id: string, by: Principal): Promise<string> {
    const stored = await this.stored(tx, id);
    const title = `Check the credential ${stored.title}`.slice(0, TITLE_CHARACTERS_MAX);
    // every caller is in a transaction, which is what a job is added in
    return this.#parts.jobs.enqueue(tx as never, { kind: CHECK_JOB, title, input: { id }, principal: by });
  }

  /** Issues a UNTP credential of this node. @throws Problem `credential/form` with every issue, `credential/no-key` */
  async issue(
    tx: Db,
    wish: {
      readonly kind: (typeof contract.KINDS)[number];
      readonly name: string;
      readonly credentialSubject: JsonObject | readonly JsonObject[];
      readonly validFrom?: string | undefined;
      readonly validUntil?: string | undefined;
      readonly securing: (typeof contract.SECURINGS)[number];
      readonly conceal: readonly string[];
    },
    by: Principal,
  ): Promise<contract.CredentialDetail> {
    const issuer = this.identity.issuer();
    const id = uuid7(this.#parts.ports);
    const place = await this.lists.place(tx, issuer.did);
    const credential = this.#compose(wish, { id, issuer, place });
    const form = checkForm(credential);
    if (!form.valid) {
      const issues = form.issues.filter(({ note }) => !note);
      const [first] = issues;
      throw new Problem("credential/form", `\`${first?.path ?? "/"}\`: ${first?.reason ?? "it is no credential"}`, {
        detail: { issues: issues.slice(0, 50) },
      });
    }
    if (wish.conceal.length > 0 && wish.securing !== "vc+sd-jwt")
      throw new Problem("credential/sd-jwt", `\`${wish.securing}\` conceals nothing: issue it as \`vc+sd-jwt\``);
    const document = await this.#secure(credential, wish, issuer);
    const found = await verifyCredential(document, this.#verifyPorts({ ask: false, fresh: place }));
    await this.#keep(tx, { id, direction: "issued", document, found, place, by });
    await this.#record(tx, "credential/issued", id, { sha256: digestOf(document), kind: wish.kind });
    return this.detail(tx, id);
  }

  #compose(
    wish: {
      kind: string;
      name: string;
      credentialSubject: JsonObject | readonly JsonObject[];
      validFrom?: string | undefined;
      validUntil?: string | undefined;
    },
    { id, issuer, place }: { id: string; issuer: Issuer; place: Place },
  ): JsonObject {
    const { base, didWeb } = this.identity;
    return {
      "@context": [VC_CONTEXT, UNTP_CONTEXT],
      id: didWeb === undefined ? `urn:uuid:${id}` : `${base}/credentials/${id}`,
      type: [wish.kind, "VerifiableCredential"],
      issuer: { type: ["CredentialIssuer"], id: issuer.did, name: this.#parts.config.organisationName },
      validFrom: wish.validFrom ?? secondsOf(this.now),
      ...(wish.validUntil === undefined ? {} : { validUntil: wish.validUntil }),
      name: wish.name,
      credentialStatus: {
        id: `${place.url}#${place.index}`,
        type: "BitstringStatusListEntry",
        statusPurpose: "revocation",
        statusListIndex: place.index, // the UNTP schema asks for an integer; readers of the W3C's string take both
        statusListCredential: place.url,
      },
      credentialSubject: wish.credentialSubject,
    };
  }

  async #secure(
    credential: JsonObject,
    wish: { securing: (typeof contract.SECURINGS)[number]; conceal: readonly string[] },
    { kid, signer }: Issuer,
  ): Promise<string> {
    switch (wish.securing) {
      case "vc+jwt":
        return issueVcJwt(credential, { kid, signer });
      case "eddsa-jcs-2022":
        return JSON.stringify(
          await addProof(credential, { verificationMethod: kid, created: secondsOf(this.now), signer }),
        );
      case "vc+sd-jwt": {
        const random = (length: number) => this.#parts.ports.random.bytes(length);
        return issueSdJwt(credential, { kid, signer, conceal: { paths: wish.conceal, decoyCount: DECOYS, random } });
      }
    }
  }

  /** @throws Problem `credential/not-ours`, `credential/already-revoked`, `credential/not-revocable` */
  async revoke(tx: Db, id: string, reason: string): Promise<contract.CredentialDetail> {
    const stored = await this.stored(tx, id, { lock: true });
    if (stored.direction !== "issued")
      throw new Problem("credential/not-ours", "only its issuer can revoke a credential, and this one was received");
    if (stored.revokedAt) throw new Problem("credential/already-revoked", "the credential is revoked already");
    if (stored.listId === null) throw new Problem("credential/not-revocable", "the credential names no status list");
    await setRevoked(tx, id, { at: this.now, reason });
    await this.#say(tx, "credential/revoked", id, { sha256: stored.sha256 });
    return this.detail(tx, id);
  }

  /** Which claims about any of `ids`, in either spelling, are backed by which credential, by whom, until when. */
  async credentialsFor(ids: readonly string[]): Promise<contract.BackedClaim[]> {
    const subjects = [...new Set(ids.slice(0, SUBJECTS_MAX).map((id) => plain(canonicalId(id))))];
    const rows = await claimsAbout(this.db, subjects, BACKED_CLAIMS_MAX);
    return rows.map((row) => {
      const { kind, title, issuer, issuerName, verdict, reason, validUntil } = this.shown(row);
      const { subject, role, claim } = row;
      return { subject, role, claim, credential: row.id, kind, title, issuer, issuerName, verdict, reason, validUntil };
    });
  }

  /** The credentials themselves that claim something about any of `ids`, with their ledger statements. */
  async documentsFor(
    ids: readonly string[],
    limit: number,
  ): Promise<readonly { readonly document: string; readonly statement: string | undefined }[]> {
    const subjects = [...new Set(ids.slice(0, SUBJECTS_MAX).map((id) => plain(canonicalId(id))))];
    const rows = await documentsAbout(this.db, subjects, limit);
    return rows.map(({ document, statement }) => ({ document, statement: statement ?? undefined }));
  }

  /** What is at hand to check `documents` with: DID documents of their issuers, and this node's own status lists. */
  async supportOf(documents: readonly string[]): Promise<{
    readonly didDocuments: readonly { readonly did: string; readonly document: JsonObject }[];
    readonly statusLists: readonly { readonly url: string; readonly text: string }[];
  }> {
    const { resolveDid, fetchStatus } = this.#verifyPorts({ ask: false });
    const credentials = documents.map(claimsIn);
    const didDocuments: { did: string; document: JsonObject }[] = [];
    for (const did of new Set(credentials.flatMap(didsOf))) {
      const resolved = await resolveDid(did);
      if (resolved.state === "found") didDocuments.push({ did, document: resolved.document });
    }
    const statusLists: { url: string; text: string }[] = [];
    for (const url of new Set(credentials.flatMap(listsOf))) {
      const answer = await fetchStatus(url);
      if (answer.state === "found") statusLists.push({ url, text: answer.text });
    }
    return { didDocuments, statusLists };
  }

  /** A stored credential as it stands now. */
  shown(row: ListedCredential): contract.Credential {
    const { verdict, reason } = judgement(row, this.now);
    return {
      id: row.id,
      direction: row.direction,
      kind: row.kind,
      title: row.title,
      issuer: row.issuer,
      issuerName: row.issuerName,
      validFrom: row.validFrom?.toISOString() ?? null,
      validUntil: row.validUntil?.toISOString() ?? null,
      verdict,
      reason,
      checkedAt: row.checkedAt.toISOString(),
      statusCheckedAt: row.statusCheckedAt?.toISOString() ?? null,
      revokedAt: row.revokedAt?.toISOString() ?? null,
      addedAt: row.addedAt.toISOString(),
      addedByName: row.addedByName,
    };
  }

  /** @throws Problem `credential/not-found` */
  async detail(db: Db, id: string): Promise<contract.CredentialDetail> {
    const row = await this.stored(db, id);
    return {
      ...this.shown(row),
      securing: row.securing,
      sha256: row.sha256,
      checks: [...row.checks],
      claims: await readClaims(db, id, CLAIMS_MAX),
      withheldCount: row.withheldCount,
      content: JSON.parse(row.content),
    };
  }

  /** @throws Problem `credential/not-found` */
  async stored(db: Db, id: string, options: { lock?: boolean } = {}): Promise<StoredCredential> {
    const row = await readCredential(db, id, options);
    if (!row) throw new Problem("credential/not-found", `there is no credential \`${id}\``);
    return row;
  }

  async #check(run: JobRun<{ id: string }>): Promise<{ verdict: string }> {
    const { id } = run.input;
    const stored = await this.stored(this.db, id);
    run.progress(0.1, "asking the issuer's key and status list");
    const found = await verifyCredential(stored.document, this.#verifyPorts({ ask: true }));
    await this.#parts.database.transaction<NoTables, void>(async (tx) => {
      await updateChecks(tx, id, { ...stateOf(found, this.now) });
      if (found.verdict !== stored.verdict)
        await this.#say(tx, "credential/checked", id, { sha256: stored.sha256, verdict: found.verdict });
    });
    return { verdict: found.verdict };
  }

  async #keep(
    tx: Db,
    added: {
      readonly id: string;
      readonly direction: "issued" | "received";
      readonly document: string;
      readonly found: Verification;
      readonly place: Place | undefined;
      readonly by: Principal;
    },
  ): Promise<void> {
    const { id, direction, document, found, place, by } = added;
    const { credential } = found;
    await insertCredential(
      tx,
      {
        id,
        direction,
        kind: found.kind ?? null,
        title: titleOf(credential),
        issuer: plain(found.issuer),
        issuerName: nameOf(credential["issuer"]),
        securing: found.securing,
        document,
        sha256: digestOf(document),
        content: JSON.stringify(credential),
        withheldCount: found.withheldCount,
        validFrom: dateOf(found.validFrom),
        validUntil: dateOf(found.validUntil),
        ...stateOf(found, this.now),
        listId: place?.list ?? null,
        listIndex: place?.index ?? null,
        revokedAt: null,
        addedAt: this.now,
        addedByName: by.name,
      },
      claimsOf(credential),
    );
  }

  /** @returns the statement's id, where the keeper of the record gives one */
  async #say(tx: Db, kind: string, id: string, payload: Record<string, string>): Promise<string | undefined> {
    // every caller is in a transaction, which is what evidence is added in
    const said = await this.#parts.evidence.append(tx as never, { kind, subject: `urn:uuid:${id}`, payload });
    const statement = typeof said === "object" && said !== null && "id" in said ? said.id : undefined;
    return typeof statement === "string" ? statement : undefined;
  }

  /** Puts it on record that the credential is here, and remembers where. */
  async #record(tx: Db, kind: string, id: string, payload: Record<string, string>): Promise<void> {
    const statement = await this.#say(tx, kind, id, payload);
    if (statement !== undefined) await setStatement(tx, id, statement);
  }

  /** Own documents and lists are at hand; a list that is being written says that nothing in it is revoked. */
  #verifyPorts({ ask, fresh }: { ask: boolean; fresh?: Place }): VerifyPorts {
    const { outside } = this.#parts;
    return {
      at: this.now,
      resolveDid: async (did) => {
        const own = did === this.identity.didWeb ? await this.identity.document() : undefined;
        return own ? { state: "found", document: own } : outside.resolveDid(did, ask);
      },
      fetchStatus: async (url) => {
        const own = this.identity.listAt(url);
        if (own === undefined) return outside.fetchStatus(url, ask);
        if (own === fresh?.list) return { state: "found", text: await this.lists.empty(own) };
        const signed = await this.lists.signed(own);
        return signed === undefined
          ? { state: "failed", reason: `this node has no status list \`${own}\`` }
          : { state: "found", text: signed };
      },
    };
  }
}

/** What was found out, as of `at`: a verdict ages. */
function judgement(row: ListedCredential, at: Date): { verdict: Verification["verdict"]; reason: string } {
  if (row.revokedAt) return { verdict: "invalid", reason: `this node revoked it at ${row.revokedAt.toISOString()}` };
  if (row.verdict === "valid" && row.validUntil && row.validUntil < at)
    return { verdict: "invalid", reason: `it expired at ${row.validUntil.toISOString()}` };
  const telling =
    row.checks.find(({ state }) => state === "failed") ??
    row.checks.find(({ state }) => state === "not-checked") ??
    row.checks.find(({ check }) => check === "proof");
  const reason = telling?.reason ?? "nothing was checked";
  return { verdict: row.verdict, reason: telling?.state === "not-checked" ? `not checked: ${reason}` : reason };
}

function stateOf(found: Verification, at: Date) {
  const status = found.checks.some(({ check, state }: Check) => check === "status" && state !== "not-checked");
  const checks = found.checks.map(({ check, state, reason }) => ({ check, state, reason: plain(reason) }));
  return { verdict: found.verdict, checks, checkedAt: at, statusCheckedAt: status ? at : null };
}

/** The DIDs whose documents it takes to check a credential, those that need one. */
function didsOf(credential: JsonObject): string[] {
  const { issuer, iss } = credential;
  const id = typeof issuer === "object" && issuer !== null && "id" in issuer ? issuer.id : (issuer ?? iss);
  return typeof id === "string" && id.startsWith("did:") && !id.startsWith("did:key:") ? [id] : [];
}

function listsOf(credential: JsonObject): string[] {
  const read = attempt(() => statusEntries(credential));
  return read.ok ? read.value.map(({ list }) => list) : [];
}

function titleOf(credential: JsonObject): string {
  const { name, vct, type } = credential;
  const title = [name, vct, Array.isArray(type) ? type[0] : type].find(
    (each) => typeof each === "string" && each !== "",
  );
  return plain(typeof title === "string" ? title : "credential").slice(0, TITLE_CHARACTERS_MAX);
}

function nameOf(issuer: unknown): string | null {
  const name = typeof issuer === "object" && issuer !== null && "name" in issuer ? issuer.name : undefined;
  return typeof name === "string" ? plain(name).slice(0, TITLE_CHARACTERS_MAX) : null;
}

const YEAR_1 = -62_135_596_800_000; // the first instant that PostgreSQL and the calendar agree on

function dateOf(text: string | undefined): Date | null {
  const at = text === undefined ? undefined : instantMs(text);
  return at === undefined || at < YEAR_1 ? null : new Date(at);
}
