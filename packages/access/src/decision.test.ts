import { strict as assert } from "node:assert";
import { test } from "node:test";
import { policyToJson } from "@cedar-policy/cedar-wasm/nodejs";
import fc from "fast-check";
import { decideAnew, type Resource } from "./decision.ts";
import { ACTIONS, ANONYMOUS, decide, policyTexts, type Principal, ROLES, type Role } from "./index.ts";

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

/** Every variable of a policy's conditions that is not merely asked for an attribute. */
function bareVariables(expression: unknown): string[] {
  if (typeof expression !== "object" || expression === null) return [];
  return Object.entries(expression).flatMap(([operator, operand]) => {
    if (operator === "Var") return [String(operand)];
    const isAttribute = operator === "." || operator === "has";
    return isAttribute && operand.left && "Var" in operand.left ? [] : bareVariables(operand);
  });
}

test("has no policy that looks at whose or which one, so that decisions may be remembered", () => {
  for (const [id, text] of Object.entries(policyTexts())) {
    const answer = policyToJson(text);
    assert.ok(answer.type === "success", id);
    const { principal, resource, conditions } = answer.json;
    assert.ok(principal.op === "All" || (principal.op === "in" && "entity" in principal), id);
    if (principal.op === "in" && "entity" in principal)
      assert.equal("type" in principal.entity && principal.entity.type, "Role", id);
    assert.equal(resource.op, "All", id);
    for (const { body } of conditions) assert.deepEqual(bareVariables(body), [], id);
  }
});

test("remembers nothing but what Cedar would decide anew", () => {
  const name = fc.constantFrom("a", "b");
  const principal: fc.Arbitrary<Principal> = fc.record(
    {
      kind: fc.constantFrom("person", "token", "node", "anonymous"),
      id: name,
      name,
      roles: fc.subarray([...ROLES]),
      scopes: fc.subarray([...ACTIONS], { maxLength: 4 }),
    },
    { requiredKeys: ["kind", "id", "name", "roles"] },
  );
  const resource: fc.Arbitrary<Resource> = fc.record(
    { type: fc.constantFrom("Node", "Job"), id: name, attributes: fc.dictionary(name, fc.oneof(name, fc.boolean())) },
    { requiredKeys: ["type", "id"] },
  );
  fc.assert(
    fc.property(principal, fc.constantFrom(...ACTIONS), resource, (who, action, what) => {
      const request = { principal: who, action, resource: what };
      const anew = decideAnew(request);
      assert.deepEqual({ ...decide(request) }, anew);
      const other = { ...request, principal: { ...who, id: "other" }, resource: { ...what, id: "other" } };
      assert.deepEqual({ ...decide(other) }, anew);
    }),
    { numRuns: 300 },
  );
});
