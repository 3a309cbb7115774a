import { strict as assert } from "node:assert";
import { once } from "node:events";
import { test } from "node:test";
import { send, testPostgres } from "../node.ts";
import { startNodeProcess } from "../node-process.ts";

test("the first account of an empty node manages people and sees business data, as its link said, and both can be changed", async () => {
  const postgres = await testPostgres();
  const { host, user, database } = await postgres.database("first_account");
  const { url, token, child } = await startNodeProcess(
    "first",
    `postgres://${user}@${encodeURIComponent(String(host))}/${database}`,
  );
  const link = await send(url, {}, "POST", "/api/account/set-up/link", { token });
  assert.deepEqual(new Set(link.body.roles), new Set(["admin", "analyst"]));
  const wish = { token, name: "Ada", email: "ada@example.org", password: "a quiet harbour at dawn" };
  const setUp = await send(url, {}, "POST", "/api/account/set-up", wish);
  assert.equal(setUp.status, 200, setUp.text);
  assert.deepEqual(new Set(setUp.body.roles), new Set(["admin", "analyst"]));
  for (const action of ["people:manage", "registry:read", "registry:import"])
    assert.ok(setUp.body.actions.includes(action), action);
  const cookie = setUp.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const headers = { cookie, "x-holdfast-csrf": "1" };
  assert.equal((await send(url, headers, "GET", "/api/know/registry/summary")).status, 200);
  const path = `/api/platform/people/${setUp.body.id}`;
  const { body: ada } = await send(url, headers, "GET", path);
  const edit = { name: ada.name, roles: ["admin"], disabled: false };
  const changed = await send(url, { ...headers, "if-match": `"${ada.version}"` }, "PUT", path, edit);
  assert.deepEqual(changed.body.roles, ["admin"]);
  const ended = once(child, "exit");
  child.kill();
  await ended; // before its database does
});
