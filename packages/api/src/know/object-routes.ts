/**
 * The seven operations that every kind of registry object has. Nothing is deleted: an edit, a retirement and a
 * reinstatement each add a version, and `asOf` still answers with the old one.
 */
import { z } from "zod";
import { route } from "../route.ts";
import { asOf, evidence, note } from "./fact.ts";
import { facts, labels, mergedFrom, units } from "./registry-object.ts";
import { pageQuery } from "../page.ts";

const tag = "know/registry";
const params = z.object({ id: z.uuid() });
const change = z.strictObject({ reason: note, evidence });

/** The operations of one kind. `one` and `many` name it in ids and texts, `segment` in the path. */
export function objectRoutes<
  Draft extends z.core.$ZodLooseShape,
  Read extends z.core.$ZodLooseShape,
  Query extends z.core.$ZodLooseShape,
>(kind: {
  readonly one: string;
  readonly many: string;
  readonly segment: string;
  readonly draft: z.ZodObject<Draft, z.core.$strict>;
  readonly read: z.ZodObject<Read, z.core.$strip>;
  /** Filters of the list, beside the page, `text` where the kind has names, and `asOf`. */
  readonly filters: Query;
}) {
  const path = `/api/know/registry/${kind.segment}`;
  const [One, Many] = [capital(kind.one), capital(kind.many)];
  const [one, many] = [words(kind.one), words(kind.many)];
  const body = z.strictObject({ ...kind.draft.shape, evidence });
  const object = z.object({ ...kind.read.shape, labels });
  const answer = z.object({ ...kind.read.shape, labels, facts, mergedFrom });
  return {
    list: route({
      id: `list${Many}`,
      method: "GET",
      path,
      tag,
      summary: `${capital(many)}, filtered, a page at a time`,
      action: "registry:read",
      query: z.object({
        ...pageQuery.shape,
        ...kind.filters,
        asOf,
        state: z.enum(["active", "retired"]).default("active"),
      }),
      status: 200,
      answer: z.object({ items: z.array(kind.read), next: z.string().nullable(), labels, units }),
    }),
    get: route({
      id: `get${One}`,
      method: "GET",
      path: `${path}/:id`,
      tag,
      summary: `One ${one} with the evidence of each of its fields`,
      action: "registry:read",
      params,
      query: z.object({ asOf }),
      status: 200,
      answer,
    }),
    create: route({
      id: `create${One}`,
      method: "POST",
      path,
      tag,
      summary: `Adds one ${one}`,
      action: "registry:write",
      body,
      status: 201,
      answer: object,
      creates: true,
    }),
    edit: route({
      id: `edit${One}`,
      method: "PUT",
      path: `${path}/:id`,
      tag,
      summary: `Replaces the fields of one ${one}; the old version stays`,
      action: "registry:write",
      params,
      body,
      status: 200,
      answer: object,
      edits: true,
    }),
    retire: route({
      id: `retire${One}`,
      method: "POST",
      path: `${path}/:id/retire`,
      tag,
      summary: `Takes one ${one} out of use; its history stays`,
      action: "registry:write",
      params,
      body: change,
      status: 200,
      answer: object,
      edits: true,
    }),
    reinstate: route({
      id: `reinstate${One}`,
      method: "POST",
      path: `${path}/:id/reinstate`,
      tag,
      summary: `Takes one retired ${one} back into use`,
      action: "registry:write",
      params,
      body: change,
      status: 200,
      answer: object,
      edits: true,
    }),
    history: route({
      id: `list${One}Versions`,
      method: "GET",
      path: `${path}/:id/versions`,
      tag,
      summary: `The versions of one ${one}, newest first, with what each changed`,
      action: "registry:read",
      params,
      query: pageQuery,
      status: 200,
      answer: z.object({
        items: z.array(
          z.object({
            ...kind.read.shape,
            changed: z.array(z.string()),
            reason: z.string().nullable(),
            importId: z.uuid().nullable().describe("the import that brought this version"),
          }),
        ),
        next: z.string().nullable(),
        labels,
      }),
    }),
  } as const;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "transportRoute" reads "transport route". */
function words(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
