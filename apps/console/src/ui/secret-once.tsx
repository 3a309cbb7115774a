/** A secret that is shown this one time: with a copy button, and saying so. */
import { Button } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useAnnounce } from "./announcer.tsx";
import styles from "./form.module.css";

export function SecretOnce({ name, secret, children }: { name: string; secret: string; children: ReactNode }) {
  const announce = useAnnounce();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    setCopied(true);
    announce(`${name} copied`);
  };
  return (
    <div className={styles.secret}>
      <p>{children}</p>
      <code>{secret}</code>
      <div>
        <Button
          variant="default"
          leftSection={isCopied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          onClick={() => void copy()}
        >
          {isCopied ? "Copied" : `Copy ${name}`}
        </Button>
      </div>
    </div>
  );
}
