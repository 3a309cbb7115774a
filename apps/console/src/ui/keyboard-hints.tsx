/** The keys of the console, on `?`. */
import { Modal } from "@mantine/core";
import styles from "./keyboard-hints.module.css";

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [["Ctrl", "K"], "Find any object, page or action (on a Mac: Cmd K)"],
  [["/"], "Filter the table"],
  [["j"], "Next row"],
  [["k"], "Row before"],
  [["Enter"], "Open the row"],
  [["Esc"], "Leave the filter, close what is open"],
  [["?"], "These keys"],
];

export function KeyboardHints({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" closeButtonProps={{ "aria-label": "Close" }}>
      <dl className={styles.keys}>
        {KEYS.map(([keys, meaning]) => (
          <div key={meaning}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
