/** How far a job is, and the button that asks it to stop. */
import { job } from "@holdfast/api";
import { Progress } from "@mantine/core";
import { useAct, useAnswer } from "../shell/queries.ts";
import { useRefusal } from "../shell/session.tsx";
import type { LoadState } from "../ui/load-state.ts";
import { Failed } from "../ui/notice.tsx";
import { RefusableButton } from "../ui/refusable.tsx";
import { StateBadge } from "../ui/state-badge.tsx";
import styles from "./job-progress.module.css";
import { JOB_LOOKS } from "./looks.ts";

const FOLLOW_MS = 1_000;

export function isOver(state: job.Job["state"]): boolean {
  return state !== "waiting" && state !== "running";
}

/** One job, asked for again until it is over. */
export function useJob(jobId: string): LoadState<job.Job> {
  const input = { params: { jobId } };
  const first = useAnswer(job.getJob, input);
  const isLive = first.state.kind !== "ready" || !isOver(first.state.value.state);
  return useAnswer(job.getJob, input, { everyMs: isLive ? FOLLOW_MS : false }).state;
}

export function JobProgress({ job: one }: { job: job.Job }) {
  const { act, isBusy, failure } = useAct(job.cancelJob);
  const mayNot = useRefusal("job:cancel");
  const refusal = one.cancelRequested ? "It was asked to stop already" : mayNot;
  const percent = Math.floor(one.fraction * 100);
  return (
    <div className={styles.progress}>
      <div className={styles.line}>
        <StateBadge state={one.state} looks={JOB_LOOKS} />
        <span>{percent} %</span>
        <span className="dimmed">{one.detail}</span>
        {!isOver(one.state) && (
          <RefusableButton
            variant="default"
            refusal={refusal}
            loading={isBusy}
            onClick={() => void act({ params: { jobId: one.id } })}
          >
            Stop
          </RefusableButton>
        )}
      </div>
      <Progress
        value={percent}
        aria-label={`${one.title}: done in percent`}
        color={one.state === "failed" ? "red" : "blue"}
      />
      {one.problem && (
        <Failed
          failure={{
            ...one.problem,
            nextStep: "What it had not committed was undone. Correct what is named and start it again.",
          }}
        />
      )}
      {failure && <Failed failure={failure} />}
    </div>
  );
}
