/** What a draft would change: sites by tier before and after, each with its reasons; and the decision, which applies exactly that. */
import { designation } from "@holdfast/api";
import { Button, Textarea } from "@mantine/core";
import { useState } from "react";
import { JobProgress, useJob } from "../../platform/job-progress.tsx";
import { useAct, useAnswer, useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { ConfirmDestructive } from "../../ui/confirm-destructive.tsx";
import { SideDrawer } from "../../ui/drawer.tsx";
import form from "../../ui/form.module.css";
import { EmptyState, Failed, Loaded } from "../../ui/notice.tsx";
import { Section } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { countryName } from "../country-name.ts";
import { TIER_LOOKS, tierName } from "../looks.ts";
import styles from "./designation.module.css";
import { Reasons } from "./reasons.tsx";

export interface CriteriaChangesProps {
  readonly criteria: designation.Criteria;
  readonly view: TableView;
  readonly onView: (view: TableView) => void;
}

const FOLLOW_MS = 1_000;

export function CriteriaChanges({ criteria, view, onView }: CriteriaChangesProps) {
  const input = { params: { id: criteria.id } };
  const first = useAnswer(designation.getPreview, input);
  const isRunning = first.state.kind === "ready" && first.state.value.state === "running";
  const { state } = useAnswer(designation.getPreview, input, { everyMs: isRunning ? FOLLOW_MS : false });
  const { act, isBusy, failure } = useAct(designation.startPreview);
  const mayNot = useRefusal("designation:propose");
  const start = (
    <RefusableButton refusal={mayNot} loading={isBusy} onClick={() => void act(input)}>
      Work out who would change tier
    </RefusableButton>
  );
  return (
    <>
      {failure && <Failed failure={failure} />}
      <Loaded state={state}>
        {(preview) => {
          switch (preview.state) {
            case "none":
              return <EmptyState what="Nobody has worked out yet what these criteria would change." start={start} />;
            case "running":
              return preview.jobId ? <Running jobId={preview.jobId} /> : <EmptyState what="It is being worked out." />;
            case "ready":
              return (
                <>
                  <Moves preview={preview} />
                  <Changes criteria={criteria} view={view} onView={onView} />
                  <Decide criteria={criteria} />
                </>
              );
          }
        }}
      </Loaded>
    </>
  );
}

function Running({ jobId }: { jobId: string }) {
  return <Loaded state={useJob(jobId)}>{(job) => <JobProgress job={job} />}</Loaded>;
}

function Moves({ preview }: { preview: ReturnType<typeof designation.preview.parse> }) {
  const changed = preview.moves.filter((move) => move.from !== move.to);
  const stays = preview.moves.filter((move) => move.from === move.to).reduce((sum, move) => sum + move.count, 0);
  return (
    <Section
      title="Sites by tier, before and after"
      aside={
        preview.computedAt && (
          <>
            worked out <Time at={preview.computedAt} as="age" /> over {preview.sitesCount} sites
          </>
        )
      }
    >
      <ul className={styles.moves}>
        {changed.map((move) => (
          <li key={`${move.from} ${move.to}`}>
            <strong>{move.count}</strong> from <StateBadge state={tierName(move.from)} looks={TIER_LOOKS} /> to{" "}
            <StateBadge state={tierName(move.to)} looks={TIER_LOOKS} />
          </li>
        ))}
        <li className="dimmed">{stays} stay as they are</li>
      </ul>
    </Section>
  );
}

const COLUMNS: readonly Column<designation.TierChange>[] = [
  { id: "site", header: "Site", value: (one) => one.site.label },
  {
    id: "from",
    header: "From",
    value: (one) => TIER_LOOKS[tierName(one.from)].word,
    cell: (one) => <StateBadge state={tierName(one.from)} looks={TIER_LOOKS} />,
    width: 170,
  },
  {
    id: "to",
    header: "To",
    value: (one) => TIER_LOOKS[tierName(one.to)].word,
    cell: (one) => <StateBadge state={tierName(one.to)} looks={TIER_LOOKS} />,
    width: 170,
  },
  { id: "reasons", header: "Why", value: (one) => one.reasons.map((reason) => reason.title).join("; "), width: 300 },
  { id: "kind", header: "Kind", value: (one) => one.site.kind, width: 120 },
  { id: "country", header: "Country", value: (one) => countryName(one.site.country), width: 150 },
];

function Changes({ criteria, view, onView }: CriteriaChangesProps) {
  const { state, more } = useListing(designation.listPreviewChanges, {
    params: { id: criteria.id },
    query: { limit: 500 },
  });
  const [opened, setOpened] = useState<designation.TierChange>();
  return (
    <>
      <DataTable
        caption="Sites that would change tier"
        columns={COLUMNS}
        state={state}
        more={more}
        rowId={(one) => one.site.id}
        onOpen={setOpened}
        empty={{ what: "No site would change tier." }}
        view={view}
        onView={onView}
      />
      <SideDrawer
        title={opened?.site.label ?? "Reasons"}
        opened={opened !== undefined}
        onClose={() => setOpened(undefined)}
      >
        {opened &&
          (opened.reasons.length === 0 ? (
            <EmptyState what="No rule would hold for it." />
          ) : (
            <Reasons reasons={opened.reasons} />
          ))}
      </SideDrawer>
    </>
  );
}

function Decide({ criteria }: { criteria: designation.Criteria }) {
  const [reason, setReason] = useState("");
  const [isAdopting, setAdopting] = useState(false);
  const { act, isBusy, failure } = useAct(designation.decideCriteria);
  const mayNot = useRefusal("designation:decide");
  const refusal = mayNot ?? (reason.trim() === "" ? "A decision needs its reason" : undefined);
  const decide = (decision: "adopt" | "reject") => act({ params: { id: criteria.id }, body: { decision, reason } });
  return (
    <Section title="Decide">
      <div className={form.form}>
        <Textarea
          label="Reason"
          description="Published with the criteria."
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {failure && <Failed failure={failure} />}
        <div className={form.actions}>
          <RefusableButton refusal={refusal} onClick={() => setAdopting(true)}>
            Put them in force
          </RefusableButton>
          {refusal === undefined && (
            <Button variant="default" loading={isBusy} onClick={() => void decide("reject")}>
              Reject the draft
            </Button>
          )}
        </div>
      </div>
      <ConfirmDestructive
        opened={isAdopting}
        action={`Put criteria no. ${criteria.number} in force`}
        consequence="Every site gets the tier that the preview shows, at once. The criteria now in force are superseded and stay published."
        onConfirm={async () => {
          const done = await decide("adopt");
          return done.ok ? undefined : done.failure;
        }}
        onClose={() => setAdopting(false)}
      />
    </Section>
  );
}
