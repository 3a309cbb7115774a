/** Every operation refuses what it does not know: a misspelt query parameter or body field is never silence. */
import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { ROLES } from "@holdfast/access";
import { openApi, queryNames, type Route } from "@holdfast/api";
import { startTestNode, type TestCaller, type TestNode } from "../node.ts";

let house: TestNode;
let caller: TestCaller;
before(async () => {
  house = await startTestNode();
  caller = await house.signedIn(...ROLES);
});

const routes = (): readonly Route[] =>
  house.node.server.routes.toSorted((a, b) => Number(a.id === "signOut") - Number(b.id === "signOut"));

test("every operation answers 400 to a query parameter that it does not have, naming it and those it has", async () => {
  for (const route of routes()) {
    const path = `${route.path.replace(/:\w+/g, () => crypto.randomUUID())}?lmit=5`;
    const content = route.upload ? { "content-type": route.upload.contentTypes[0] ?? "" } : {};
    const body = route.upload ? "\n" : route.body ? {} : undefined;
    const answer = await caller.send(route.method, path, body, content);
    assert.equal(answer.status, 400, `${route.id}: ${answer.status} ${answer.text.slice(0, 200)}`);
    assert.equal(answer.body.code, "http/unknown-parameter", route.id);
    assert.deepEqual(answer.body.context, { unknown: "lmit", known: [...queryNames(route)] }, route.id);
  }
});

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly description?: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> };
}

/** Every operation with its entry in OpenAPI, which is made of the same schemas. */
function operations(): readonly { route: Route; operation: Operation }[] {
  const { paths } = openApi(routes(), { title: "t", version: "1" });
  const byPath = paths as Record<string, Record<string, Operation>>; // openApi made it so
  return routes().map((route) => {
    const operation = byPath[route.path.replace(/:([A-Za-z]+)/g, "{$1}")]?.[route.method.toLowerCase()];
    assert.ok(operation, route.id);
    return { route, operation };
  });
}

test("the query parameters that are let pass are those that OpenAPI names", () => {
  for (const { route, operation } of operations()) {
    const named = (operation.parameters ?? []).filter((parameter) => parameter.in === "query").map(({ name }) => name);
    assert.deepEqual(named, [...queryNames(route)], route.id);
  }
});

/** Paths of objects in a JSON Schema that let unknown members pass, maps excepted. */
function openObjects(schema: unknown, path: string): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = "properties" in schema && !("additionalProperties" in schema && schema.additionalProperties === false);
  return [
    ...(own ? [path] : []),
    ...Object.entries(schema).flatMap(([name, each]) => openObjects(each, `${path}/${name}`)),
  ];
}

test("the body of every operation refuses unknown members, at every depth", () => {
  for (const { route, operation } of operations())
    assert.deepEqual(openObjects(operation.requestBody?.content["application/json"]?.schema, ""), [], route.id);
});

test("OpenAPI has the Idempotency-Key of every operation that creates or remembers, and says what it does", () => {
  for (const { route, operation } of operations()) {
    const header = operation.parameters?.find(({ name }) => name === "Idempotency-Key");
    assert.equal(header !== undefined, route.creates === true || route.remembers === true, route.id);
    if (route.secrets) assert.match(header?.description ?? "", /http\/answer-sealed/, route.id);
    // a passkey's registration is made once by its challenge
    if (route.method === "POST" && route.status === 201 && route.id !== "registerPasskey") assert.ok(header, route.id);
  }
});
