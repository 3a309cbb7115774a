/** The fields of one condition, by what it measures. */
import { COUNTRIES, type designation, registry } from "@holdfast/api";
import { Checkbox, MultiSelect, NativeSelect, NumberInput } from "@mantine/core";
import { countryName } from "../country-name.ts";

type Condition = designation.Condition;

const PPM_PER_PERCENT = 10_000;
const COUNTRY_DATA = COUNTRIES.map((code) => ({ value: code, label: countryName(code) }));

export function ConditionFields({
  condition,
  onChange,
}: {
  condition: Condition;
  onChange: (condition: Condition) => void;
}) {
  switch (condition.measure) {
    case "world-output-share":
    case "national-output-share":
      return (
        <>
          <NumberInput
            label="At least, in %"
            min={0}
            max={100}
            decimalScale={4}
            value={condition.atLeastPpm / PPM_PER_PERCENT}
            onChange={(value) => onChange({ ...condition, atLeastPpm: Math.round(Number(value) * PPM_PER_PERCENT) })}
          />
          <Listed value={condition.listed} onChange={(listed) => onChange({ ...condition, listed })} />
        </>
      );
    case "sole-source":
      return (
        <>
          <NativeSelect
            label="Only one"
            value={condition.within}
            data={[
              { value: "world", label: "anywhere" },
              { value: "country", label: "in its country" },
            ]}
            onChange={(event) =>
              onChange({ ...condition, within: event.currentTarget.value === "world" ? "world" : "country" })
            }
          />
          <Listed value={condition.listed} onChange={(listed) => onChange({ ...condition, listed })} />
        </>
      );
    case "dependent-sites":
      return (
        <>
          <NumberInput
            label="At least, in sites"
            min={1}
            max={1_000_000}
            value={condition.atLeast}
            onChange={(value) => onChange({ ...condition, atLeast: Number(value) || 1 })}
          />
          <NativeSelect
            label="Through"
            value={condition.through}
            data={[
              { value: "sole-essential-input", label: "essential inputs without another supplier" },
              { value: "any-input", label: "any input" },
            ]}
            onChange={(event) =>
              onChange({
                ...condition,
                through: event.currentTarget.value === "any-input" ? "any-input" : "sole-essential-input",
              })
            }
          />
        </>
      );
    case "public-safety":
      return (
        <NativeSelect
          label="At least"
          value={condition.atLeast}
          data={["lower-tier", "upper-tier"]}
          onChange={(event) =>
            onChange({
              ...condition,
              atLeast: event.currentTarget.value === "upper-tier" ? "upper-tier" : "lower-tier",
            })
          }
        />
      );
    case "replace-days":
      return (
        <NumberInput
          label="At least, in days"
          min={0}
          max={36_500}
          value={condition.atLeast}
          onChange={(value) => onChange({ ...condition, atLeast: Number(value) || 0 })}
        />
      );
    case "site-kind":
      return (
        <MultiSelect
          label="Any of"
          data={registry.SITE_KINDS}
          value={condition.anyOf}
          onChange={(names) =>
            onChange({ ...condition, anyOf: registry.SITE_KINDS.filter((kind) => names.includes(kind)) })
          }
        />
      );
    case "country":
      return (
        <MultiSelect
          label="Any of"
          searchable
          data={COUNTRY_DATA}
          value={condition.anyOf}
          onChange={(anyOf) => onChange({ ...condition, anyOf })}
        />
      );
  }
}

function Listed({ value, onChange }: { value: boolean; onChange: (listed: boolean) => void }) {
  return (
    <Checkbox
      label="of items on a list only"
      checked={value}
      onChange={(event) => onChange(event.currentTarget.checked)}
      pb={6}
    />
  );
}
