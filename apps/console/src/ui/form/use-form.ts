/**
 * The life of a form: what was typed, whether that is more than was there before, what is wrong where, and sending it. The
 * first wrong input takes the focus (WCAG 2.2 technique G139), and a fault leaves its field when the field is changed.
 */
import { useMemo, useRef, useState } from "react";
import { bodyOf, type Faults, type Field, isSame, type Values } from "./field.ts";

export interface FormOptions {
  readonly fields: readonly Field[];
  readonly initial: Values;
  /** What the whole body breaks beyond its single fields, before anybody is asked. */
  readonly check?: (body: Readonly<Record<string, unknown>>) => Faults;
  /** What the node found wrong with what was sent last. */
  readonly refused?: Faults;
}

const NOTHING: Faults = {};

export function useForm({ fields, initial, check, refused = NOTHING }: FormOptions) {
  const [values, setValues] = useState(initial);
  const [base, setBase] = useState(initial);
  /** What was sent or tried last, and what the whole of it broke. */
  const [tried, setTried] = useState<{ values: Values; broken: Faults }>();
  const holder = useRef<HTMLFormElement>(null);
  const isDirty = useMemo(() => fields.some(({ name }) => !isSame(values[name], base[name])), [fields, values, base]);
  const faults = useMemo(() => {
    if (!tried) return NOTHING;
    const isUntouched = ([path]: [string, string]) => {
      const [name = ""] = path.split(".");
      return isSame(tried.values[name], values[name]);
    };
    const told = Object.entries({ ...tried.broken, ...refused }).filter(isUntouched);
    return { ...Object.fromEntries(told), ...bodyOf(fields, values).faults };
  }, [fields, values, tried, refused]);
  const focusFault = () => {
    requestAnimationFrame(() => holder.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  };
  /** The body when nothing is wrong with it; else the inputs say what is. */
  const read = () => {
    const { body, faults: own } = bodyOf(fields, values);
    const isReadable = Object.keys(own).length === 0;
    const broken = isReadable ? (check?.(body) ?? NOTHING) : NOTHING;
    setTried({ values, broken });
    if (isReadable && Object.keys(broken).length === 0) return body;
    focusFault();
    return undefined;
  };
  return {
    holder,
    values,
    setValues,
    base,
    setBase,
    isDirty,
    faults,
    read,
    focusFault,
    restart: () => setTried(undefined),
  };
}
