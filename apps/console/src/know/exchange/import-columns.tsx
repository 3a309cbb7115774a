/** Step one: which table each sheet is, what each of its columns means, and what holds for every row. */
import { exchange } from "@holdfast/api";
import { Button, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAct, useAnswer } from "../../shell/queries.ts";
import form from "../../ui/form.module.css";
import { EmptyState, Failed, Loaded } from "../../ui/notice.tsx";
import { Section } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import styles from "./exchange.module.css";
import { missingColumns, type SheetMapping, suggestedSheets } from "./mapping.ts";
import { SheetPreview } from "./sheet-preview.tsx";

export interface ImportColumnsProps {
  readonly file: exchange.FileImport;
  readonly etag: string | undefined;
  readonly onRun: () => void;
}

export function ImportColumns(props: ImportColumnsProps) {
  const { file } = props;
  const { state } = useAnswer(exchange.analyseImport, { params: { importId: file.id } }, { isOff: !file.hasFile });
  if (!file.hasFile) return <EmptyState what="The file itself is forgotten; its report stays in step two." />;
  return <Loaded state={state}>{({ sheets }) => <Mapping key={file.version} {...props} sheets={sheets} />}</Loaded>;
}

function Mapping({ file, etag, onRun, sheets }: ImportColumnsProps & { sheets: readonly exchange.SheetAnalysis[] }) {
  const [options, setOptions] = useState<exchange.ImportOptions>(() => ({
    ...file.options,
    sheets: file.options.sheets.length > 0 ? file.options.sheets : suggestedSheets(sheets),
  }));
  const configure = useAct(exchange.configureImport);
  const run = useAct(exchange.runImport);
  const params = { importId: file.id };
  const tryIt = async () => {
    const saved = await configure.act({ params, body: options }, etag ? { ifMatch: etag } : {});
    if (!saved.ok) return;
    const started = await run.act({ params, body: { mode: "dry-run" } });
    if (started.ok) onRun();
  };
  const setSheet = (next: SheetMapping) =>
    setOptions({
      ...options,
      sheets: [...options.sheets.filter((sheet) => sheet.sheet !== next.sheet), next],
    });
  const mapped = options.sheets.filter((sheet) => sheet.table !== null);
  const failure = configure.failure ?? run.failure;
  return (
    <div className={form.form}>
      {sheets.map((sheet) => {
        const mapping = options.sheets.find((one) => one.sheet === sheet.sheet) ?? {
          sheet: sheet.sheet,
          table: null,
          columns: [],
        };
        return <SheetPreview key={sheet.sheet} analysis={sheet} mapping={mapping} onChange={setSheet} />;
      })}
      <Options options={options} fields={configure.fields} onChange={setOptions} />
      {mapped.some((sheet) => missingColumns(sheet).length > 0) && (
        <p className="dimmed">
          New objects need columns that nothing is mapped to; rows that only change objects that exist can do without.
        </p>
      )}
      {failure && <Failed failure={failure} />}
      <div className={form.actions}>
        <RefusableButton
          refusal={mapped.length === 0 ? "Say of at least one sheet which table it is" : undefined}
          loading={configure.isBusy || run.isBusy}
          onClick={() => void tryIt()}
        >
          Try it: a dry run
        </RefusableButton>
        <Button
          variant="subtle"
          color="gray"
          onClick={() => setOptions({ ...options, sheets: suggestedSheets(sheets) })}
        >
          Take the suggestion again
        </Button>
      </div>
    </div>
  );
}

function Options({
  options,
  fields,
  onChange,
}: {
  options: exchange.ImportOptions;
  fields: Readonly<Record<string, string>>;
  onChange: (options: exchange.ImportOptions) => void;
}) {
  return (
    <Section title="For every row that does not say otherwise">
      <div className={styles.options}>
        <TextInput
          label="Source"
          description="Document, person or system"
          required
          value={options.source}
          error={fields["source"]}
          onChange={(event) => onChange({ ...options, source: event.currentTarget.value })}
        />
        <TextInput
          label="Facts are of"
          description="The day for which they hold"
          type="date"
          required
          value={options.observedAt.slice(0, 10)}
          error={fields["observedAt"]}
          onChange={(event) => onChange({ ...options, observedAt: event.currentTarget.value })}
        />
        <NumberInput
          label="Confidence, in %"
          description="How sure they are"
          min={0}
          max={100}
          value={options.confidencePercent}
          error={fields["confidencePercent"]}
          onChange={(value) => onChange({ ...options, confidencePercent: Number(value) || 0 })}
        />
        <NativeSelect
          label="Decimal sign"
          description={
            options.decimal === "undecided" ? "The numbers leave it open: please choose" : "Of the file's numbers"
          }
          value={options.decimal}
          data={[
            { value: "undecided", label: "undecided: refuse 1,234 and 1.234" },
            { value: "point", label: "point: 1234.5" },
            { value: "comma", label: "comma: 1234,5" },
          ]}
          onChange={(event) =>
            onChange({ ...options, decimal: exchange.importOptions.shape.decimal.parse(event.currentTarget.value) })
          }
        />
        <NativeSelect
          label="An empty cell"
          description="For an object that exists"
          value={options.emptyCells}
          data={[
            { value: "keep", label: "says nothing: keep what is known" },
            { value: "clear", label: "clears what is known" },
          ]}
          onChange={(event) =>
            onChange({ ...options, emptyCells: event.currentTarget.value === "clear" ? "clear" : "keep" })
          }
        />
      </div>
    </Section>
  );
}
