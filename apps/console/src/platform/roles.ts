/** What each role is for, in words for people who give roles. */
import type { Role } from "@holdfast/access";

/** A Record over the contract's own union: a new role does not compile until it is explained. */
export const ROLE_TEXTS: Readonly<Record<Role, string>> = {
  viewer: "reads",
  analyst: "keeps the registry, imports, proposes criteria",
  operator: "runs and cancels jobs, reads",
  quality: "keeps the registry and its evidence",
  security: "reads, and reads access decisions",
  auditor: "reads everything, people and decisions too, and changes nothing",
  steward: "decides criteria and sharing",
  admin: "runs the node: people and configuration, no business data",
  partner: "another node, under an agreement",
  supplier: "a supplier, on its own data",
};

export const ROLE_NAMES = Object.keys(ROLE_TEXTS) as Role[]; // the keys of a Record over Role
