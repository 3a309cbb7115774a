/** Choosing another object by typing the beginning of its name. What there is to choose comes from whoever knows the objects. */
import { Select } from "@mantine/core";
import { createContext, useContext, useEffect, useRef, useState } from "react";
import styles from "./fields.module.css";

export interface Reference {
  readonly id: string;
  readonly label: string;
  /** What tells it from others of the same name. */
  readonly detail?: string;
}

export interface References {
  /** The first few whose names begin so; without a text the first of all. */
  readonly find: (to: string, text: string, signal: AbortSignal) => Promise<readonly Reference[]>;
  /** The name of one; undefined when there is none such. */
  readonly label: (to: string, id: string, signal: AbortSignal) => Promise<string | undefined>;
}

export const ReferencesContext = createContext<References>({ find: async () => [], label: async () => undefined });

const TYPING_MS = 200; // a pause in typing is a question

interface ReferenceFieldProps {
  readonly to: string;
  readonly value: string;
  readonly onChange: (id: string) => void;
  readonly label: string;
  readonly description?: string | undefined;
  readonly required: boolean;
  readonly error: string | undefined;
}

export function ReferenceField({ to, value, onChange, ...rest }: ReferenceFieldProps) {
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const chosen = useChosen(to, value);
  const found = useFound(to, text === chosen?.label ? "" : text, isOpen);
  const known = chosen && !found.some(({ id }) => id === chosen.id) ? [chosen, ...found] : found;
  const details = new Map(known.map(({ id, detail }) => [id, detail]));
  return (
    <Select
      {...rest}
      size="xs"
      data={known.map(({ id, label }) => ({ value: id, label }))}
      value={value === "" ? null : value}
      onChange={(id) => onChange(id ?? "")}
      searchable
      clearable={!rest.required}
      clearButtonProps={{ "aria-label": `Clear ${rest.label}` }}
      searchValue={text}
      onSearchChange={setText}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      filter={({ options }) => options}
      nothingFoundMessage="Nothing has such a name"
      placeholder="Type a name"
      renderOption={({ option }) => (
        <span>
          {option.label} <span className={styles.detail}>{details.get(option.value)}</span>
        </span>
      )}
    />
  );
}

/** What `value` is called, also when nobody looked for it here. */
function useChosen(to: string, value: string): Reference | undefined {
  const { label } = useContext(ReferencesContext);
  const [chosen, setChosen] = useState<Reference>();
  useEffect(() => {
    if (value === "") return;
    const stop = new AbortController();
    label(to, value, stop.signal)
      .then((name) => setChosen({ id: value, label: name ?? value }))
      .catch(() => undefined); // gone from the page, or the node is silent: the field stays as it is
    return () => stop.abort();
  }, [label, to, value]);
  return value !== "" && chosen?.id === value ? chosen : undefined;
}

function useFound(to: string, text: string, isOn: boolean): readonly Reference[] {
  const { find } = useContext(ReferencesContext);
  const [found, setFound] = useState<readonly Reference[]>([]);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isOn) return;
    const stop = new AbortController();
    const look = () =>
      find(to, text.trim(), stop.signal)
        .then(setFound)
        .catch(() => undefined); // as above
    const timer = setTimeout(() => void look(), isFirst.current ? 0 : TYPING_MS);
    isFirst.current = false;
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [find, to, text, isOn]);
  return found;
}
