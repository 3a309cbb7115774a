/** The last checkpoint as it is signed, to be read, downloaded and kept. */
import type { ledger } from "@holdfast/api";
import { EmptyState } from "../../ui/notice.tsx";
import { Time } from "../../ui/time.tsx";
import styles from "./statement-page.module.css";

export function CheckpointView({ one }: { one: ledger.LedgerSummary }) {
  const { checkpoint, publishedAt, path } = one;
  if (checkpoint === null)
    return <EmptyState what="The first checkpoint is published as soon as the log has its first entry." />;
  return (
    <>
      <p className="dimmed">
        A signed note: the log's name, how many entries it has, the hash of them all, then one line for each signature.
        {publishedAt && (
          <>
            {" "}
            Published <Time at={publishedAt} />.
          </>
        )}{" "}
        Who keeps a copy can prove later that this log had these entries.
      </p>
      <pre className={styles.document} tabIndex={0} aria-label="Text of the checkpoint">
        {checkpoint}
      </pre>
      <p>
        <a href={`${path}checkpoint`} download="checkpoint.txt">
          Download the checkpoint
        </a>
      </p>
    </>
  );
}
