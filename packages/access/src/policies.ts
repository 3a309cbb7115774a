/**
 * Every policy, in Cedar, by id. Default deny: a request that no policy permits is refused. The id of the policy that
 * decided is recorded with the decision, so an id is never reused for another meaning.
 */
import type { Action } from "./action.ts";
import type { Role } from "./role.ts";

/** What each role may do to any resource of the node; narrower rules are policies of their own below. */
const GRANTS: Readonly<Record<Role, readonly Action[]>> = {
  viewer: [
    "token:own",
    "job:read",
    "registry:read",
    "designation:read",
    "risk:read",
    "simulation:read",
    "investment:read",
    "mineral:read",
    "ledger:read",
    "credential:read",
    "intel:read",
    "thread:read",
  ],
  analyst: [
    "token:own",
    "job:read",
    "job:cancel",
    "registry:read",
    "registry:write",
    "registry:import",
    "registry:merge",
    "designation:read",
    "designation:propose",
    "risk:read",
    "risk:manage",
    "simulation:read",
    "simulation:run",
    "investment:read",
    "investment:plan",
    "mineral:read",
    "ledger:read",
    "ledger:document",
    "ledger:append",
    "credential:read",
    "credential:receive",
    "intel:read",
    "intel:write",
    "intel:exchange",
    "thread:read",
    "dossier:make",
  ],
  operator: [
    "token:own",
    "job:read",
    "job:cancel",
    "registry:read",
    "designation:read",
    "risk:read",
    "simulation:read",
    "simulation:run",
    "investment:read",
    "mineral:read",
    "ledger:read",
    "ledger:append",
    "custody:decide",
    "credential:read",
    "credential:receive",
    "intel:read",
    "thread:read",
    "thread:capture",
    "thread:subscribe",
  ],
  quality: [
    "token:own",
    "job:read",
    "job:cancel",
    "registry:read",
    "registry:write",
    "registry:import",
    "risk:read",
    "risk:manage",
    "simulation:read",
    "investment:read",
    "mineral:read",
    "ledger:read",
    "ledger:document",
    "ledger:append",
    "custody:decide",
    "credential:read",
    "credential:receive",
    "credential:issue",
    "intel:read",
    "thread:read",
    "thread:capture",
    "thread:subscribe",
    "dossier:make",
  ],
  security: [
    "token:own",
    "job:read",
    "registry:read",
    "designation:read",
    "risk:read",
    "risk:manage",
    "simulation:read",
    "investment:read",
    "mineral:read",
    "decision:read",
    "ledger:read",
    "credential:read",
    "intel:read",
    "intel:write",
    "intel:manage",
    "intel:exchange",
    "thread:read",
  ],
  auditor: [
    "token:own",
    "job:read",
    "registry:read",
    "designation:read",
    "risk:read",
    "simulation:read",
    "investment:read",
    "mineral:read",
    "decision:read",
    "people:read",
    "ledger:read",
    "ledger:document",
    "credential:read",
    "intel:read",
    "thread:read",
    "dossier:make",
  ],
  steward: [
    "token:own",
    "job:read",
    "registry:read",
    "designation:read",
    "designation:propose",
    "designation:decide",
    "risk:read",
    "risk:manage",
    "risk:accept",
    "simulation:read",
    "simulation:run",
    "investment:read",
    "investment:plan",
    "mineral:read",
    "ledger:read",
    "ledger:document",
    "ledger:append",
    "credential:read",
    "intel:read",
    "intel:write",
    "intel:manage",
    "intel:exchange",
    "thread:read",
    "dossier:make",
  ],
  // admin runs the node and reads no business data by that right
  admin: [
    "token:own",
    "system:read",
    "system:configure",
    "people:read",
    "people:manage",
    "decision:read",
    "job:read",
    "job:cancel",
    "ledger:read",
    "ledger:operate",
  ],
  // a partner exchanges over TAXII what a collection opens to it, and sees nothing else
  partner: ["intel:exchange"],
  supplier: [],
};

/** Cedar text by policy id. */
export function policyTexts(): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [role, actions] of Object.entries(GRANTS)) {
    if (actions.length === 0) continue;
    const list = actions.map((action) => `Action::"${action}"`).join(", ");
    texts[`role-${role}`] = `permit(principal in Role::"${role}", action in [${list}], resource);`;
  }
  // Everyone who signs in may see and end their own sessions, whatever else they may do.
  texts["person-owns-account"] =
    `permit(principal, action == Action::"account:own", resource) when { principal.kind == "person" };`;
  // A token can't mint or list tokens, nor change its holder's account: a leaked one must not outlive its expiry.
  texts["token-holds-no-keys"] =
    `forbid(principal, action in [Action::"token:own", Action::"account:own", Action::"people:manage"], resource) when { principal.kind == "token" };`;
  // A scoped token acts only within its scopes, whatever its holder may do.
  texts["token-within-scope"] =
    `forbid(principal, action, resource) when { principal.kind == "token" && !context.scopes.contains(context.action) };`;
  return texts;
}
