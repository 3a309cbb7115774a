/** The fields that forms about people have in common. */
import type { Field } from "../ui/form/field.ts";
import { ROLE_NAMES, ROLE_TEXTS } from "./roles.ts";

export const NAME_FIELD: Field = { kind: "text", name: "name", label: "Name", required: true, isWide: true };

/** Each role with what it is for. */
export const ROLES_FIELD: Field = {
  kind: "choices",
  name: "roles",
  label: "Roles",
  choices: ROLE_NAMES.map((role) => ({ value: role, label: role, hint: ROLE_TEXTS[role] })),
};
