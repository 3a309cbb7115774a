/** Every operation of the EPCIS binding with every role: answered exactly as the policies decide. */
import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { type Action, decide, type Principal, type Role, ROLES } from "@holdfast/access";
import { send, startTestNode, type TestNode } from "../../../../../test/node.ts";

/** Method and path to the action that it needs. */
const OPERATIONS: readonly (readonly [string, string, Action])[] = [
  ["GET", "", "thread:read"],
  ["POST", "/capture", "thread:capture"],
  ["GET", "/capture", "thread:read"],
  ["GET", "/capture/x", "thread:read"],
  ["POST", "/events", "thread:capture"],
  ["GET", "/events", "thread:read"],
  ["GET", "/events/x", "thread:read"],
  ...["eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions"].flatMap((name) =>
    ["", "/x", "/x/events"].map((path) => ["GET", `/${name}${path}`, "thread:read"] as const),
  ),
  ["GET", "/queries", "thread:read"],
  ["POST", "/queries", "thread:subscribe"],
  ["GET", "/queries/x", "thread:read"],
  ["DELETE", "/queries/x", "thread:subscribe"],
  ["GET", "/queries/x/events", "thread:read"],
  ["GET", "/queries/x/subscriptions", "thread:subscribe"],
  ["POST", "/queries/x/subscriptions", "thread:subscribe"],
  ["GET", "/queries/x/subscriptions/y", "thread:subscribe"],
  ["DELETE", "/queries/x/subscriptions/y", "thread:subscribe"],
  ["DELETE", "/nextPageToken/x", "thread:read"],
];

let house: TestNode;
before(async () => {
  house = await startTestNode();
});

async function walk(principal: Principal, headers: Record<string, string>): Promise<void> {
  for (const [method, path, action] of OPERATIONS) {
    const body = method === "POST" ? "\n" : undefined;
    const answer = await send(house.url, headers, method, `/epcis${path}`, body);
    const { allowed, policy } = decide({ principal, action, resource: { type: "Node", id: "self" } });
    const what = `${principal.name}, ${method} ${path}: ${answer.status} ${answer.text.slice(0, 200)}`;
    assert.ok(answer.status < 500 || answer.status === 501, what);
    assert.equal([401, 403].includes(answer.status), !allowed, what);
    if (allowed) continue;
    assert.equal(answer.body.type, "epcisException:SecurityException", what);
    if (principal.kind !== "anonymous") assert.equal(answer.body.context.policy, policy, what);
  }
}

for (const role of ROLES)
  test(`a person who is ${role} is answered as the policies decide, on every operation of the binding`, async () => {
    const { cookie } = await house.signedIn(role);
    await walk({ kind: "person", id: "p", name: role, roles: [role] }, { cookie, "x-holdfast-csrf": "1" });
  });

test("a token acts within its scopes: a machine that captures reads nothing", async () => {
  const roles: Role[] = ["operator"];
  const holder = await house.signedIn(...roles);
  const scopes: Action[] = ["thread:capture"];
  const made = await holder.send("POST", "/api/platform/tokens", { name: "machine", scopes, days: 1 });
  assert.equal(made.status, 201, made.text);
  await walk(
    { kind: "token", id: "t", name: "machine", roles, scopes },
    { authorization: `Bearer ${made.body.secret}` },
  );
});

test("nobody is let in, and a session without the CSRF header changes nothing", async () => {
  await walk({ kind: "anonymous", id: "", name: "nobody", roles: [] }, {});
  const { cookie } = await house.signedIn("operator");
  const answer = await send(house.url, { cookie }, "POST", "/epcis/events", "{}");
  assert.deepEqual([answer.status, answer.body.code], [403, "access/forged"]);
});
