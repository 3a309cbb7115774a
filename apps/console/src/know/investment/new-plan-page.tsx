/** Beginning a plan: saved scenarios with how often they come, candidate measures with their cost, a budget. */
import { investment, simulation } from "@holdfast/api";
import { Button, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAct, useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { ReferenceField } from "../../ui/form/reference-field.tsx";
import { useFollow } from "../../ui/follow.tsx";
import form from "../../ui/form.module.css";
import { EmptyState, Failed, Forbidden, Loaded } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { WithReferences } from "../form/references.tsx";
import styles from "./investment.module.css";
import { blankMeasure, type MeasureDraft, measureOf } from "./measure-draft.ts";
import { KIND_WORDS } from "./plan-words.ts";

export function NewPlanPage() {
  const refusal = useRefusal("investment:plan");
  const { state } = useListing(simulation.listScenarios, { query: { limit: 200 } });
  return (
    <Page
      breadcrumbs={[{ label: "Plans", href: "/know/plans" }]}
      title="What could happen, and what could we buy?"
      meaning="A plan changes nothing. Every measure is simulated in every scenario before anything is recommended."
    >
      {refusal ? (
        <Forbidden why={refusal} />
      ) : (
        <Loaded state={state}>
          {(scenarios) =>
            scenarios.length === 0 ? (
              <EmptyState
                what="A plan is made against saved scenarios. Save one first."
                start={<a href="/know/what-if">What stops if …?</a>}
              />
            ) : (
              <PlanForm scenarios={scenarios} />
            )
          }
        </Loaded>
      )}
    </Page>
  );
}

interface EventDraft {
  readonly scenario: string;
  readonly perYear: number;
}

function PlanForm({ scenarios }: { scenarios: readonly simulation.Scenario[] }) {
  const follow = useFollow();
  const [name, setName] = useState("");
  const [budget, setBudget] = useState(1_000_000);
  const [events, setEvents] = useState<readonly EventDraft[]>([{ scenario: scenarios[0]?.id ?? "", perYear: 0.05 }]);
  const [measures, setMeasures] = useState<readonly MeasureDraft[]>([blankMeasure(1)]);
  const { act, isBusy, failure } = useAct(investment.createPlan);
  const written = measures.flatMap((draft) => measureOf(draft) ?? []);
  const missing =
    name.trim() === ""
      ? "Give the plan a name"
      : written.length < measures.length
        ? "Say of every measure what it is about"
        : undefined;
  const submit = async () => {
    const body = { name, events: [...events], measures: written, budgetPerYearMinor: Math.round(budget * 100) };
    const done = await act({ body });
    if (done.ok) follow(`/know/plans/${done.body.id}`);
  };
  return (
    <WithReferences>
      <form
        className={form.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (missing === undefined) void submit();
        }}
      >
        <div className={form.pair}>
          <TextInput
            label="Name"
            required
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Amount label="Budget a year" value={budget} onChange={setBudget} />
        </div>
        <Section title="What could happen">
          {events.map((each, i) => (
            <fieldset key={`${i} ${each.scenario}`} className={styles.measure}>
              <legend className="visually-hidden">Scenario {i + 1}</legend>
              <NativeSelect
                label="Scenario"
                value={each.scenario}
                data={scenarios.map(({ id, name: label }) => ({ value: id, label }))}
                onChange={(event) => setEvents(events.with(i, { ...each, scenario: event.currentTarget.value }))}
              />
              <Amount
                label="Times a year"
                value={each.perYear}
                onChange={(perYear) => setEvents(events.with(i, { ...each, perYear }))}
              />
              {events.length > 1 && (
                <Button variant="subtle" color="gray" onClick={() => setEvents(events.toSpliced(i, 1))}>
                  Remove<span className="visually-hidden"> scenario {i + 1}</span>
                </Button>
              )}
            </fieldset>
          ))}
          <div>
            <Button
              variant="default"
              onClick={() => setEvents([...events, { scenario: scenarios[0]?.id ?? "", perYear: 0.05 }])}
            >
              Add a scenario
            </Button>
          </div>
        </Section>
        <Section title="What could be bought">
          {measures.map((draft, i) => (
            <MeasureFields
              key={draft.id}
              draft={draft}
              number={i + 1}
              onChange={(next) => setMeasures(measures.with(i, next))}
              onRemove={measures.length > 1 ? () => setMeasures(measures.toSpliced(i, 1)) : undefined}
            />
          ))}
          <div>
            <Button
              variant="default"
              disabled={measures.length >= investment.MEASURES_MAX}
              onClick={() =>
                setMeasures([
                  ...measures,
                  blankMeasure(1 + Math.max(...measures.map(({ id }) => Number(id.split("-")[1])))),
                ])
              }
            >
              Add a measure
            </Button>
          </div>
        </Section>
        {failure && <Failed failure={failure} />}
        <div className={form.actions}>
          <RefusableButton type="submit" refusal={missing} loading={isBusy} onClick={() => undefined}>
            Save the plan
          </RefusableButton>
        </div>
      </form>
    </WithReferences>
  );
}

const KIND_DATA = Object.entries(KIND_WORDS).map(([value, label]) => ({ value, label }));

function MeasureFields({
  draft,
  number,
  onChange,
  onRemove,
}: {
  draft: MeasureDraft;
  number: number;
  onChange: (draft: MeasureDraft) => void;
  onRemove: (() => void) | undefined;
}) {
  const set = (change: Partial<MeasureDraft>) => onChange({ ...draft, ...change });
  const reference = (to: "site" | "item", name: "site" | "item" | "supplier", label: string) => (
    <ReferenceField
      key={name}
      to={to}
      label={label}
      value={draft[name]}
      onChange={(id) => set({ [name]: id })}
      required
      error={undefined}
    />
  );
  const { kind } = draft;
  return (
    <fieldset className={styles.measure}>
      <legend className="visually-hidden">Measure {number}</legend>
      <NativeSelect
        label="Kind"
        value={kind}
        data={KIND_DATA}
        onChange={(event) => set({ kind: event.currentTarget.value as MeasureDraft["kind"] })} // an option's value
      />
      <TextInput
        label="Title"
        maxLength={200}
        value={draft.title}
        onChange={(event) => set({ title: event.currentTarget.value })}
      />
      {reference("site", "site", kind === "second-source" ? "Buyer" : "Site")}
      {kind !== "hardening" && reference("item", "item", "Item")}
      {kind === "second-source" && reference("site", "supplier", "Supplier")}
      {(kind === "stock" || kind === "second-source") && (
        <Amount
          label={kind === "stock" ? "Days of stock" : "Ready after days"}
          value={draft.days}
          onChange={(days) => set({ days })}
        />
      )}
      {kind !== "stock" && (
        <Amount
          label={kind === "hardening" ? "Avoided, %" : "Part, %"}
          value={draft.percent}
          onChange={(percent) => set({ percent })}
        />
      )}
      <Amount label="Cost a year" value={draft.cost} onChange={(cost) => set({ cost })} />
      <Amount
        label="Unit cost, ±%"
        value={draft.unitCostPercent}
        onChange={(unitCostPercent) => set({ unitCostPercent })}
        isSigned
      />
      <Amount
        label="Lead time, ±d"
        value={draft.leadDaysChange}
        onChange={(leadDaysChange) => set({ leadDaysChange })}
        isSigned
      />
      {onRemove && (
        <Button variant="subtle" color="gray" onClick={onRemove}>
          Remove<span className="visually-hidden"> measure {number}</span>
        </Button>
      )}
    </fieldset>
  );
}

function Amount({
  label,
  value,
  onChange,
  isSigned = false,
}: {
  label: string;
  value: number;
  onChange: (value: number) => void;
  isSigned?: boolean;
}) {
  return (
    <NumberInput
      label={label}
      hideControls
      w={130}
      min={isSigned ? -1_000 : 0}
      thousandSeparator={"\u202f"}
      value={value}
      onChange={(next) => {
        if (typeof next === "number") onChange(next);
      }}
    />
  );
}
