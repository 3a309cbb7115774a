/** A statement's files, and the line that checks them offline. */
import type { ledger } from "@holdfast/api";
import { ActionIcon } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useAnnounce } from "../../ui/announcer.tsx";
import styles from "./statement-page.module.css";

export function StatementDownloads({ statement }: { statement: ledger.ProvenStatement }) {
  const { id, published, erased, own } = statement;
  const announce = useAnnounce();
  if (!published)
    return <p className="dimmed">As soon as a published checkpoint holds the statement, its files are here.</p>;
  const base = `/api/prove/ledger/statements/${id}`;
  const hasStatement = own || !erased;
  const files = [
    { href: `${base}/proof`, file: `${id}.tlog-proof`, label: "Proof", what: "C2SP tlog-proof" },
    ...(hasStatement
      ? [{ href: `${base}/cose`, file: `${id}.cose`, label: "Statement with receipt", what: "COSE, RFC 9943" }]
      : []),
    { href: `/entries/${id}`, file: `${id}.receipt.cose`, label: "Receipt", what: "COSE, RFC 9942" },
    { href: "/api/prove/ledger/policy", file: "ledger.policy", label: "Policy", what: "C2SP tlog-policy" },
  ];
  const subject = hasStatement ? `--entry ${id}.cose` : `--digest ${id}`;
  const command = `./holdfast verify ${id}.tlog-proof --policy ledger.policy ${subject}`;
  const copy = () => void navigator.clipboard?.writeText(command).then(() => announce("command copied"));
  return (
    <>
      <ul className={styles.downloads} aria-label="Files">
        {files.map(({ href, file, label, what }) => (
          <li key={file}>
            <a href={href} download={file}>
              {label}
            </a>{" "}
            <span className="dimmed">{what}</span>
          </li>
        ))}
      </ul>
      <div className={styles.command}>
        <code>{command}</code>
        <ActionIcon variant="subtle" color="gray" aria-label="Copy the command" onClick={copy}>
          <IconCopy size={14} aria-hidden />
        </ActionIcon>
      </div>
    </>
  );
}
