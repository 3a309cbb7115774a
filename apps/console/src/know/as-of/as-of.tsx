/** Looking at the registry as it was at an instant: the instant stands in the URL, a banner says so, one press leads back to now. */
import { Button, Popover, TextInput } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useSearchChange } from "../../shell/table-search.ts";
import { formatInstant } from "../../ui/format.ts";
import { useReading } from "../../ui/reading.tsx";
import { Time } from "../../ui/time.tsx";
import styles from "./as-of.module.css";

/** The instant of the page shown; undefined is now. */
export function useAsOf(): string | undefined {
  const search: { asOf?: string } = useSearch({ strict: false });
  return search.asOf;
}

/** `href` at the same instant, for links between pages that know of it. */
export function withAsOf(href: string, asOf: string | undefined): string {
  if (asOf === undefined) return href;
  return `${href}${href.includes("?") ? "&" : "?"}${new URLSearchParams({ asOf })}`;
}

/** What an empty list says: at an instant of the past, that nothing of the kind was known yet. */
export function nothingThen(asOf: string | undefined, kinds: string, now: string): string {
  return asOf === undefined ? now : `The registry knew no ${kinds} then that fit these filters.`;
}

export function AsOfControl() {
  const asOf = useAsOf();
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover position="bottom-end" trapFocus returnFocus opened={isOpen} onChange={setOpen}>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconHistory size={14} aria-hidden />}
          onClick={() => setOpen(!isOpen)}
          aria-expanded={isOpen}
        >
          {asOf === undefined ? "As of now" : "As of then"}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="As of which instant">
        <Choice asOf={asOf} onDone={() => setOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Choice({ asOf, onDone }: { asOf: string | undefined; onDone: () => void }) {
  const { now, timeZone } = useReading();
  const change = useSearchChange();
  const local = (at: Date) => formatInstant(at, timeZone).slice(0, "2026-03-01 14:05".length).replace(" ", "T");
  const [text, setText] = useState(() => local(asOf === undefined ? now : new Date(asOf)));
  const at = new Date(text);
  const isGood = !Number.isNaN(at.getTime());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isGood) return;
    change({ asOf: at.toISOString(), row: undefined });
    onDone();
  };
  return (
    <form className={styles.choice} onSubmit={submit}>
      <TextInput
        type="datetime-local"
        label="Show what was known at"
        description={`In your time zone, ${timeZone}.`}
        required
        max={local(now)}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={styles.buttons}>
        <Button type="submit" disabled={!isGood}>
          Show it
        </Button>
        {asOf !== undefined && (
          <Button variant="default" onClick={() => change({ asOf: undefined, row: undefined })}>
            Back to now
          </Button>
        )}
      </div>
    </form>
  );
}

/** Says that the page is not of now; nothing where it is. */
export function AsOfBanner({ except }: { except?: string }) {
  const asOf = useAsOf();
  const change = useSearchChange();
  if (asOf === undefined) return null;
  return (
    <div className={styles.banner} role="status">
      <IconHistory size={16} aria-hidden />
      <span>
        As it was on <Time at={asOf} />.{except && ` ${except}`}
      </span>
      <Button size="compact-xs" variant="default" onClick={() => change({ asOf: undefined, row: undefined })}>
        Back to now
      </Button>
    </div>
  );
}
