/** Saying whether something touches us: by button or by a key (a, n, l), always with a reason. */
import { intelTouch } from "@holdfast/api";
import { useState } from "react";
import { useAct } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useAnnounce } from "../../ui/announcer.tsx";
import { SideDrawer } from "../../ui/drawer.tsx";
import { FieldForm } from "../../ui/form/field-form.tsx";
import type { Field } from "../../ui/form/field.ts";
import { useHotkeys } from "../../ui/hotkeys.ts";
import { RefusableButton } from "../../ui/refusable.tsx";
import styles from "./intel.module.css";

export type Said = intelTouch.Touch["state"];

export const VERDICTS: readonly { said: Said; label: string; key: string; title: string; consequence: string }[] = [
  {
    said: "affected",
    label: "Affected",
    key: "a",
    title: "We are affected",
    consequence: "It leaves the list and is kept under “Confirmed” until either side changes.",
  },
  {
    said: "not-affected",
    label: "Not affected",
    key: "n",
    title: "We are not affected",
    consequence: "It leaves the list, and comes back only when the intelligence or the object changes.",
  },
  {
    said: "look",
    label: "Look again",
    key: "l",
    title: "Somebody must look",
    consequence: "It stays in the list, with your note.",
  },
];

const FIELDS: readonly Field[] = [
  {
    kind: "paragraph",
    name: "reason",
    label: "Why",
    hint: "What you looked at. It goes on record with your name.",
    required: true,
    isWide: true,
  },
];

/** What is judged: a lead with the objects meant, or all of its open ones. */
export interface Judged {
  readonly lead: string;
  readonly label: string;
  readonly objects?: readonly string[];
  /** How many pairs that is. */
  readonly count: number;
}

/** The buttons for `judged`, their keys, and the drawer in which the reason is given. */
export function VerdictButtons({ judged }: { judged: Judged | undefined }) {
  const [said, setSaid] = useState<Said>();
  const mayNot = useRefusal("intel:write");
  const refusal = mayNot ?? (judged ? undefined : "Choose a row first: j and k move");
  const open = (next: Said) => {
    if (refusal === undefined) setSaid(next);
  };
  useHotkeys(
    Object.fromEntries(
      VERDICTS.map(({ said: one, key }) => [
        key,
        (event: KeyboardEvent) => {
          event.preventDefault();
          open(one);
        },
      ]),
    ),
  );
  const chosen = VERDICTS.find((one) => one.said === said);
  return (
    <>
      {VERDICTS.map((one) => (
        <RefusableButton key={one.said} size="xs" variant="default" refusal={refusal} onClick={() => open(one.said)}>
          {one.label}{" "}
          <kbd aria-hidden className={styles.key}>
            {one.key}
          </kbd>
        </RefusableButton>
      ))}
      <SideDrawer title={chosen?.title ?? "Verdict"} opened={chosen !== undefined} onClose={() => setSaid(undefined)}>
        {chosen && judged && <VerdictForm chosen={chosen} judged={judged} onDone={() => setSaid(undefined)} />}
      </SideDrawer>
    </>
  );
}

function VerdictForm({
  chosen,
  judged,
  onDone,
}: {
  chosen: (typeof VERDICTS)[number];
  judged: Judged;
  onDone: () => void;
}) {
  const announce = useAnnounce();
  const { act, failure, fields } = useAct(intelTouch.giveVerdict);
  return (
    <>
      <p>
        <strong>{judged.label}</strong>
      </p>
      <p className="dimmed">
        {judged.count === 1 ? "For one object." : `For all ${judged.count} open objects.`} {chosen.consequence}
      </p>
      <FieldForm
        schema={intelTouch.verdictReason}
        fields={FIELDS}
        act={chosen.title}
        failure={failure}
        refused={fields}
        onSend={async ({ reason }) => {
          const body = {
            lead: judged.lead,
            verdict: chosen.said,
            reason,
            ...(judged.objects ? { objects: [...judged.objects] } : {}),
          };
          const done = await act({ body });
          if (done.ok) {
            announce(`${chosen.title}: recorded`);
            onDone();
          }
          return done.ok;
        }}
      />
    </>
  );
}
