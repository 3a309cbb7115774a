/** A value that changes fast here and is kept slowly elsewhere: typing and cursor moves, whose lasting place is the URL. */
import { useEffect, useRef, useState } from "react";

/** The draft and its setter. `commit` gets the draft `delayMs` after its last change; a change of `value` from outside replaces it. */
export function useDraft<Value>(
  value: Value,
  commit: (value: Value) => void,
  delayMs: number,
): readonly [Value, (value: Value) => void] {
  const [draft, setDraft] = useState(value);
  const [seen, setSeen] = useState(value);
  const latest = useRef(commit);
  useEffect(() => {
    latest.current = commit;
  });
  if (value !== seen) {
    setSeen(value);
    setDraft(value);
  }
  useEffect(() => {
    if (draft === value) return;
    const timer = setTimeout(() => latest.current(draft), delayMs);
    return () => clearTimeout(timer);
  }, [draft, value, delayMs]);
  return [draft, setDraft];
}
