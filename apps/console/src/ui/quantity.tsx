/** A number with its unit (dimmed), its age and a way to its evidence. The number is text or an integer, so nothing is rounded here. */
import { IconFileSearch } from "@tabler/icons-react";
import { formatAge, formatDecimal, formatShare } from "./format.ts";
import styles from "./quantity.module.css";
import { useReading } from "./reading.tsx";

export interface QuantityProps {
  readonly value: string | number | bigint;
  /** As people read it: t, piece, d, %. */
  readonly unit: string;
  /** When the figure was true. Past `staleDays` it is marked stale. */
  readonly asOf?: string | Date;
  readonly staleDays?: number;
  /** Opens what the figure rests on. */
  readonly onEvidence?: () => void;
  /** What the figure is, for the evidence button's name. */
  readonly name?: string;
}

const MS_PER_DAY = 86_400_000;

export function Quantity({ value, unit, asOf, staleDays, onEvidence, name }: QuantityProps) {
  const { now } = useReading();
  const at = asOf === undefined ? undefined : typeof asOf === "string" ? new Date(asOf) : asOf;
  const isStale = at && staleDays !== undefined && now.getTime() - at.getTime() > staleDays * MS_PER_DAY;
  return (
    <span className={styles.quantity}>
      <span className={styles.value}>{formatDecimal(value)}</span>
      <span className={styles.unit}>{"\u00a0" + unit}</span>
      {at && (
        <span className={isStale ? styles.stale : styles.age} title={at.toISOString()}>
          {isStale ? `stale, ${formatAge(at, now)} old` : `${formatAge(at, now)} old`}
        </span>
      )}
      {onEvidence && (
        <button
          type="button"
          className={styles.evidence}
          onClick={onEvidence}
          aria-label={`Evidence for ${name ?? unit}`}
        >
          <IconFileSearch size={14} aria-hidden />
        </button>
      )}
    </span>
  );
}

/** A part of a whole, given in parts per million, as percent. */
export function Share({ ppm, ...rest }: Omit<QuantityProps, "value" | "unit"> & { ppm: number }) {
  return <Quantity value={formatShare(ppm)} unit="%" {...rest} />;
}
