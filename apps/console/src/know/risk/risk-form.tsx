/** Writing a risk: what, about which site, supplier or item, whose, and what is done about it. */
import { riskRegister, THREAT_TEXTS, THREATS } from "@holdfast/api";
import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ReferenceField } from "../../ui/form/reference-field.tsx";
import form from "../../ui/form.module.css";
import type { Failure } from "../../ui/load-state.ts";
import { Failed } from "../../ui/notice.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { WithReferences } from "../form/references.tsx";

export type RiskDraft = riskRegister.RiskDraft;

export const BLANK_RISK: RiskDraft = {
  title: "",
  threat: "supply-interruption",
  owner: "",
  treatment: { kind: "mitigate", text: "" },
  evidence: [],
  scenarios: [],
};

export function RiskForm({
  draft: given,
  word,
  isBusy,
  failure,
  fields,
  onSubmit,
}: {
  draft: RiskDraft;
  word: string;
  isBusy: boolean;
  failure: Failure | undefined;
  fields: Readonly<Record<string, string>>;
  onSubmit: (draft: RiskDraft) => void;
}) {
  const [draft, setDraft] = useState(given);
  const set = (change: Partial<RiskDraft>) => setDraft({ ...draft, ...change });
  const about = (name: "site" | "organisation" | "item", label: string) => (
    <ReferenceField
      to={name}
      label={label}
      value={draft[name] ?? ""}
      onChange={(id) => setDraft(withReference(draft, name, id))}
      required={false}
      error={fields[name]}
    />
  );
  const [first] = draft.evidence;
  const isReady = draft.title.trim() !== "" && draft.owner.trim() !== "" && draft.treatment.text.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) onSubmit(draft);
  };
  return (
    <WithReferences>
      <form className={form.form} onSubmit={submit}>
        <TextInput
          label="What could go wrong"
          required
          maxLength={200}
          value={draft.title}
          error={fields["title"]}
          onChange={(event) => set({ title: event.currentTarget.value })}
        />
        <div className={form.pair}>
          <NativeSelect
            label="Threat"
            value={draft.threat}
            data={THREATS.map((value) => ({ value, label: THREAT_TEXTS[value].title }))}
            onChange={(event) =>
              set({ threat: THREATS.find((each) => each === event.currentTarget.value) ?? draft.threat })
            }
          />
          <TextInput
            label="Who answers for it"
            required
            maxLength={200}
            value={draft.owner}
            error={fields["owner"]}
            onChange={(event) => set({ owner: event.currentTarget.value })}
          />
        </div>
        {about("site", "Site")}
        {about("organisation", "Supplier")}
        {about("item", "Item")}
        <div className={form.pair}>
          <NativeSelect
            label="What is done"
            value={draft.treatment.kind}
            data={[...riskRegister.TREATMENT_KINDS]}
            onChange={(event) =>
              set({
                treatment: {
                  ...draft.treatment,
                  kind: riskRegister.TREATMENT_KINDS.find((each) => each === event.currentTarget.value) ?? "mitigate",
                },
              })
            }
          />
          <TextInput
            label="Due on"
            type="date"
            value={draft.treatment.dueOn ?? ""}
            onChange={(event) => {
              const { dueOn: _, ...rest } = draft.treatment;
              const day = event.currentTarget.value;
              set({ treatment: day === "" ? rest : { ...rest, dueOn: day } });
            }}
          />
        </div>
        <Textarea
          label="How"
          required
          autosize
          minRows={2}
          value={draft.treatment.text}
          error={fields["treatment.text"]}
          onChange={(event) => set({ treatment: { ...draft.treatment, text: event.currentTarget.value } })}
        />
        <TextInput
          label="Evidence"
          description="What this rests on: a document, an address, a statement of the ledger."
          maxLength={300}
          value={first?.text ?? ""}
          onChange={(event) => {
            const text = event.currentTarget.value;
            set({ evidence: text === "" ? draft.evidence.slice(1) : [{ ...first, text }, ...draft.evidence.slice(1)] });
          }}
        />
        {failure && <Failed failure={failure} />}
        <div className={form.actions}>
          <RefusableButton
            type="submit"
            loading={isBusy}
            refusal={isReady ? undefined : "It needs a title, an owner and what is done"}
            onClick={() => undefined}
          >
            {word}
          </RefusableButton>
        </div>
      </form>
    </WithReferences>
  );
}

function withReference(draft: RiskDraft, name: "site" | "organisation" | "item", id: string): RiskDraft {
  const { [name]: _, ...rest } = draft;
  return id === "" ? rest : { ...rest, [name]: id };
}
