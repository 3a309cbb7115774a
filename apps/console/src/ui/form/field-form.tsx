/** A whole small form: its fields, its one act, and what went wrong. Larger ones are put together from the same parts. */
import { Button } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Failure } from "../load-state.ts";
import { Failed } from "../notice.tsx";
import form from "../form.module.css";
import { RefusableButton } from "../refusable.tsx";
import { Fields } from "./fields.tsx";
import { type Faults, type Field, type Values, valuesOf } from "./field.ts";
import { type Schema, schemaFaults } from "./schema.ts";
import { useForm } from "./use-form.ts";

export interface FieldFormProps<Body> {
  /** What is sent, as the contract has it. */
  readonly schema: Schema<Body>;
  readonly fields: readonly Field[];
  /** The body to begin with. */
  readonly initial?: Readonly<Record<string, unknown>>;
  readonly act: string;
  /** Why it can't be sent; undefined when it can. */
  readonly refusal?: string | undefined;
  /** What the node found wrong, and where. */
  readonly failure: Failure | undefined;
  readonly refused: Faults;
  /** Resolves to whether it was done; then the form is as it was at first. */
  readonly onSend: (body: Body) => Promise<boolean>;
  readonly children?: ReactNode;
}

export function FieldForm<Body>(props: FieldFormProps<Body>) {
  const { schema, fields, initial = {}, act, refusal, failure, refused, onSend, children } = props;
  const [first] = useState<Values>(() => valuesOf(fields, initial));
  const [isBusy, setBusy] = useState(false);
  const { holder, values, setValues, faults, read, focusFault, restart } = useForm({
    fields,
    initial: first,
    check: (body) => schemaFaults(schema, body),
    refused,
  });
  const send = async () => {
    const body = schema.safeParse(read());
    if (!body.success || refusal !== undefined) return;
    setBusy(true);
    const isDone = await onSend(body.data);
    setBusy(false);
    if (!isDone) return focusFault();
    setValues(first);
    restart();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
  return (
    <form ref={holder} className={form.form} noValidate onSubmit={submit}>
      <Fields fields={fields} values={values} faults={faults} onChange={setValues} />
      {failure && <Failed failure={failure} />}
      <div className={form.actions}>
        {refusal === undefined ? (
          <Button type="submit" loading={isBusy}>
            {act}
          </Button>
        ) : (
          <RefusableButton refusal={refusal} onClick={() => undefined}>
            {act}
          </RefusableButton>
        )}
        {children}
      </div>
    </form>
  );
}
