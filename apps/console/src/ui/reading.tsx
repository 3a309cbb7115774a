/** The reader's circumstances that blocks need: the current minute and the time zone. One ticking clock for the whole page. */
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";

interface Reading {
  readonly now: Date;
  readonly timeZone: string;
}

const TICK_MS = 30_000; // ages are shown in minutes and up, except fresh ones
const ReadingContext = createContext<Reading>({ now: new Date(), timeZone: "UTC" });

export function ReadingProvider({ timeZone, children }: { timeZone: string; children: ReactNode }) {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <ReadingContext value={{ now, timeZone }}>{children}</ReadingContext>;
}

export function useReading(): Reading {
  return useContext(ReadingContext);
}
