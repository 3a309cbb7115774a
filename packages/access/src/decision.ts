/** A decision: may this principal do this to that? Cedar decides (stateful API, policies parsed once); default deny. */
import { preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { assert } from "@holdfast/kernel";
import type { Action } from "./action.ts";
import { policyTexts } from "./policies.ts";
import type { Principal } from "./role.ts";

/** What is acted on. `attributes` are what policies may look at, and nothing that must stay out of a log. */
export interface Resource {
  readonly type: string;
  readonly id: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** `policy` is the id of the policy that permitted or forbade, "default-deny" when none spoke. */
export interface Decision {
  readonly allowed: boolean;
  readonly policy: string;
}

const POLICY_SET = "holdfast";
let prepared = false;

/** Decides one request. Pure but for Cedar's cache of parsed policies; about 0.4 ms. */
export function decide(request: { principal: Principal; action: Action; resource: Resource }): Decision {
  prepare();
  const { principal, action, resource } = request;
  const uid = { type: "Principal", id: `${principal.kind}:${principal.id}` };
  const answer = statefulIsAuthorized({
    principal: uid,
    action: { type: "Action", id: action },
    resource: { type: resource.type, id: resource.id },
    context: { action, scopes: [...(principal.scopes ?? [])] },
    preparsedPolicySetId: POLICY_SET,
    entities: [
      { uid, attrs: { kind: principal.kind }, parents: principal.roles.map((role) => ({ type: "Role", id: role })) },
      {
        uid: { type: resource.type, id: resource.id },
        attrs: Object.fromEntries(
          Object.entries(resource.attributes ?? {}).map(([key, value]) => [
            key,
            typeof value === "object" ? [...value] : value,
          ]),
        ),
        parents: [],
      },
    ],
  });
  assert(answer.type === "success", `Cedar could not decide: ${JSON.stringify(answer)}`);
  const { decision, diagnostics } = answer.response;
  assert(diagnostics.errors.length === 0, `a policy failed: ${JSON.stringify(diagnostics.errors)}`);
  return { allowed: decision === "allow", policy: diagnostics.reason.toSorted().join(",") || "default-deny" };
}

function prepare(): void {
  if (prepared) return;
  const answer = preparsePolicySet(POLICY_SET, { staticPolicies: { ...policyTexts() } });
  assert(answer.type === "success", `the policies do not parse: ${JSON.stringify(answer)}`);
  prepared = true;
}
