/** Two entries side by side: why they are suspected, which one stays, or that they are different. */
import { registry } from "@holdfast/api";
import { Radio, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAct } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { SideDrawer } from "../../ui/drawer.tsx";
import { Facts } from "../../ui/facts.tsx";
import form from "../../ui/form.module.css";
import { formatShare } from "../../ui/format.ts";
import { Failed, Forbidden } from "../../ui/notice.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { countryName } from "../country-name.ts";
import { objectHref } from "../../shell/object-href.ts";
import { REASON_WORDS } from "./suspect-words.ts";

const SURE_PERCENT = 90; // what someone who compared two entries is taken to be

export function SuspectDrawer({ suspect, onClose }: { suspect: registry.Suspect | undefined; onClose: () => void }) {
  return (
    <SideDrawer title="The same thing?" opened={suspect !== undefined} onClose={onClose}>
      {suspect && <Settle key={suspect.id} suspect={suspect} onClose={onClose} />}
    </SideDrawer>
  );
}

function Settle({ suspect, onClose }: { suspect: registry.Suspect; onClose: () => void }) {
  const [kept, setKept] = useState(suspect.first.id);
  const [reason, setReason] = useState("");
  const [source, setSource] = useState("");
  const merge = useAct(registry.createMerge);
  const dismiss = useAct(registry.dismissSuspect);
  const mayNot = useRefusal("registry:merge");
  if (mayNot) return <Forbidden why={mayNot} />;
  const pair = [suspect.first, suspect.second];
  const merged = pair.find((one) => one.id !== kept);
  const missing = reason.trim() === "" ? "Say why first" : undefined;
  const doMerge = async () => {
    if (!merged) return;
    const evidence = { source, observedAt: new Date().toISOString(), confidencePercent: SURE_PERCENT };
    const body = { kind: suspect.kind, kept, merged: merged.id, reason, evidence };
    if ((await merge.act({ body })).ok) onClose();
  };
  const doDismiss = async () => {
    if ((await dismiss.act({ params: { id: suspect.id }, body: { reason } })).ok) onClose();
  };
  const failure = merge.failure ?? dismiss.failure;
  return (
    <div className={form.form}>
      <Facts
        label="Why they are suspected"
        facts={suspect.reasons.map((one) => ({
          label: REASON_WORDS[one.rule],
          value: `${one.value} (${formatShare(one.scorePpm)} %)`,
        }))}
      />
      <Radio.Group label="Which entry stays" value={kept} onChange={setKept}>
        <div className={form.choices}>
          {pair.map((one) => (
            <Radio
              key={one.id}
              value={one.id}
              label={one.label}
              description={
                <>
                  {one.country && `${countryName(one.country)} `}
                  <a href={objectHref(suspect.kind, one.id)}>look at it</a>
                </>
              }
            />
          ))}
        </div>
      </Radio.Group>
      <Textarea
        label="Why"
        required
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <TextInput
        label="Source"
        description="What says so: a register, a letter, a call. For merging."
        value={source}
        onChange={(event) => setSource(event.currentTarget.value)}
      />
      {failure && <Failed failure={failure} />}
      <div className={form.actions}>
        <RefusableButton
          refusal={missing ?? (source.trim() === "" ? "Merging needs a source" : undefined)}
          loading={merge.isBusy}
          onClick={() => void doMerge()}
        >
          They are one: merge
        </RefusableButton>
        <RefusableButton variant="default" refusal={missing} loading={dismiss.isBusy} onClick={() => void doDismiss()}>
          They are different
        </RefusableButton>
      </div>
    </div>
  );
}
