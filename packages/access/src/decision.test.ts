import { strict as assert } from "node:assert";
import { test } from "node:test";
import { ACTIONS, ANONYMOUS, decide, type Principal, ROLES, type Role } from "./index.ts";

const site = { type: "Site", id: "1" };
const person = (...roles: Role[]): Principal => ({ kind: "person", id: "p", name: "p", roles });

test("denies by default and says so", () => {
  for (const action of ACTIONS) {
    assert.deepEqual(decide({ principal: ANONYMOUS, action, resource: site }), {
      allowed: false,
      policy: "default-deny",
    });
    assert.equal(decide({ principal: person(), action, resource: site }).allowed, action === "account:own");
  }
});

test("names the policy that permitted", () => {
  assert.deepEqual(decide({ principal: person("analyst"), action: "registry:write", resource: site }), {
    allowed: true,
    policy: "role-analyst",
  });
});

test("lets an admin run the node and read no business data", () => {
  const admin = person("admin");
  assert.ok(decide({ principal: admin, action: "people:manage", resource: site }).allowed);
  for (const action of ["registry:read", "risk:read", "designation:read"] as const)
    assert.ok(!decide({ principal: admin, action, resource: site }).allowed);
});

test("keeps a token within its scopes and away from keys and accounts", () => {
  const token: Principal = {
    kind: "token",
    id: "t",
    name: "t",
    roles: ["analyst"],
    scopes: ["registry:read", "token:own"],
  };
  assert.ok(decide({ principal: token, action: "registry:read", resource: site }).allowed);
  assert.deepEqual(decide({ principal: token, action: "registry:write", resource: site }), {
    allowed: false,
    policy: "token-within-scope",
  });
  assert.deepEqual(decide({ principal: token, action: "token:own", resource: site }), {
    allowed: false,
    policy: "token-holds-no-keys",
  });
});

test("decides every role and action without an error", () => {
  for (const role of ROLES) for (const action of ACTIONS) decide({ principal: person(role), action, resource: site });
});
