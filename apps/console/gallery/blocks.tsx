/** Page, facts, badges, quantities, ids, times, notices, tabs, drawer and dialogs. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { ConfirmDestructive } from "../src/ui/confirm-destructive.tsx";
import { EvidenceDrawer, OnRecordList } from "../src/ui/evidence-drawer.tsx";
import { Facts } from "../src/ui/facts.tsx";
import { Id } from "../src/ui/id.tsx";
import { KeyboardHints } from "../src/ui/keyboard-hints.tsx";
import { ready } from "../src/ui/load-state.ts";
import { MarkingBanner } from "../src/ui/marking-banner.tsx";
import { EmptyState, Failed, Forbidden, Loaded, Partial, Stale } from "../src/ui/notice.tsx";
import { Page, Section } from "../src/ui/page.tsx";
import { Quantity, Share } from "../src/ui/quantity.tsx";
import { Badge, type Tone } from "../src/ui/state-badge.tsx";
import { Tabs } from "../src/ui/tabs.tsx";
import { Time } from "../src/ui/time.tsx";

const TONES: readonly Tone[] = ["critical", "attention", "active", "normal", "muted", "unknown"];
const failure = {
  code: "registry/not-found",
  message: "there is no site `019f3c2e`",
  nextStep: "It may have been merged into another: search for its name.",
  reference: "urn:uuid:019f3c2e-7a41-7bd2-9c11-5f0e6a12a91b",
};

export function Blocks() {
  const [tab, setTab] = useState<"facts" | "states">("facts");
  const [opened, setOpened] = useState<"evidence" | "confirm" | "keys">();
  const close = () => setOpened(undefined);
  return (
    <>
      <MarkingBanner
        markings={[
          { id: "demo", word: "SYNTHETIC DATA", meaning: "a labelled demo world on published production figures" },
          { id: "tlp", word: "TLP:AMBER", meaning: "for this organisation and its clients" },
        ]}
      />
      <Page
        breadcrumbs={[
          { label: "Sites", href: "#sites" },
          { label: "Lynas Rare Earths", href: "#lynas" },
        ]}
        title="What stops if Kuantan separation plant fails?"
        state={<Badge word="tier 1, critical" tone="critical" />}
        meaning="The only separation plant outside China that supplies heavy rare earths to three of your products."
        actions={
          <>
            <Button variant="default" onClick={() => setOpened("keys")}>
              Keys
            </Button>
            <Button variant="default" onClick={() => setOpened("confirm")}>
              Retire
            </Button>
            <Button onClick={() => setOpened("evidence")}>Evidence</Button>
          </>
        }
      >
        <Tabs
          label="Parts of the site"
          tabs={[
            { name: "facts", label: "Facts", count: 6 },
            { name: "states", label: "States" },
          ]}
          chosen={tab}
          onChoose={setTab}
        >
          {tab === "facts" ? <SomeFacts onEvidence={() => setOpened("evidence")} /> : <SomeStates />}
        </Tabs>
      </Page>
      <EvidenceDrawer
        of={opened === "evidence" ? "output" : undefined}
        evidence={{
          source: "Annual report 2025, p. 14",
          observedAt: "2025-12-31T00:00:00Z",
          confidencePercent: 80,
          recordedAt: "2026-02-01T10:00:00Z",
          recordedBy: "A. Analyst",
        }}
        onClose={close}
      >
        <OnRecordList
          state={ready([
            {
              id: "4f0c",
              what: "Import into the registry",
              state: { word: "published and witnessed", tone: "normal" },
              at: "2026-02-01T10:00:00Z",
              witnessedBy: ["hub"],
              href: "#statement",
              proofHref: "#proof",
            },
          ])}
          nothing="Nothing."
        />
      </EvidenceDrawer>
      <ConfirmDestructive
        opened={opened === "confirm"}
        action="Retire Kuantan separation plant"
        consequence="It leaves every list and look-through from now on. Its history stays, and it can be reinstated."
        onConfirm={async () => failure}
        onClose={close}
      />
      <KeyboardHints opened={opened === "keys"} onClose={close} />
    </>
  );
}

function SomeFacts({ onEvidence }: { onEvidence: () => void }) {
  const old = new Date(Date.now() - 400 * 86_400_000);
  return (
    <Section title="Facts" aside={<Time at={old} />}>
      <Facts
        label="Facts of the site"
        facts={[
          { label: "Identifier", value: <Id value="019f3c2e-7a41-7bd2-9c11-5f0e6a12a91b" /> },
          {
            label: "Output",
            value: (
              <Quantity value="10500000" unit="kg/y" asOf={old} staleDays={365} onEvidence={onEvidence} name="output" />
            ),
          },
          { label: "Share of the world", value: <Share ppm={123_400} asOf={new Date()} /> },
          { label: "GLN", value: undefined, hint: "GS1 Global Location Number" },
          { label: "Time to replace", value: <Quantity value={1_460} unit="d" /> },
          { label: "Last change", value: <Time at={old} as="age" /> },
        ]}
      />
    </Section>
  );
}

function SomeStates() {
  return (
    <>
      <p>
        {TONES.map((tone) => (
          <span key={tone}>
            <Badge word={tone} tone={tone} />{" "}
          </span>
        ))}
      </p>
      <Loaded state={{ kind: "loading" }}>{() => null}</Loaded>
      <EmptyState what="Sites would be listed here." start={<a href="#import">Import sites from CSV or XLSX</a>} />
      <Forbidden why="Merging needs the action registry:merge, which the role analyst has." />
      <Failed failure={failure} retry={() => undefined} />
      <Stale since={new Date(Date.now() - 3_600_000)} retry={() => undefined} />
      <Partial why="the first 1 000 of 100 000 sites" />
    </>
  );
}
