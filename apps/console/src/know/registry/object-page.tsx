/** What the pages of all registry objects share: the state beside the title, and the note about a merge or a retirement. */
import type { registry } from "@holdfast/api";
import type { ReactNode } from "react";
import { Id } from "../../ui/id.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { OBJECT_LOOKS } from "../looks.ts";
import type { ObjectFact } from "./evidence.tsx";

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

interface Named {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly identifiers: readonly registry.Identifier[];
  readonly note?: string | undefined;
}

/** The facts that every object with a page has, last on it. */
export function commonFacts({ id, aliases, identifiers, note }: Named): readonly ObjectFact[] {
  return [
    ...(aliases ? [{ field: "aliases", label: "Other names", value: aliases.join("; ") || undefined }] : []),
    { field: "identifiers", label: "Identifiers", value: identifierList(identifiers) },
    { field: "note", label: "Note", value: note },
    { field: "id", label: "Identifier here", value: <Id value={id} /> },
  ];
}

/** Names of an object's other schemes, one below the other. */
function identifierList(identifiers: readonly registry.Identifier[]): ReactNode | undefined {
  if (identifiers.length === 0) return undefined;
  return identifiers.map((identifier) => (
    <div key={`${identifier.scheme} ${identifier.value}`}>
      <span className="dimmed">{identifier.scheme}</span> {identifier.value}
    </div>
  ));
}
