/** What the pages of all registry objects share: the state beside the title, and the note about a merge or a retirement. */
import type { registry } from "@holdfast/api";
import type { ReactNode } from "react";
import { StateBadge } from "../../ui/state-badge.tsx";
import { OBJECT_LOOKS } from "../looks.ts";

interface Held {
  readonly state: (typeof registry.OBJECT_STATES)[number];
  readonly mergedInto: string | null;
}

/** The badge of an object that is not simply active. */
export function objectState(object: Held): ReactNode {
  return object.state === "active" ? undefined : <StateBadge state={object.state} looks={OBJECT_LOOKS} />;
}

export function MergedNote({ object, href }: { object: Held; href: (id: string) => string }) {
  if (!object.mergedInto) return null;
  return (
    <p>
      This entry was merged: <a href={href(object.mergedInto)}>open the one that stands for both</a>.
    </p>
  );
}

/** Names of an object's other schemes, one below the other. */
export function identifierList(identifiers: readonly registry.Identifier[]): ReactNode | undefined {
  if (identifiers.length === 0) return undefined;
  return identifiers.map((identifier) => (
    <div key={`${identifier.scheme} ${identifier.value}`}>
      <span className="dimmed">{identifier.scheme}</span> {identifier.value}
    </div>
  ));
}
