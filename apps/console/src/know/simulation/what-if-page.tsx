/** "What stops if …": a question in the URL, answered at once; the saved scenarios beside it. */
import { simulation } from "@holdfast/api";
import { Button, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useAct, useAnswer } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useSearchChange } from "../../shell/table-search.ts";
import { useFollow } from "../../ui/follow.tsx";
import { Failed, Loaded } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { WithReferences } from "../form/references.tsx";
import { AnswerView } from "./answer-view.tsx";
import { PartFields } from "./part-fields.tsx";
import { BLANK, draftOf, type PartDraft, partOf } from "./part-words.ts";
import { SavedScenarios } from "./saved-scenarios.tsx";
import { parseScenario, scenarioText } from "./scenario-text.ts";
import styles from "./simulation.module.css";

const route = getRouteApi("/shell/know/what-if");

export function WhatIfPage() {
  const { parts: text, tab = "course", ...view } = route.useSearch();
  const parts = useMemo(() => parseScenario(text), [text]);
  const change = useSearchChange();
  return (
    <Page
      title="What stops if …?"
      meaning="Name what fails. The answer says who stops when, how long stocks bridge it, and what it costs, between a proven lower and upper end."
    >
      <Question
        key={text ?? "blank"}
        parts={parts}
        onAsk={(next) => change({ parts: scenarioText(next), tab: undefined, row: undefined, filter: undefined })}
      />
      {parts.length > 0 && <Answered parts={parts} tab={tab} view={view} onChange={change} />}
      {parts.length === 0 && (
        <Section title="Saved scenarios">
          <SavedScenarios view={view} onView={(next) => change({ ...next })} />
        </Section>
      )}
    </Page>
  );
}

function Question({
  parts,
  onAsk,
}: {
  parts: readonly simulation.ScenarioPart[];
  onAsk: (parts: readonly simulation.ScenarioPart[]) => void;
}) {
  const [drafts, setDrafts] = useState<readonly PartDraft[]>(parts.length > 0 ? parts.map(draftOf) : [BLANK]);
  const written = drafts.flatMap((draft) => partOf(draft) ?? []);
  return (
    <WithReferences>
      <form
        className={styles.ask}
        aria-label="The question"
        onSubmit={(event) => {
          event.preventDefault();
          if (written.length > 0) onAsk(written);
        }}
      >
        {drafts.map((draft, i) => (
          <PartFields
            key={`${i} ${draft.kind}`}
            part={draft}
            number={i + 1}
            onChange={(next) => setDrafts(drafts.with(i, next))}
            onRemove={drafts.length > 1 ? () => setDrafts(drafts.toSpliced(i, 1)) : undefined}
          />
        ))}
        <div className={styles.part}>
          <RefusableButton
            type="submit"
            refusal={written.length === 0 ? "Choose what fails first" : undefined}
            onClick={() => undefined}
          >
            What stops?
          </RefusableButton>
          <Button
            variant="default"
            disabled={drafts.length >= simulation.PARTS_MAX}
            onClick={() => setDrafts([...drafts, BLANK])}
          >
            And at the same time …
          </Button>
        </div>
      </form>
    </WithReferences>
  );
}

function Answered({
  parts,
  tab,
  view,
  onChange,
}: {
  parts: simulation.ScenarioPart[];
  tab: Parameters<typeof AnswerView>[0]["tab"];
  view: Parameters<typeof AnswerView>[0]["view"];
  onChange: (change: Record<string, unknown>) => void;
}) {
  const { state } = useAnswer(simulation.askWhatIf, { body: { parts } });
  return (
    <>
      <Loaded state={state} lines={6}>
        {(answer) => (
          <AnswerView
            answer={answer}
            tab={tab}
            onTab={(name) => onChange({ tab: name === "course" ? undefined : name, row: undefined, filter: undefined })}
            view={view}
            onView={(next) => onChange({ ...next })}
          />
        )}
      </Loaded>
      <SaveScenario parts={parts} />
    </>
  );
}

function SaveScenario({ parts }: { parts: simulation.ScenarioPart[] }) {
  const [name, setName] = useState("");
  const follow = useFollow();
  const refusal = useRefusal("simulation:run");
  const save = useAct(simulation.createScenario);
  const run = useAct(simulation.startRun);
  const submit = async () => {
    const saved = await save.act({ body: { name, parts } });
    if (!saved.ok) return;
    await run.act({ body: { scenario: saved.body.id } });
    follow(`/know/scenarios/${saved.body.id}`);
  };
  const failure = save.failure ?? run.failure;
  return (
    <Section title="Keep this question">
      <form
        className={styles.part}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "" && refusal === undefined) void submit();
        }}
      >
        <TextInput
          label="Name of the scenario"
          w={320}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <RefusableButton
          type="submit"
          variant="default"
          refusal={refusal ?? (name.trim() === "" ? "Give it a name first" : undefined)}
          loading={save.isBusy || run.isBusy}
          onClick={() => undefined}
        >
          Save and run with alternatives
        </RefusableButton>
      </form>
      {failure && <Failed failure={failure} />}
    </Section>
  );
}
