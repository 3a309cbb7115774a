/** Draws the fields of a form, groups and repeated rows too, with what is wrong at each. Knows no API. */
import { Button } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { FieldInput } from "./field-input.tsx";
import {
  type Faults,
  type Field,
  freshKey,
  groupAt,
  isBlank,
  type Row,
  rowsAt,
  textAt,
  type Values,
  valuesOf,
} from "./field.ts";
import styles from "./fields.module.css";

const OPEN_ROWS_MAX = 8; // a longer list opens row by row, so that a recipe of hundreds of suppliers still types fluently

export interface FieldsProps {
  readonly fields: readonly Field[];
  readonly values: Values;
  readonly faults: Faults;
  readonly onChange: (values: Values) => void;
  /** Where the fields are in the body: "" or `groups.0.`. */
  readonly path?: string;
  /** Nothing is needed: the group may be left out as a whole. */
  readonly isOptional?: boolean;
}

export function Fields({ fields, values, faults, onChange, path = "", isOptional = false }: FieldsProps) {
  return (
    <div className={styles.fields}>
      {fields.map((field) => {
        const at = path + field.name;
        const set = (value: Values[string]) => onChange({ ...values, [field.name]: value });
        const isWide = field.isWide || ["paragraph", "lines", "choices", "group", "rows"].includes(field.kind);
        return (
          <div key={field.name} className={isWide ? styles.wide : undefined} data-field={at}>
            {field.kind === "group" ? (
              <fieldset className={styles.group}>
                <legend>{field.label}</legend>
                {field.hint && <p className={styles.hint}>{field.hint}</p>}
                <Fields
                  fields={field.fields}
                  isOptional={!field.required && isBlank(groupAt(values, field.name))}
                  values={groupAt(values, field.name)}
                  faults={faults}
                  path={`${at}.`}
                  onChange={(group) => set({ group })}
                />
                <Fault text={faults[at]} />
              </fieldset>
            ) : field.kind === "rows" ? (
              <Rows
                field={field}
                rows={rowsAt(values, field.name)}
                faults={faults}
                path={at}
                onChange={(rows) => set({ rows })}
              />
            ) : (
              <FieldInput
                field={field}
                isOptional={isOptional}
                text={textAt(values, field.name)}
                fault={faults[at]}
                onText={set}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

function Fault({ text }: { text: string | undefined }) {
  return (
    <p className={styles.fault} role={text ? "alert" : undefined}>
      {text}
    </p>
  );
}

interface RowsProps {
  readonly field: Extract<Field, { readonly kind: "rows" }>;
  readonly rows: readonly Row[];
  readonly faults: Faults;
  readonly path: string;
  readonly onChange: (rows: readonly Row[]) => void;
}

function Rows({ field, rows, faults, path, onChange }: RowsProps) {
  const { fields, one, max } = field;
  const holder = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const isOpen = (row: Row, i: number) =>
    rows.length <= OPEN_ROWS_MAX ||
    opened.has(row.key) ||
    Object.keys(faults).some((at) => at.startsWith(`${path}.${i}`));
  const focusIn = (selector: string) =>
    requestAnimationFrame(() => holder.current?.querySelector<HTMLElement>(selector)?.focus());
  const add = () => {
    const key = freshKey(rows);
    setOpened(new Set([...opened, key]));
    onChange([...rows, { key, values: valuesOf(fields, {}) }]);
    focusIn(`[data-row="${path} ${key}"] :is(input, select, textarea)`);
  };
  const remove = (key: string) => {
    onChange(rows.filter((row) => row.key !== key));
    focusIn(`[data-add="${path}"]`);
  };
  return (
    <fieldset className={styles.group}>
      <legend>{field.label}</legend>
      {field.hint && <p className={styles.hint}>{field.hint}</p>}
      <div className={styles.rows} ref={holder}>
        {rows.map((row, i) => (
          <section key={row.key} className={styles.row} data-row={`${path} ${row.key}`} aria-label={`${one} ${i + 1}`}>
            <div className={styles.rowHead}>
              <span>
                {one} {i + 1} <span className={styles.detail}>{firstText(fields, row.values)}</span>
              </span>
              <span>
                {!isOpen(row, i) && (
                  <Button variant="subtle" size="compact-sm" onClick={() => setOpened(new Set([...opened, row.key]))}>
                    Open
                    <span className="visually-hidden">
                      {" "}
                      {one} {i + 1}
                    </span>
                  </Button>
                )}
                <Button
                  variant="subtle"
                  color="gray"
                  size="compact-sm"
                  leftSection={<IconTrash size={14} aria-hidden />}
                  onClick={() => remove(row.key)}
                >
                  Remove
                  <span className="visually-hidden">
                    {" "}
                    {one} {i + 1}
                  </span>
                </Button>
              </span>
            </div>
            {isOpen(row, i) && (
              <Fields
                fields={fields}
                values={row.values}
                faults={faults}
                path={`${path}.${i}.`}
                onChange={(values) =>
                  onChange(rows.map((other) => (other.key === row.key ? { ...other, values } : other)))
                }
              />
            )}
            <Fault text={faults[`${path}.${i}`]} />
          </section>
        ))}
        <Fault text={faults[path]} />
        <div>
          <Button
            variant="default"
            data-add={path}
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={rows.length >= max}
            onClick={add}
          >
            Add {/^[aeiou]/.test(one) ? "an" : "a"} {one}
          </Button>
        </div>
      </div>
    </fieldset>
  );
}

/** What tells a folded row from the others: its first written text. */
function firstText(fields: readonly Field[], values: Values): string {
  const named = fields.find(({ kind, name }) => (kind === "text" || kind === "choice") && textAt(values, name) !== "");
  return named ? textAt(values, named.name) : "";
}
