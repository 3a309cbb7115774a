/** The figures of an answer at a glance, and the band between what is lost at least and what without adaptation. */
import type { simulation } from "@holdfast/api";
import type { ReactNode } from "react";
import { moneyText } from "./money.ts";
import styles from "./simulation.module.css";

export interface Figure {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
}

export function FigureRow({ label, figures }: { label: string; figures: readonly Figure[] }) {
  return (
    <dl className={styles.figures} aria-label={label}>
      {figures.map((figure) => (
        <div key={figure.label}>
          <dt>{figure.label}</dt>
          <dd>
            {figure.value}
            {figure.note && <small>{figure.note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function AnswerFigures({ answer }: { answer: simulation.Answer }) {
  const { lossMinor, currency, survive, counts, gapDays, recoverDays, isExposed } = answer;
  const days = (count: number | null, none: string) => (count === null ? none : `${Math.floor(count)} d`);
  return (
    <FigureRow
      label="The answer in figures"
      figures={[
        {
          label: "Margin lost, at least",
          value: moneyText(lossMinor.low, currency),
          note: "proven: nobody can do better",
        },
        { label: "Without adaptation", value: moneyText(lossMinor.high, currency), note: "proven: stocks only" },
        {
          label: "Until a customer goes short",
          value: days(survive.daysLow, "never"),
          note: `stopped for good, at best ${days(survive.daysHigh, "over 1 000 d")}`,
        },
        {
          label: "To recover",
          value: `${recoverDays} d`,
          note: isExposed ? `${Math.ceil(gapDays.low)} d not covered` : "survives until then, or is bridged",
        },
        {
          label: "Make less than usual",
          value: `${counts.sitesStopped} sites`,
          note: `${counts.sitesHit} hit; ${counts.productsShort} products short`,
        },
      ]}
    />
  );
}

const WIDTH = 1_000;

export function LossBand({ answer }: { answer: simulation.Answer }) {
  const { low, switching, high } = answer.lossMinor;
  if (high === 0 || answer.currency === null) return null;
  const x = (minor: number) => 10 + (minor / high) * (WIDTH - 20);
  const text = `Loss between ${moneyText(low, answer.currency)} and ${moneyText(high, answer.currency)}${
    answer.complete ? `; ${moneyText(switching, answer.currency)} when orders move to other sources` : ""
  }`;
  return (
    <figure aria-label="Loss band">
      <svg viewBox={`0 0 ${WIDTH} 34`} preserveAspectRatio="none" className={styles.band} role="img" aria-label={text}>
        <rect x="10" y="10" width={WIDTH - 20} height="14" className={styles.bandTrack} />
        <rect x={x(low)} y="10" width={Math.max(3, x(high) - x(low))} height="14" className={styles.bandRange} />
        {answer.complete && <line x1={x(switching)} x2={x(switching)} y1="5" y2="29" className={styles.bandMark} />}
      </svg>
      <figcaption className="dimmed">{text}.</figcaption>
    </figure>
  );
}
