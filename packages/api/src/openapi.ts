/** OpenAPI 3.1 of a list of routes. Schemas come from the contract itself, so the document cannot differ from what is served. */
import { z } from "zod";
import { IDEMPOTENCY_TEXT, type Route, SECRET_REPLAY_TEXT } from "./route.ts";

/** The document for `routes`, as a JSON value; deterministic for one list. */
export function openApi(routes: readonly Route[], info: { title: string; version: string }): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([A-Za-z]+)/g, "{$1}");
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: "3.1.0",
    info,
    paths,
    components: {
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "holdfast_session" },
        token: { type: "http", scheme: "bearer" },
      },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  };
}

const PROBLEM_SCHEMA = {
  type: "object",
  description: "RFC 9457 problem details; `code` is from a closed set, `detail` says what to do",
  required: ["type", "title", "status", "code"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    instance: { type: "string" },
    code: { type: "string" },
    context: { type: "object" },
  },
} as const;

function operation(route: Route): Record<string, unknown> {
  const parameters = [
    ...fields(route.params).map(([name, schema]) => ({ name, in: "path", required: true, schema })),
    ...fields(route.query).map(([name, schema, required]) => ({ name, in: "query", required, schema })),
    ...(route.creates || route.remembers ? [idempotencyParameter(route)] : []),
    ...(route.edits ? [{ name: "If-Match", in: "header", required: true, schema: { type: "string" } }] : []),
  ];
  const body = route.upload
    ? Object.fromEntries(
        route.upload.contentTypes.map((type) => [type, { schema: { type: "string", format: "binary" } }]),
      )
    : route.body && { "application/json": { schema: schemaOf(route.body) } };
  const content = route.download
    ? { [route.download.contentType]: { schema: { type: "string", format: "binary" } } }
    : route.answer && { "application/json": { schema: schemaOf(route.answer, "output") } };
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    "x-action": route.action,
    security: route.action === "public" ? [] : [{ session: [] }, { token: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: body } } : {}),
    responses: {
      [route.status]: { description: "success", ...(content ? { content } : {}) },
      default: {
        description: "a problem",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function idempotencyParameter(route: Route): Record<string, unknown> {
  return {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    description: IDEMPOTENCY_TEXT + (route.secrets ? SECRET_REPLAY_TEXT : ""),
    schema: { type: "string", minLength: 1, maxLength: 200 },
  };
}

function fields(schema: z.ZodType | undefined): (readonly [string, unknown, boolean])[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema) as {
    properties?: Record<string, unknown>;
    required?: string[];
  }; // an object schema, as params and query are
  return Object.entries(properties).map(([name, property]) => [name, property, required.includes(name)] as const);
}

function schemaOf(schema: z.ZodType, io: "input" | "output" = "input"): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12", io, unrepresentable: "any" });
  return rest;
}
