/** Writing one part of a scenario: what fails, how deep, from when and for how long. */
import { COUNTRIES, registry } from "@holdfast/api";
import { Button, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { ReferenceField } from "../../ui/form/reference-field.tsx";
import { countryName } from "../country-name.ts";
import { PART_KINDS, type PartDraft, type PartKind } from "./part-words.ts";
import styles from "./simulation.module.css";

const KIND_DATA = Object.entries(PART_KINDS).map(([value, label]) => ({ value, label }));
const COUNTRY_DATA = [
  { value: "", label: "Choose a country" },
  ...COUNTRIES.map((code) => ({ value: code, label: countryName(code) })).sort((a, b) =>
    a.label.localeCompare(b.label, "en"),
  ),
];
const PASSAGE_DATA = [
  { value: "", label: "Choose a passage" },
  ...registry.CHOKEPOINTS.map((value) => ({ value, label: value })),
];

interface PartProps {
  readonly part: PartDraft;
  readonly number: number;
  readonly onChange: (part: PartDraft) => void;
  readonly onRemove: (() => void) | undefined;
}

export function PartFields({ part, number, onChange, onRemove }: PartProps) {
  const set = (change: Partial<PartDraft>) => onChange({ ...part, ...change });
  return (
    <fieldset className={styles.part}>
      <legend className="visually-hidden">Part {number}</legend>
      <NativeSelect
        label="What fails"
        value={part.kind}
        data={KIND_DATA}
        onChange={(event) => set({ kind: event.currentTarget.value as PartKind, what: "", item: "" })} // an option's value
      />
      <What part={part} set={set} />
      <DaysInput label="For" unit="d" min={1} max={1_825} value={part.days} onChange={(days) => set({ days })} />
      <DaysInput
        label="Lost part"
        unit="%"
        min={1}
        max={100}
        value={part.depthPercent}
        onChange={(depthPercent) => set({ depthPercent })}
      />
      <DaysInput
        label="From day"
        unit="d"
        min={0}
        max={1_825}
        value={part.startDay}
        onChange={(startDay) => set({ startDay })}
      />
      {onRemove && (
        <Button variant="subtle" color="gray" onClick={onRemove}>
          Remove<span className="visually-hidden"> part {number}</span>
        </Button>
      )}
    </fieldset>
  );
}

function What({ part, set }: { part: PartDraft; set: (change: Partial<PartDraft>) => void }) {
  const reference = (to: string, label: string, name: "what" | "item", required: boolean) => (
    <ReferenceField
      key={`${part.kind} ${name}`}
      to={to}
      label={label}
      value={part[name]}
      onChange={(id) => set({ [name]: id })}
      required={required}
      error={undefined}
    />
  );
  switch (part.kind) {
    case "site":
      return reference("site", "Site", "what", true);
    case "item":
      return reference("item", "Item", "what", true);
    case "supplier":
      return (
        <>
          {reference("organisation", "Supplier", "what", true)}
          {reference("item", "Only this item", "item", false)}
        </>
      );
    case "country":
    case "exports":
      return (
        <>
          <NativeSelect
            label="Country"
            value={part.what}
            data={COUNTRY_DATA}
            onChange={(event) => set({ what: event.currentTarget.value })}
          />
          {reference("item", "Only this item", "item", false)}
        </>
      );
    case "chokepoint":
      return (
        <NativeSelect
          label="Passage"
          value={part.what}
          data={PASSAGE_DATA.some(({ value }) => value === part.what) ? PASSAGE_DATA : [...PASSAGE_DATA, part.what]}
          onChange={(event) => set({ what: event.currentTarget.value })}
        />
      );
    case "event":
      return (
        <>
          <TextInput
            label="Event"
            placeholder="Flood"
            value={part.what}
            onChange={(event) => set({ what: event.currentTarget.value })}
          />
          <DaysInput
            label="Latitude"
            unit="°"
            min={-90}
            max={90}
            value={part.circle.latitude}
            onChange={(latitude) => set({ circle: { ...part.circle, latitude } })}
          />
          <DaysInput
            label="Longitude"
            unit="°"
            min={-180}
            max={180}
            value={part.circle.longitude}
            onChange={(longitude) => set({ circle: { ...part.circle, longitude } })}
          />
          <DaysInput
            label="Radius"
            unit="km"
            min={1}
            max={5_000}
            value={part.circle.radiusKm}
            onChange={(radiusKm) => set({ circle: { ...part.circle, radiusKm } })}
          />
        </>
      );
  }
}

export function DaysInput({
  label,
  unit,
  min,
  max,
  value,
  onChange,
}: {
  label: string;
  unit: string;
  min: number;
  max: number;
  value: number;
  onChange: (value: number) => void;
}) {
  return (
    <NumberInput
      label={label}
      suffix={` ${unit}`}
      min={min}
      max={max}
      clampBehavior="strict"
      hideControls
      size="xs"
      w={88}
      value={value}
      onChange={(next) => {
        if (typeof next === "number") onChange(next);
      }}
    />
  );
}
