/** Proposing criteria: begins with those in force, ends with a draft. */
import { designation } from "@holdfast/api";
import { useAct, useAnswer } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useFollow } from "../../ui/follow.tsx";
import { type LoadState, ready } from "../../ui/load-state.ts";
import { Forbidden, Loaded } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { blankCondition } from "./condition-text.ts";
import { CriteriaForm, type Draft } from "./criteria-form.tsx";

const FIRST: Draft = {
  title: "Critical facilities",
  rationale: "",
  rules: [{ id: "sole-source", title: "Sole source", tier: 1, all: [blankCondition("sole-source")] }],
};

export function ProposePage() {
  const { state } = useAnswer(designation.getCriteriaInForce, {});
  const follow = useFollow();
  const { act, isBusy, failure, fields } = useAct(designation.proposeCriteria);
  const mayNot = useRefusal("designation:propose");
  const propose = async (draft: Draft) => {
    const done = await act({ body: draft });
    if (done.ok) follow(`/know/designation/${done.body.id}?tab=changes`);
  };
  const isFirst = state.kind === "failed" && state.failure.code === "designation/none-in-force";
  const given: LoadState<Draft> = isFirst ? ready(FIRST) : state;
  return (
    <Page
      breadcrumbs={[{ label: "Critical facilities", href: "/know/designation" }]}
      title="Which rules should make a facility critical?"
      meaning="A draft changes nothing. You see who would change tier before anybody decides."
    >
      {mayNot ? (
        <Forbidden why={mayNot} />
      ) : (
        <Loaded state={given} lines={8}>
          {({ title, rationale, rules }) => (
            <CriteriaForm
              draft={{ title, rationale, rules }}
              submitWord="Save as a draft"
              isBusy={isBusy}
              failure={failure}
              fields={fields}
              onSubmit={(draft) => void propose(draft)}
            />
          )}
        </Loaded>
      )}
    </Page>
  );
}
