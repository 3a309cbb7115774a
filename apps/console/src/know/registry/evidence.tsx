/** Facts of a registry object, each with a way to its evidence: the version in which the field last changed. */
import type { registry } from "@holdfast/api";
import { IconFileSearch } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { EvidenceOnRecord } from "../../prove/evidence.tsx";
import { Facts } from "../../ui/facts.tsx";
import { formatAge } from "../../ui/format.ts";
import { useReading } from "../../ui/reading.tsx";
import styles from "./evidence.module.css";

type FieldEvidence = ReturnType<typeof registry.facts.parse>;

export interface ObjectFact {
  /** The object's field that this shows. */
  readonly field: string;
  readonly label: string;
  readonly value: ReactNode | undefined;
  readonly hint?: string;
}

export function ObjectFacts({
  id,
  label,
  facts,
  evidence,
}: {
  /** The object's. */
  id: string;
  label: string;
  facts: readonly ObjectFact[];
  evidence: FieldEvidence;
}) {
  const [opened, setOpened] = useState<ObjectFact>();
  return (
    <>
      <Facts
        label={label}
        facts={facts.map((fact) => ({
          label: fact.label,
          ...(fact.hint ? { hint: fact.hint } : {}),
          value:
            fact.value === undefined ? undefined : (
              <WithEvidence fact={fact} evidence={evidence[fact.field]} onOpen={() => setOpened(fact)} />
            ),
        }))}
      />
      <EvidenceOnRecord
        of={opened?.label}
        evidence={opened && withoutAbsent(evidence[opened.field])}
        subjects={subjectsOf(id, opened && evidence[opened.field])}
        nothing={NOTHING_ON_RECORD}
        onClose={() => setOpened(undefined)}
      />
    </>
  );
}

/** A value, how old it is, and the way to what it rests on. */
function WithEvidence({
  fact,
  evidence,
  onOpen,
}: {
  fact: ObjectFact;
  evidence: FieldEvidence[string] | undefined;
  onOpen: () => void;
}) {
  const { now } = useReading();
  return (
    <span className={styles.value}>
      <span>{fact.value}</span>
      {evidence && (
        <span className={styles.aside}>
          <span className={styles.age}>{formatAge(new Date(evidence.observedAt), now)}</span>
          <button type="button" className={styles.button} aria-label={`Evidence for ${fact.label}`} onClick={onOpen}>
            <IconFileSearch size={14} aria-hidden />
          </button>
        </span>
      )}
    </span>
  );
}

/** The object itself, and the import that brought the version. */
export function subjectsOf(
  id: string,
  from: { readonly importId?: string | null | undefined } | undefined,
): readonly string[] {
  return [...(from?.importId ? [`urn:uuid:${from.importId}`] : []), `urn:uuid:${id}`];
}

export const NOTHING_ON_RECORD =
  "No signed statement carries this: it was entered here, and stands in the object's own history.";

function withoutAbsent(evidence: FieldEvidence[string] | undefined) {
  if (!evidence) return undefined;
  const { note, version, importId: _, ...rest } = evidence;
  return { ...rest, note: note ?? `version ${version} of this object` };
}
