/** A fixed line that says, in words, what this screen is: a marking (TLP), an exercise, synthetic data. */
import styles from "./marking-banner.module.css";

export interface Marking {
  readonly id: string;
  /** `EXERCISE`, `TLP:AMBER+STRICT`, `SYNTHETIC DATA`. */
  readonly word: string;
  readonly meaning: string;
}

export function MarkingBanner({ markings }: { markings: readonly Marking[] }) {
  if (markings.length === 0) return null;
  return (
    <aside className={styles.banner} aria-label="Markings">
      {markings.map((marking) => (
        <span key={marking.id}>
          <strong>{marking.word}</strong> {marking.meaning}
        </span>
      ))}
    </aside>
  );
}
