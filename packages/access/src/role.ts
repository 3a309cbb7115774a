/** Who may act: the roles of DESIGN 5, and the principals that hold them. */

export const ROLES = [
  "viewer",
  "analyst",
  "operator",
  "quality",
  "security",
  "auditor",
  "steward",
  "admin",
  "partner",
  "supplier",
] as const;
export type Role = (typeof ROLES)[number];

/** Whoever makes a request, after authentication. `id` is a person's, a token's or a partner node's id. */
export interface Principal {
  readonly kind: "person" | "token" | "node" | "anonymous";
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** For a token: the actions it was given; it can do nothing else. */
  readonly scopes?: readonly string[];
}

export const ANONYMOUS: Principal = { kind: "anonymous", id: "anonymous", name: "anonymous", roles: [] };
