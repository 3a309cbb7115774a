/** Filters of lists beside the text filter: a country, or one of the kind's own words. */
import { COUNTRIES } from "@holdfast/api";
import { NativeSelect } from "@mantine/core";
import { countryName } from "../country-name.ts";

const BY_NAME = COUNTRIES.map((code) => ({ value: code, label: countryName(code) })).sort((a, b) =>
  a.label.localeCompare(b.label, "en"),
);

export function CountryFilter({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (country: string | undefined) => void;
}) {
  return (
    <NativeSelect
      aria-label="Country"
      w={160}
      value={value ?? ""}
      data={[{ value: "", label: "Every country" }, ...BY_NAME]}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  );
}

/** What was retired is in no list and no answer; here it can be found and taken back into use. */
export function HeldFilter({
  value,
  onChange,
}: {
  value: "retired" | undefined;
  onChange: (state: "retired" | undefined) => void;
}) {
  return <WordFilter name="State" any="In use" words={{ retired: "Retired" }} value={value} onChange={onChange} />;
}

export function WordFilter<Word extends string>({
  name,
  any,
  words,
  value,
  onChange,
}: {
  name: string;
  /** The words for no filter: "every kind". */
  any: string;
  words: readonly Word[] | Readonly<Record<Word, string>>;
  value: Word | undefined;
  onChange: (word: Word | undefined) => void;
}) {
  const data = Array.isArray(words)
    ? words.map((word: Word) => ({ value: word, label: word }))
    : Object.entries<string>(words as Readonly<Record<Word, string>>).map(([word, label]) => ({ value: word, label })); // not an array
  return (
    <NativeSelect
      aria-label={name}
      value={value ?? ""}
      data={[{ value: "", label: any }, ...data]}
      onChange={(event) =>
        onChange(data.find((one) => one.value === event.currentTarget.value)?.value as Word | undefined)
      } // one of `words`
    />
  );
}
