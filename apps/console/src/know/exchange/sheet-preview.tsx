/** One sheet: its first rows under their headers, and above each column what it means. */
import { exchange } from "@holdfast/api";
import { NativeSelect } from "@mantine/core";
import { EmptyState } from "../../ui/notice.tsx";
import { Badge } from "../../ui/state-badge.tsx";
import styles from "./exchange.module.css";
import { chooseTable, columnAt, mapColumn, missingColumns, type SheetMapping } from "./mapping.ts";

export interface SheetPreviewProps {
  readonly analysis: exchange.SheetAnalysis;
  readonly mapping: SheetMapping;
  readonly onChange: (mapping: SheetMapping) => void;
}

export function SheetPreview({ analysis, mapping, onChange }: SheetPreviewProps) {
  const name = analysis.sheet || "The file";
  const missing = missingColumns(mapping);
  return (
    <section className={styles.sheet} aria-label={name}>
      <NativeSelect
        label={`${name} holds`}
        value={mapping.table ?? ""}
        data={[{ value: "", label: "nothing to import" }, ...exchange.TABLES]}
        maw={320}
        onChange={(event) =>
          onChange(chooseTable(mapping, exchange.TABLES.find((table) => table === event.currentTarget.value) ?? null))
        }
      />
      {mapping.table === null ? (
        <p className="dimmed">This sheet is left out.</p>
      ) : (
        <>
          {missing.length > 0 && <Badge word={`no column for ${missing.join(", ")}`} tone="attention" />}
          <p className="dimmed">{exchange.TABLE_COLUMNS[mapping.table].help}</p>
          <Rows analysis={analysis} mapping={mapping} onChange={onChange} name={name} />
        </>
      )}
    </section>
  );
}

function Rows({ analysis, mapping, onChange, name }: SheetPreviewProps & { name: string }) {
  const choices = mapping.table === null ? [] : exchange.TABLE_COLUMNS[mapping.table].columns;
  if (analysis.header.length === 0) return <EmptyState what="No header was found on this sheet." />;
  return (
    <div className={styles.preview} tabIndex={0} role="region" aria-label={`First rows of ${name}`}>
      <table>
        <thead>
          <tr>
            <th className={styles.rowNumber}>
              <span className="visually-hidden">Row</span>
            </th>
            {analysis.header.map((header, index) => {
              const column = columnAt(mapping, index);
              const known = choices.some((choice) => choice.name === column);
              return (
                <th key={index} scope="col">
                  <NativeSelect
                    aria-label={`Meaning of column ${header || index + 1}`}
                    value={column ?? ""}
                    data={[
                      { value: "", label: "left out" },
                      ...(column !== undefined && !known ? [column] : []),
                      ...choices.map((choice) => ({
                        value: choice.name,
                        label: choice.required ? `${choice.name} (needed)` : choice.name,
                      })),
                    ]}
                    onChange={(event) => onChange(mapColumn(mapping, index, event.currentTarget.value || undefined))}
                  />
                  {header || <span className="dimmed">no header</span>}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {analysis.rows.map((row) => (
            <tr key={row.row}>
              <td className={styles.rowNumber}>{row.row}</td>
              {analysis.header.map((_, index) => (
                <td key={index} className={columnAt(mapping, index) === undefined ? styles.skipped : undefined}>
                  {row.cells[index]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
