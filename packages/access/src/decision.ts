/**
 * A decision: may this principal do this to that? Cedar decides (stateful API, policies parsed once); default deny.
 * Invariant: no policy looks at whose or which one, only at kind, roles, scopes, type and attributes (a test reads every
 * policy for it), so that a decision is remembered by exactly these.
 */
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

const REMEMBERED_MAX = 2_000; // decisions; some hundred bytes each
const remembered = new Map<string, Decision>();

export interface DecisionRequest {
  readonly principal: Principal;
  readonly action: Action;
  readonly resource: Resource;
}

/** Decides one request: a few microseconds where the like was decided before, else as long as `decideAnew`. */
export function decide(request: DecisionRequest): Decision {
  const { principal, action, resource } = request;
  const { kind, roles, scopes = [] } = principal;
  const key = JSON.stringify([kind, roles, scopes, action, resource.type, Object.entries(resource.attributes ?? {})]);
  const known = remembered.get(key);
  if (known) return known;
  const decision = Object.freeze(decideAnew(request));
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(key, decision);
  return decision;
}

/** Asks Cedar: about 0.4 ms, and the judge of what `decide` remembers. */
export function decideAnew(request: DecisionRequest): Decision {
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
