/** Writing criteria: title, rationale, rules with their tier and conditions. */
import { designation } from "@holdfast/api";
import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAct } from "../../shell/queries.ts";
import form from "../../ui/form.module.css";
import type { Failure } from "../../ui/load-state.ts";
import { Failed } from "../../ui/notice.tsx";
import { ConditionFields } from "./condition-fields.tsx";
import { blankCondition, MEASURES, type Measure, ruleIdOf } from "./condition-text.ts";
import styles from "./designation.module.css";

export type Draft = Pick<designation.Criteria, "title" | "rationale" | "rules">;

export interface CriteriaFormProps {
  readonly draft: Draft;
  readonly submitWord: string;
  readonly isBusy: boolean;
  readonly failure: Failure | undefined;
  readonly fields: Readonly<Record<string, string>>;
  readonly onSubmit: (draft: Draft) => void;
}

export function CriteriaForm(props: CriteriaFormProps) {
  const [title, setTitle] = useState(props.draft.title);
  const [rationale, setRationale] = useState(props.draft.rationale);
  const [rules, setRules] = useState(props.draft.rules);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onSubmit({ title, rationale, rules });
  };
  const addRule = () => {
    const id = ruleIdOf(
      "New rule",
      rules.map((rule) => rule.id),
    );
    setRules([...rules, { id, title: "New rule", tier: 2, all: [blankCondition("world-output-share")] }]);
  };
  return (
    <form className={form.form} onSubmit={submit}>
      <TextInput
        label="Title"
        required
        maxLength={200}
        value={title}
        error={props.fields["title"]}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Textarea
        label="Why these criteria"
        description="For the public."
        required
        autosize
        minRows={2}
        value={rationale}
        error={props.fields["rationale"]}
        onChange={(event) => setRationale(event.currentTarget.value)}
      />
      {rules.map((rule, i) => (
        <RuleFields
          key={rule.id}
          rule={rule}
          number={i + 1}
          onChange={(next) => setRules(rules.with(i, next))}
          onRemove={rules.length > 1 ? () => setRules(rules.toSpliced(i, 1)) : undefined}
        />
      ))}
      <div>
        <Button variant="default" disabled={rules.length >= designation.MAX_RULES} onClick={addRule}>
          Add a rule
        </Button>
      </div>
      {props.failure && <Failed failure={props.failure} />}
      <div className={form.actions}>
        <Button type="submit" loading={props.isBusy}>
          {props.submitWord}
        </Button>
      </div>
    </form>
  );
}

const MEASURE_DATA = Object.entries(MEASURES).map(([value, label]) => ({ value, label }));

function RuleFields({
  rule,
  number,
  onChange,
  onRemove,
}: {
  rule: designation.CriteriaRule;
  number: number;
  onChange: (rule: designation.CriteriaRule) => void;
  onRemove: (() => void) | undefined;
}) {
  return (
    <fieldset className={styles.editRule}>
      <legend>Rule {number}</legend>
      <div className={form.pair}>
        <TextInput
          label="Title"
          required
          maxLength={200}
          value={rule.title}
          onChange={(event) => onChange({ ...rule, title: event.currentTarget.value })}
        />
        <NativeSelect
          label="Makes a site"
          value={String(rule.tier)}
          data={[
            { value: "1", label: "tier 1, critical" },
            { value: "2", label: "tier 2, important" },
            { value: "3", label: "tier 3, relevant" },
          ]}
          onChange={(event) => onChange({ ...rule, tier: Number(event.currentTarget.value) })}
        />
      </div>
      <div className={styles.conditions} role="group" aria-label="All of these must hold">
        <p className="dimmed">All of these must hold:</p>
        {rule.all.map((condition, i) => (
          <div key={`${condition.measure} ${i}`} className={styles.condition}>
            <NativeSelect
              label="Measure"
              value={condition.measure}
              data={MEASURE_DATA}
              // the options are the keys of MEASURES
              onChange={(event) =>
                onChange({ ...rule, all: rule.all.with(i, blankCondition(event.currentTarget.value as Measure)) })
              }
            />
            <ConditionFields
              condition={condition}
              onChange={(next) => onChange({ ...rule, all: rule.all.with(i, next) })}
            />
            {rule.all.length > 1 && (
              <Button
                variant="subtle"
                color="gray"
                onClick={() => onChange({ ...rule, all: rule.all.toSpliced(i, 1) })}
              >
                Remove<span className="visually-hidden"> condition {i + 1}</span>
              </Button>
            )}
          </div>
        ))}
      </div>
      <div className={form.actions}>
        <Button
          variant="default"
          disabled={rule.all.length >= designation.MAX_CONDITIONS}
          onClick={() => onChange({ ...rule, all: [...rule.all, blankCondition("replace-days")] })}
        >
          Add a condition
        </Button>
        {onRemove && (
          <Button variant="subtle" color="red" onClick={onRemove}>
            Remove this rule
          </Button>
        )}
      </div>
    </fieldset>
  );
}

/** Editing a draft that exists; someone else's change in between is refused by its ETag. */
export function EditCriteria({
  criteria,
  etag,
  onDone,
}: {
  criteria: designation.Criteria;
  etag: string | undefined;
  onDone: () => void;
}) {
  const { act, isBusy, failure, fields } = useAct(designation.editCriteria);
  const save = async (draft: Draft) => {
    const done = await act({ params: { id: criteria.id }, body: draft }, etag ? { ifMatch: etag } : {});
    if (done.ok) onDone();
  };
  const { title, rationale, rules } = criteria;
  return (
    <CriteriaForm
      draft={{ title, rationale, rules }}
      submitWord="Save the draft"
      isBusy={isBusy}
      failure={failure}
      fields={fields}
      onSubmit={(draft) => void save(draft)}
    />
  );
}
