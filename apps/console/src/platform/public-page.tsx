/** The frame of pages before the sign-in: one narrow column, and which node this is. */
import { system } from "@holdfast/api";
import type { ReactNode } from "react";
import { useAnswer } from "../shell/queries.ts";
import { Page } from "../ui/page.tsx";
import styles from "./public-page.module.css";

export function PublicPage({ title, meaning, children }: { title: string; meaning?: ReactNode; children: ReactNode }) {
  const { state } = useAnswer(system.getNode, {});
  return (
    <main className={styles.outer}>
      <div className={styles.inner}>
        <p className={styles.node}>
          <strong>Holdfast</strong>
          {state.kind === "ready" && ` ${state.value.organisationName}`}
        </p>
        <Page title={title} meaning={meaning}>
          {children}
        </Page>
      </div>
    </main>
  );
}
