/** Choosing roles, each with what it is for. */
import { Checkbox } from "@mantine/core";
import type { Role } from "@holdfast/access";
import styles from "../ui/form.module.css";
import { ROLE_NAMES, ROLE_TEXTS } from "./roles.ts";

export function RoleChoice({ chosen, onChoose }: { chosen: readonly Role[]; onChoose: (roles: Role[]) => void }) {
  return (
    <Checkbox.Group
      label="Roles"
      value={[...chosen]}
      onChange={(names) => onChoose(ROLE_NAMES.filter((role) => names.includes(role)))}
    >
      <div className={styles.choices}>
        {ROLE_NAMES.map((role) => (
          <Checkbox key={role} value={role} label={role} description={ROLE_TEXTS[role]} />
        ))}
      </div>
    </Checkbox.Group>
  );
}
