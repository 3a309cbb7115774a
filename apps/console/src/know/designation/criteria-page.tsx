/** One version of the criteria. A draft shows who would change tier before anybody decides. */
import { designation } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useSearchChange } from "../../shell/table-search.ts";
import { Forbidden, Loaded } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { OnRecord } from "../../prove/evidence.tsx";
import { CRITERIA_LOOKS } from "../looks.ts";
import { CriteriaChanges } from "./criteria-changes.tsx";
import { EditCriteria } from "./criteria-form.tsx";
import { CriteriaView } from "./criteria-view.tsx";

const route = getRouteApi("/shell/know/designation/$criteriaId");

export function CriteriaPage() {
  const { criteriaId } = route.useParams();
  const { tab = "rules", ...view } = route.useSearch();
  const change = useSearchChange();
  const mayNotPropose = useRefusal("designation:propose");
  const { state, etag } = useAnswer(designation.getCriteria, { params: { id: criteriaId } });
  const criteria = state.kind === "ready" ? state.value : undefined;
  const isDraft = criteria?.state === "draft";
  return (
    <Page
      breadcrumbs={[
        { label: "Critical facilities", href: "/know/designation" },
        { label: "Versions", href: "/know/designation?tab=versions" },
      ]}
      title={criteria ? `Criteria no. ${criteria.number}: ${criteria.title}` : "Criteria"}
      state={criteria && <StateBadge state={criteria.state} looks={CRITERIA_LOOKS} />}
      meaning={isDraft ? "A draft changes nothing. Look at who would change tier, then someone decides." : undefined}
    >
      <Loaded state={state} lines={8}>
        {(loaded) => (
          <Tabs
            label="Criteria"
            tabs={[
              { name: "rules", label: "Rules" },
              ...(loaded.state === "draft"
                ? ([
                    { name: "changes", label: "Who would change tier" },
                    { name: "edit", label: "Edit" },
                  ] as const)
                : []),
            ]}
            chosen={loaded.state === "draft" ? tab : "rules"}
            onChoose={(name) => change({ tab: name === "rules" ? undefined : name })}
          >
            {loaded.state === "draft" && tab === "changes" ? (
              <CriteriaChanges criteria={loaded} view={view} onView={(next) => change({ ...next })} />
            ) : loaded.state === "draft" && tab === "edit" ? (
              mayNotPropose ? (
                <Forbidden why={mayNotPropose} />
              ) : (
                <EditCriteria
                  key={loaded.version}
                  criteria={loaded}
                  etag={etag}
                  onDone={() => change({ tab: "changes" })}
                />
              )
            ) : (
              <>
                <CriteriaView criteria={loaded} />
                <OnRecord
                  subjects={[`urn:uuid:${loaded.id}`]}
                  nothing="When someone puts these criteria in force or rejects them, that decision goes on record with its reason."
                />
              </>
            )}
          </Tabs>
        )}
      </Loaded>
    </Page>
  );
}
