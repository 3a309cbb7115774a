/** The designed states that are not data: nothing yet, not allowed, failed, and the remarks on partial or stale data. */
import { Button, Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconClockExclamation, IconInbox, IconLock, IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Failure, LoadState } from "./load-state.ts";
import styles from "./notice.module.css";
import { Time } from "./time.tsx";

/** Says what would be here and how to start. */
export function EmptyState({ what, start }: { what: string; start?: ReactNode }) {
  return (
    <div className={styles.notice}>
      <IconInbox size={20} aria-hidden className={styles.icon} />
      <div>
        <p>{what}</p>
        {start && <div className={styles.next}>{start}</div>}
      </div>
    </div>
  );
}

export function Forbidden({ why }: { why: string }) {
  return (
    <div className={styles.notice} role="note">
      <IconLock size={20} aria-hidden className={styles.icon} />
      <div>
        <p className={styles.title}>Not allowed for you</p>
        <p className={styles.next}>{why}</p>
      </div>
    </div>
  );
}

/** What happened, its code, and the next step. */
export function Failed({ failure, retry }: { failure: Failure; retry?: (() => void) | undefined }) {
  return (
    <div className={styles.notice} role="alert">
      <IconAlertTriangle size={20} aria-hidden className={styles.critical} />
      <div>
        <p className={styles.title}>{sentence(failure.message)}</p>
        <p className={styles.next}>{failure.nextStep}</p>
        <p className={styles.code}>
          <code>{failure.code}</code>
          {failure.reference && <code>{failure.reference}</code>}
        </p>
        {retry && (
          <Button variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={retry} mt={8}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}

/** Data that could not be refreshed since `since`. */
export function Stale({ since, retry }: { since: Date; retry?: (() => void) | undefined }) {
  return (
    <p className={styles.remark} data-tone="attention" role="status">
      <IconClockExclamation size={16} aria-hidden />
      <span>
        Stale: last refreshed <Time at={since} as="age" />
      </span>
      {retry && (
        <button type="button" className={styles.link} onClick={retry}>
          Refresh now
        </button>
      )}
    </p>
  );
}

/** Data that is less than all of it, and why. */
export function Partial({ why }: { why: string }) {
  return (
    <p className={styles.remark} role="status">
      <IconAlertTriangle size={16} aria-hidden />
      <span>Partial: {why}</span>
    </p>
  );
}

/** Any fetched value in its state; `children` draws it when it is there. `lines` keeps the layout while it loads. */
export function Loaded<Value>({
  state,
  lines = 4,
  children,
}: {
  state: LoadState<Value>;
  lines?: number;
  children: (value: Value) => ReactNode;
}) {
  switch (state.kind) {
    case "loading":
      return (
        <div aria-busy className={styles.loading}>
          <span className="visually-hidden">Loading</span>
          {Array.from({ length: lines }, (_, i) => (
            <Skeleton key={i} height={14} width={`${90 - (i % 3) * 15}%`} radius={2} />
          ))}
        </div>
      );
    case "forbidden":
      return <Forbidden why={state.why} />;
    case "failed":
      return <Failed failure={state.failure} retry={state.retry} />;
    case "ready":
      return (
        <>
          {state.staleSince && <Stale since={state.staleSince} />}
          {state.partial && <Partial why={state.partial} />}
          {children(state.value)}
        </>
      );
  }
}

function sentence(message: string): string {
  const plain = message.replaceAll("`", "");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
