/** One finding: what the rule says, the events that show it, who looks after it, and the decision. */
import { custody } from "@holdfast/api";
import { Button, Group, NativeSelect, Textarea } from "@mantine/core";
import { useState } from "react";
import { useAct, useAnswer } from "../../shell/queries.ts";
import { useMe, useRefusal } from "../../shell/session.tsx";
import { SideDrawer } from "../../ui/drawer.tsx";
import { Facts } from "../../ui/facts.tsx";
import { Id } from "../../ui/id.tsx";
import { Failed, Loaded } from "../../ui/notice.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { OnRecord } from "../evidence.tsx";
import { amountWords, FINDING_LOOKS, OUTCOME_WORDS, thingHref } from "./words.ts";

export function FindingDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <SideDrawer title="Finding" opened={id !== undefined} onClose={onClose}>
      {id !== undefined && <Detail key={id} id={id} />}
    </SideDrawer>
  );
}

function Detail({ id }: { id: string }) {
  const { state, etag } = useAnswer(custody.getFinding, { params: { id } });
  return (
    <Loaded state={state} lines={8}>
      {(finding) => (
        <>
          <h2>{finding.title}</h2>
          <p>{finding.explanation.replaceAll("`", "")}</p>
          <Facts label="Facts of the finding" facts={factsOf(finding)} />
          <h3>Events that show it</h3>
          <ul>
            {finding.events.map((event) => (
              <li key={event}>
                <Id value={event} name="event id" />
              </li>
            ))}
          </ul>
          <Decision finding={finding} etag={etag} />
          <OnRecord subjects={[`urn:uuid:${id}`]} nothing="What is decided of it will be on the ledger." />
        </>
      )}
    </Loaded>
  );
}

function factsOf(finding: custody.Finding) {
  return [
    { label: "State", value: <StateBadge state={finding.state} looks={FINDING_LOOKS} /> },
    {
      label: "About",
      value: finding.isThing ? (
        <a href={thingHref(finding.subject)}>{finding.subjectLabel}</a>
      ) : (
        <Id value={finding.subject} />
      ),
    },
    { label: "Amount", value: finding.amount === null ? "none: not a matter of amounts" : amountWords(finding.amount) },
    { label: "Where", value: finding.placeLabel ?? undefined },
    { label: "Shows since", value: <Time at={finding.at} /> },
    { label: "Found", value: <Time at={finding.foundAt} as="age" /> },
    { label: "Taken on by", value: finding.assignee ?? "nobody" },
    { label: "Reopened", value: `${finding.reopened} times` },
    ...(finding.outcome === null
      ? []
      : [
          { label: "Outcome", value: OUTCOME_WORDS[finding.outcome] },
          { label: "Reason", value: finding.reason ?? undefined },
          { label: "Decided by", value: finding.decidedBy ?? undefined },
        ]),
  ];
}

function Decision({ finding, etag }: { finding: custody.Finding; etag: string | undefined }) {
  const refusal = useRefusal("custody:decide");
  const { name } = useMe();
  const assign = useAct(custody.assignFinding);
  const resolve = useAct(custody.resolveFinding);
  const reopen = useAct(custody.reopenFinding);
  const [outcome, setOutcome] = useState<NonNullable<custody.Finding["outcome"]>>("explained");
  const [reason, setReason] = useState("");
  const params = { id: finding.id };
  const options = etag === undefined ? {} : { ifMatch: etag };
  const isMine = finding.assignee === name;
  const failure = assign.failure ?? resolve.failure ?? reopen.failure;
  const noReason = reason.trim() === "" ? "Say why first." : undefined;
  if (finding.state === "undone")
    return <p className="dimmed">New evidence took its cause away: there is nothing to decide.</p>;
  const decide = async () => {
    const done =
      finding.state === "open"
        ? await resolve.act({ params, body: { outcome, reason } }, options)
        : await reopen.act({ params, body: { reason } }, options);
    if (done.ok) setReason("");
  };
  return (
    <section aria-label="Decision">
      <h3>{finding.state === "open" ? "What came of it" : "Open it again"}</h3>
      {failure && <Failed failure={failure} />}
      {finding.state === "open" && (
        <NativeSelect
          label="Outcome"
          value={outcome}
          data={Object.entries(OUTCOME_WORDS).map(([value, label]) => ({ value, label }))}
          onChange={(event) =>
            setOutcome(custody.OUTCOMES.find((one) => one === event.currentTarget.value) ?? "explained")
          }
        />
      )}
      <Textarea
        label="Why"
        mt={8}
        autosize
        minRows={2}
        maxLength={2_000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Group mt={8} gap={8}>
        <RefusableButton
          refusal={refusal ?? noReason}
          loading={resolve.isBusy || reopen.isBusy}
          onClick={() => void decide()}
        >
          {finding.state === "open" ? "Resolve" : "Open again"}
        </RefusableButton>
        {refusal === undefined && finding.state === "open" && (
          <Button
            variant="default"
            loading={assign.isBusy}
            onClick={() => void assign.act({ params, body: { to: isMine ? "nobody" : "me" } }, options)}
          >
            {isMine ? "Give it back" : "Take it on"}
          </Button>
        )}
      </Group>
    </section>
  );
}
