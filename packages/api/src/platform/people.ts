/** The people of this node: who there is, their roles, invitations by one-time link, disabling. */
import { ROLES } from "@holdfast/access";
import { z } from "zod";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { line } from "../text.ts";
import { email } from "./account.ts";

const tag = "platform/people";

export const person = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  roles: z.array(z.enum(ROLES)),
  state: z.enum(["invited", "active", "disabled"]),
  createdAt: z.iso.datetime(),
  lastSignInAt: z.iso.datetime().nullable(),
  version: z.int(),
});
export type Person = z.output<typeof person>;

export const peopleProblems = { "people/not-found": 404, "people/email-taken": 409, "people/last-admin": 409 } as const;

const personParams = z.object({ personId: z.uuid() });
const invitation = z.object({
  person,
  link: z.string().describe("shown once; ends after 7 days; a path where this node does not know its own URL"),
  endsAt: z.iso.datetime(),
});

export const listPeople = route({
  id: "listPeople",
  method: "GET",
  path: "/api/platform/people",
  tag,
  summary: "The people of this node",
  action: "people:read",
  query: pageQuery,
  status: 200,
  answer: page(person),
});

export const getPerson = route({
  id: "getPerson",
  method: "GET",
  path: "/api/platform/people/:personId",
  tag,
  summary: "One person",
  action: "people:read",
  params: personParams,
  status: 200,
  answer: person,
});

export const invitePerson = route({
  id: "invitePerson",
  method: "POST",
  path: "/api/platform/people",
  tag,
  summary: "Adds a person and gives a one-time link to hand over",
  action: "people:manage",
  body: z.strictObject({
    name: line(200),
    email,
    roles: z.array(z.enum(ROLES)).max(ROLES.length),
  }),
  status: 201,
  answer: invitation,
  creates: true,
  secrets: ["link"],
});

export const editPerson = route({
  id: "editPerson",
  method: "PUT",
  path: "/api/platform/people/:personId",
  tag,
  summary: "Changes name, roles or whether the person may sign in; disabling ends their sessions and tokens",
  action: "people:manage",
  params: personParams,
  body: z.strictObject({
    name: line(200),
    roles: z.array(z.enum(ROLES)).max(ROLES.length),
    disabled: z.boolean(),
  }),
  status: 200,
  answer: person,
  edits: true,
});

export const resetPerson = route({
  id: "resetPerson",
  method: "POST",
  path: "/api/platform/people/:personId/set-up-link",
  tag,
  summary: "A new one-time link for someone who lost their way in; ends their sessions, passkeys and API tokens",
  action: "people:manage",
  params: personParams,
  status: 201,
  answer: invitation,
  creates: true,
  secrets: ["link"],
});

export const peopleRoutes = [listPeople, getPerson, invitePerson, editPerson, resetPerson] as const;
