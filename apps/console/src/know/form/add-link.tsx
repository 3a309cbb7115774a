/** The way to add an object, for those who may and while the page shows how things are now. */
import type { registry } from "@holdfast/api";
import { Button } from "@mantine/core";
import { useMay } from "../../shell/session.tsx";
import { useAsOf } from "../as-of/as-of.tsx";
import { aKind } from "./kind-routes.ts";

export function AddLink({
  kind,
  known = {},
  isPrimary = false,
}: {
  kind: registry.ObjectKind;
  /** What the form begins with. */
  known?: Readonly<Record<string, string>>;
  isPrimary?: boolean;
}) {
  const may = useMay("registry:write");
  const asOf = useAsOf();
  if (!may || asOf !== undefined) return null;
  const search = new URLSearchParams(known).toString();
  return (
    <Button
      component="a"
      href={`/know/add/${kind}${search === "" ? "" : `?${search}`}`}
      variant={isPrimary ? "filled" : "default"}
    >
      Add {aKind(kind)}
    </Button>
  );
}
