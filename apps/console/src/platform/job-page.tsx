/** One job: how far it is, what it was about, what came of it. */
import { getRouteApi } from "@tanstack/react-router";
import { Facts } from "../ui/facts.tsx";
import { Id } from "../ui/id.tsx";
import { Loaded } from "../ui/notice.tsx";
import { Page, Section } from "../ui/page.tsx";
import { Time } from "../ui/time.tsx";
import { JobProgress, useJob } from "./job-progress.tsx";
import { JobResult } from "./job-result.tsx";

const route = getRouteApi("/shell/jobs/$jobId");

export function JobPage() {
  const { jobId } = route.useParams();
  const state = useJob(jobId);
  return (
    <Page
      breadcrumbs={[{ label: "Jobs", href: "/jobs" }]}
      title={state.kind === "ready" ? state.value.title : "Job"}
      meaning="It runs on the node; closing this page does not stop it."
    >
      <Loaded state={state}>
        {(one) => (
          <>
            <JobProgress job={one} />
            <Facts
              label="Job"
              facts={[
                { label: "Kind", value: one.kind },
                { label: "Started by", value: one.startedByName },
                { label: "Asked for", value: <Time at={one.createdAt} /> },
                { label: "Began", value: one.startedAt ? <Time at={one.startedAt} /> : "not yet" },
                { label: "Ended", value: one.endedAt ? <Time at={one.endedAt} /> : "not yet" },
                { label: "Identifier", value: <Id value={one.id} /> },
              ]}
            />
            {one.result !== null && (
              <Section title="Result">
                <JobResult result={one.result} />
              </Section>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}
