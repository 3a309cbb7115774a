/** An identifier: cut in the middle when long, whole on hover and for screen readers, with a copy button. */
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useAnnounce } from "./announcer.tsx";
import { cutMiddle } from "./format.ts";
import styles from "./id.module.css";

const CONFIRM_MS = 1_500;

export function Id({ value, name = "identifier" }: { value: string; name?: string }) {
  const announce = useAnnounce();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
    announce(`${name} copied`);
  };
  return (
    <span className={styles.id}>
      <code title={value}>{cutMiddle(value)}</code>
      <button type="button" className={styles.copy} onClick={() => void copy()} aria-label={`Copy ${name} ${value}`}>
        {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
      </button>
    </span>
  );
}
