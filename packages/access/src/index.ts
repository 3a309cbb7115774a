/** Contents of access: roles, actions, policies, and the decision that Cedar makes of them. */
export { type Action, ACTIONS, isAction } from "./action.ts";
export { type Decision, decide, type Resource } from "./decision.ts";
export { policyTexts } from "./policies.ts";
export { ANONYMOUS, type Principal, type Role, ROLES } from "./role.ts";
