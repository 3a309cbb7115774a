/**
 * A state as word, shape and colour, so that greyscale print and colour blindness lose nothing. Healthy is grey: colour is
 * for what wants attention. `looks` is a Record over the state's own union, so that a new state does not compile until it has a look.
 */
import styles from "./state-badge.module.css";

/** critical: act now; attention: look; active: going on; normal: as it should be; muted: over or off; unknown: nobody knows. */
export type Tone = "critical" | "attention" | "active" | "normal" | "muted" | "unknown";

export interface Look {
  readonly word: string;
  readonly tone: Tone;
}

export type Looks<State extends string> = Readonly<Record<State, Look>>;

export function StateBadge<State extends string>({ state, looks }: { state: State; looks: Looks<State> }) {
  const { word, tone } = looks[state];
  return <Badge word={word} tone={tone} />;
}

/** The badge of a state that has no union of its own. */
export function Badge({ word, tone }: Look) {
  return (
    <span className={styles.badge} data-tone={tone}>
      <svg className={styles.shape} viewBox="0 0 12 12" aria-hidden>
        {SHAPES[tone]}
      </svg>
      {word}
    </span>
  );
}

const SHAPES: Readonly<Record<Tone, React.ReactNode>> = {
  critical: <path d="M6 0 12 6 6 12 0 6Z" fill="currentColor" />,
  attention: <path d="M6 0.5 12 11.5H0Z" fill="currentColor" />,
  active: (
    <>
      <circle cx="6" cy="6" r="4.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M6 1.25a4.75 4.75 0 0 1 0 9.5Z" fill="currentColor" />
    </>
  ),
  normal: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  muted: <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  unknown: (
    <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2 1.7" />
  ),
};
