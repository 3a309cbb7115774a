/** Ctrl K: one line that reaches every page, action and object. WAI-ARIA combobox with a listbox below. */
import { Modal } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { useFollow } from "../ui/follow.tsx";
import { matchEntries, type PaletteEntry, type PaletteSource } from "./palette-entries.ts";
import styles from "./palette.module.css";

const PAUSE_MS = 120; // after the last key, before the node is asked
const SHOWN_MAX = 30;

export interface PaletteProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly entries: readonly PaletteEntry[];
  readonly source: PaletteSource;
}

export function Palette({ opened, onClose, entries, source }: PaletteProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      padding={0}
      size={640}
      aria-label="Find anything"
      yOffset="12vh"
    >
      <Search entries={entries} source={source} onClose={onClose} />
    </Modal>
  );
}

function Search({ entries, source, onClose }: Omit<PaletteProps, "opened">) {
  const id = useId();
  const follow = useFollow();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = useFound(source, query.trim());
  const shown = [...matchEntries(entries, query), ...found.entries].slice(0, SHOWN_MAX);
  const run = (entry: PaletteEntry | undefined) => {
    if (!entry) return;
    onClose();
    if ("href" in entry.do) follow(entry.do.href);
    else entry.do.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && shown.length > 0) {
      event.preventDefault();
      setChosen((chosen + step + shown.length) % shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(shown[chosen]);
    }
  };
  const chosenId = shown[chosen] ? `${id}-${chosen}` : undefined;
  useEffect(() => {
    if (chosenId) document.getElementById(chosenId)?.scrollIntoView({ block: "nearest" });
  }, [chosenId]);
  return (
    <div className={styles.palette}>
      <div className={styles.line}>
        <IconSearch size={16} aria-hidden />
        <input
          data-autofocus
          role="combobox"
          aria-label="Find a page, an action or an object"
          aria-expanded={shown.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={chosenId}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          placeholder="Find a page, an action or an object"
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <div role="listbox" id={`${id}-list`} aria-label="Found" className={styles.list}>
        {shown.map((entry, i) => (
          <div
            key={entry.id}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === chosen}
            className={styles.entry}
            onClick={() => run(entry)}
            onPointerMove={() => setChosen(i)}
          >
            <span>{entry.label}</span>
            <span className={styles.detail}>{entry.detail}</span>
          </div>
        ))}
      </div>
      <p className={styles.status} role="status">
        {found.remark ??
          (shown.length === 0 && !found.isLooking ? "Nothing has these words." : `${shown.length} found`)}
      </p>
    </div>
  );
}

interface Found {
  readonly entries: readonly PaletteEntry[];
  readonly isLooking: boolean;
  /** Why the search could not look everywhere. */
  readonly remark?: string;
}

/** What `source` finds for `query`, some keys later; an older question's answer is dropped. */
function useFound(source: PaletteSource, query: string): Found {
  const [found, setFound] = useState<Found>({ entries: [], isLooking: false });
  useEffect(() => {
    if (query === "") {
      setFound({ entries: [], isLooking: false });
      return;
    }
    const controller = new AbortController();
    setFound((last) => ({ entries: last.entries, isLooking: true }));
    const timer = setTimeout(() => {
      source(query, controller.signal).then(
        (entries) => setFound({ entries, isLooking: false }),
        (error: unknown) => {
          if (controller.signal.aborted) return;
          const why = error instanceof Error ? error.message : "the node did not answer";
          setFound({ entries: [], isLooking: false, remark: `Objects could not be searched: ${why}` });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [source, query]);
  return found;
}
