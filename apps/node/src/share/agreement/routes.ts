/** Serves agreements, simulations, previews, shares, exports, decisions and the deny-list to this node's own people. */
import { agreement as contract } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";
import type { Database } from "../../platform/database.ts";
import type { Server } from "../../platform/server.ts";
import { type Intel, newestHandled } from "../intel/index.ts";
import type { Agreements } from "./agreement.ts";
import type { Egress } from "./egress.ts";
import { effectiveTlp } from "./evaluate.ts";
import type { Shares } from "./shares.ts";
import { allAgreements, listAgreements, listDecisions, listShares, readDenyList, readShare } from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export interface SharingParts {
  readonly database: Database;
  readonly intel: Intel;
  readonly agreements: Agreements;
  readonly egress: Egress;
  readonly shares: Shares;
}

export function sharingRoutes(server: Server, parts: SharingParts): void {
  serveAgreements(server, parts);
  serveShares(server, parts);
  serveQuestions(server, parts);
}

function serveAgreements(server: Server, { agreements, intel: { db } }: SharingParts): void {
  server.serve(contract.listAgreements, async (call) => {
    call.authorise();
    const { limit, after } = call.query;
    const found = await listAgreements(db, {
      after: placeOf(after, z.object({ title: z.string(), id: z.uuid() })),
      limit: limit + 1,
    });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, next: found.length > limit && last ? tokenOf({ title: last.title, id: last.id }) : null };
  });
  server.serve(contract.getAgreement, async (call) => {
    call.authorise();
    return agreements.read(db, call.params.id);
  });
  server.serve(contract.addAgreement, async (call) => {
    call.authorise();
    return agreements.add(call.tx<NoTables>(), call.body, call.principal.name);
  });
  server.serve(contract.changeAgreement, async (call) => {
    call.authorise();
    const { body, ifMatch, principal } = call;
    return agreements.change(call.tx<NoTables>(), call.params.id, { terms: body, ifMatch, by: principal.name });
  });
  server.serve(contract.signAgreement, async (call) => {
    call.authorise();
    const { body, ifMatch, principal } = call;
    return agreements.sign(call.tx<NoTables>(), call.params.id, { ...body, ifMatch, by: principal.name });
  });
  server.serve(contract.endAgreement, async (call) => {
    call.authorise();
    return agreements.end(call.tx<NoTables>(), call.params.id, { ...call.body, ifMatch: call.ifMatch });
  });
  server.serve(contract.getDenyList, async (call) => {
    call.authorise();
    return readDenyList(db);
  });
  server.serve(contract.changeDenyList, async (call) => {
    call.authorise();
    return agreements.changeDenyList(call.tx<NoTables>(), call.body.words, call.ifMatch);
  });
}

function serveShares(server: Server, { database, shares, intel: { db } }: SharingParts): void {
  server.serve(contract.previewShare, async (call) => {
    call.authorise();
    return shares.preview(db, call.body, "share", call.principal.name);
  });
  server.serve(contract.startShare, async (call) => {
    call.authorise();
    const { undoSeconds, ...wish } = call.body;
    return shares.begin(call.tx<NoTables>(), wish, { undoSeconds, by: call.principal.name });
  });
  server.serve(contract.listShares, async (call) => {
    call.authorise();
    const { limit, after } = call.query;
    const place = placeOf(after, z.object({ at: z.iso.datetime(), id: z.uuid() }));
    const before = place && { at: new Date(place.at), id: place.id };
    const found = await listShares(db, { before, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, next: found.length > limit && last ? tokenOf({ at: last.createdAt, id: last.id }) : null };
  });
  server.serve(contract.getShare, async (call) => {
    call.authorise();
    const share = await readShare(db, call.params.id);
    if (!share) throw new Problem("agreement/share-not-found", `there is no share \`${call.params.id}\``);
    return share;
  });
  server.serve(contract.takeShareBack, async (call) => {
    call.authorise();
    return database.transaction<NoTables, contract.Share>((tx) =>
      shares.takeBack(tx, call.params.id, call.principal.name),
    );
  });
  server.serve(contract.revokeShare, async (call) => {
    call.authorise();
    return database.transaction<NoTables, contract.Share>((tx) =>
      shares.revoke(tx, call.params.id, { reason: call.body.reason, by: call.principal.name }),
    );
  });
  server.serve(contract.exportForParty, async (call) => {
    call.authorise();
    const { channel, ...wish } = call.body;
    return database.transaction<NoTables, Awaited<ReturnType<Shares["export"]>>>((tx) =>
      shares.export(tx, wish, { channel, by: call.principal.name }),
    );
  });
}

function serveQuestions(server: Server, { egress, intel: { db } }: SharingParts): void {
  server.serve(contract.simulateSharing, async (call) => {
    call.authorise();
    const [object] = await newestHandled(db, [call.params.stixId]);
    if (!object) throw new Problem("agreement/object-not-found", `there is no object \`${call.params.stixId}\``);
    const parties = new Map(
      (await allAgreements(db)).flatMap((each) => each.parties).map(({ id, name }) => [id, name]),
    );
    const asked = { objects: [object], encrypted: true, by: call.principal.name, ...call.query };
    const answers: { id: string; name: string; verdict: contract.Verdict }[] = [];
    let level: ReturnType<typeof effectiveTlp>;
    for (const [id, name] of [...parties, ["", ""] as const]) {
      const [weighed] = await egress.weigh(db, { ...asked, recipients: [id] });
      if (!weighed) continue;
      level = effectiveTlp(weighed.question.item);
      if (id !== "") answers.push({ id, name, verdict: weighed.verdict });
    }
    const { id, type, label } = object;
    return { object: { id, type, label, tlp: level ?? "red" }, parties: answers };
  });
  server.serve(contract.listSharingDecisions, async (call) => {
    call.authorise();
    const { limit, after, object } = call.query;
    const before = placeOf(after, z.object({ seq: z.int() }))?.seq;
    const found = await listDecisions(db, { object, before, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return {
      items,
      next: found.length > limit && last ? tokenOf({ seq: Number(last.id) }) : null,
    };
  });
}

function tokenOf(place: Readonly<Record<string, string | number>>): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function placeOf<Place>(after: string | undefined, form: z.ZodType<Place>): Place | undefined {
  if (after === undefined) return undefined;
  try {
    return form.parse(JSON.parse(Buffer.from(after, "base64url").toString()));
  } catch {
    throw new Problem("http/bad-request", "`after` is not the `next` of a page of this list");
  }
}
