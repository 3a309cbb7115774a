/** API tokens for machines: scoped, expiring, hashed at rest, shown once. */
import { ACTIONS } from "@holdfast/access";
import { z } from "zod";
import { route } from "../route.ts";
import { line } from "../text.ts";

const tag = "platform/token";

export const TOKEN_DAYS_MAX = 365; // a token that nobody renews should die

export const token = z.object({
  id: z.uuid(),
  name: z.string(),
  scopes: z.array(z.enum(ACTIONS)),
  createdAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type Token = z.output<typeof token>;

export const tokenProblems = {
  "token/not-found": 404,
  "token/scope-beyond-holder": 422,
  "token/too-many": 409,
} as const;

export const listTokens = route({
  id: "listTokens",
  method: "GET",
  path: "/api/platform/tokens",
  tag,
  summary: "My API tokens",
  action: "token:own",
  status: 200,
  answer: z.object({ items: z.array(token) }),
});

export const createToken = route({
  id: "createToken",
  method: "POST",
  path: "/api/platform/tokens",
  tag,
  summary: "Makes an API token; its secret is in this answer and nowhere else",
  action: "token:own",
  body: z.strictObject({
    name: line(100),
    scopes: z.array(z.enum(ACTIONS)).min(1).max(ACTIONS.length),
    days: z.int().min(1).max(TOKEN_DAYS_MAX),
  }),
  status: 201,
  answer: token.extend({ secret: z.string() }),
  creates: true,
  secrets: ["secret"],
});

export const revokeToken = route({
  id: "revokeToken",
  method: "DELETE",
  path: "/api/platform/tokens/:tokenId",
  tag,
  summary: "Ends one of my tokens at once",
  action: "token:own",
  params: z.object({ tokenId: z.uuid() }),
  status: 204,
});

export const tokenRoutes = [listTokens, createToken, revokeToken] as const;
