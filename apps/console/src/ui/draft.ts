/** A value that changes fast here and is kept slowly elsewhere: typing and cursor moves, whose lasting place is the URL. */
import { useEffect, useRef, useState } from "react";

/**
 * The draft and its setter. `commit` gets the draft `delayMs` after its last change. A change of `value` from outside
 * replaces the draft; the echo of an own commit does not, or what was typed meanwhile would be lost.
 */
export function useDraft<Value>(
  value: Value,
  commit: (value: Value) => void,
  delayMs: number,
): readonly [Value, (value: Value) => void] {
  const [draft, setDraft] = useState(value);
  const latest = useRef(commit);
  /** Committed and not yet come back, oldest first. */
  const underway = useRef<Value[]>([]);
  useEffect(() => {
    latest.current = commit;
  });
  useEffect(() => {
    const echo = underway.current.indexOf(value);
    underway.current = echo === -1 ? [] : underway.current.slice(echo + 1);
    if (echo === -1) setDraft(value);
  }, [value]);
  useEffect(() => {
    if (draft === value) return;
    const timer = setTimeout(() => {
      underway.current.push(draft);
      latest.current(draft);
    }, delayMs);
    return () => clearTimeout(timer);
  }, [draft, value, delayMs]);
  return [draft, setDraft];
}
