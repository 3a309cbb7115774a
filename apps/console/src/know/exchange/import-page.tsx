/** One file on its way in: what its columns mean, a dry run, the report row by row, and the import itself. */
import { exchange } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useAct, useAnswer } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import { ConfirmDestructive } from "../../ui/confirm-destructive.tsx";
import { useFollow } from "../../ui/follow.tsx";
import { formatBytes } from "../../ui/format.ts";
import { Loaded } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { Button } from "@mantine/core";
import { ImportColumns } from "./import-columns.tsx";
import { ImportReport } from "./import-report.tsx";
import { OUTCOME_LOOKS, outcomeOf } from "./looks.ts";

const route = getRouteApi("/shell/know/import/$importId");
const FOLLOW_MS = 1_000;

export function ImportPage() {
  const { importId } = route.useParams();
  const { step = "columns", ...view } = route.useSearch();
  const change = useSearchChange();
  const follow = useFollow();
  const input = { params: { importId } };
  const first = useAnswer(exchange.getImport, input);
  const isRunning = first.state.kind === "ready" && outcomeOf(first.state.value) === "running";
  const { state, etag } = useAnswer(exchange.getImport, input, { everyMs: isRunning ? FOLLOW_MS : false });
  const [isForgetting, setForgetting] = useState(false);
  const { act } = useAct(exchange.deleteImport);
  const file = state.kind === "ready" ? state.value : undefined;
  return (
    <Page
      breadcrumbs={[{ label: "Import", href: "/know/import" }]}
      title={file ? `What is in ${file.fileName}?` : "Import"}
      state={file && <StateBadge state={outcomeOf(file)} looks={OUTCOME_LOOKS} />}
      meaning={
        file && (
          <>
            {file.format.toUpperCase()}, {formatBytes(file.sizeBytes)}, brought by {file.createdByName}{" "}
            <Time at={file.createdAt} as="age" />
          </>
        )
      }
      actions={
        <Button variant="default" onClick={() => setForgetting(true)}>
          Forget this file
        </Button>
      }
    >
      <Loaded state={state} lines={8}>
        {(loaded) => (
          <Tabs
            label="Steps"
            tabs={[
              { name: "columns", label: "1. What the columns mean" },
              { name: "report", label: "2. What the rows would do" },
            ]}
            chosen={step}
            onChoose={(name) => change({ step: name === "columns" ? undefined : name })}
          >
            {step === "columns" ? (
              <ImportColumns file={loaded} etag={etag} onRun={() => change({ step: "report" })} />
            ) : (
              <ImportReport file={loaded} view={view} onView={(next) => change({ ...next })} />
            )}
          </Tabs>
        )}
      </Loaded>
      <ConfirmDestructive
        opened={isForgetting}
        action={`Forget ${file?.fileName ?? "the file"}`}
        consequence="The file and its report are deleted. What was imported from it stays."
        onConfirm={async () => {
          const done = await act(input);
          if (!done.ok) return done.failure;
          follow("/know/import");
          return undefined;
        }}
        onClose={() => setForgetting(false)}
      />
    </Page>
  );
}
