/** One input of a form, by its kind. */
import { Autocomplete, Checkbox, NativeSelect, PasswordInput, Textarea, TextInput } from "@mantine/core";
import { type Field, linesOf } from "./field.ts";
import styles from "./fields.module.css";
import { ReferenceField } from "./reference-field.tsx";

export type SimpleField = Exclude<Field, { readonly kind: "group" | "rows" }>;

export interface FieldInputProps {
  readonly field: SimpleField;
  /** It stands in a group that may be left out as a whole. */
  readonly isOptional?: boolean;
  readonly text: string;
  readonly fault: string | undefined;
  readonly onText: (text: string) => void;
}

export function FieldInput({ field, isOptional = false, text, fault, onText }: FieldInputProps) {
  const common = {
    label: labelOf(field),
    description: field.hint,
    required: field.required === true && !isOptional,
    error: fault,
  };
  const typed = {
    ...common,
    value: text,
    size: "xs",
    onChange: (event: { currentTarget: { value: string } }) => onText(event.currentTarget.value),
  };
  switch (field.kind) {
    case "paragraph":
      return <Textarea {...typed} autosize minRows={2} />;
    case "lines":
      return <Textarea {...typed} autosize minRows={2} description={field.hint ?? "One a line."} />;
    case "secret":
      return <PasswordInput {...typed} autoComplete={field.autoComplete} />;
    case "day":
      return <TextInput {...typed} type="date" />;
    case "number":
    case "decimal":
    case "share":
    case "money":
      return <TextInput {...typed} inputMode="decimal" />;
    case "text":
      return field.suggestions ? (
        <Autocomplete {...common} size="xs" data={[...field.suggestions]} value={text} onChange={onText} />
      ) : (
        <TextInput {...typed} type={field.type ?? "text"} />
      );
    case "flag":
      return (
        <Checkbox
          label={field.label}
          description={field.hint}
          error={fault}
          checked={text === "yes"}
          onChange={(event) => onText(event.currentTarget.checked ? "yes" : "")}
        />
      );
    case "choice":
      return (
        <NativeSelect
          {...typed}
          data={[
            {
              value: "",
              label: field.required ? "Choose" : "unknown",
              disabled: field.required === true && text !== "",
            },
            ...field.choices.map(({ value, label }) => ({ value, label })),
          ]}
        />
      );
    case "choices":
      return (
        <Checkbox.Group {...common} value={linesOf(text)} onChange={(chosen) => onText(chosen.join("\n"))}>
          <div className={styles.choices}>
            {field.choices.map((choice) => (
              <Checkbox key={choice.value} value={choice.value} label={choice.label} description={choice.hint} />
            ))}
          </div>
        </Checkbox.Group>
      );
    case "reference":
      return <ReferenceField {...common} to={field.to} value={text} onChange={onText} />;
  }
}

function labelOf(field: SimpleField): string {
  const unit = field.kind === "share" ? "%" : "unit" in field ? field.unit : undefined;
  return unit === undefined ? field.label : `${field.label}, ${unit}`;
}
