/** Contents of access: roles, actions, and the decision that Cedar policies make of them. */
export { type Action, ACTIONS, isAction } from "./action.ts";
export { ANONYMOUS, type Principal, type Role, ROLES } from "./role.ts";
