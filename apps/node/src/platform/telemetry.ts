/** Logs and figures. Logs are JSON lines without secrets: what could hold one is redacted by name. */
import { pino, type DestinationStream, type Logger } from "pino";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type pg from "pg";

export type Log = Logger;

const SECRET_KEYS = ["password", "secret", "token", "cookie", "authorization", "databaseUrl", "clientSecret"];

export function openLog(level: string, destination?: DestinationStream): Log {
  const redact = { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: "[redacted]" };
  const options = {
    level,
    redact,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination ?? pino.destination(2)); // standard output is for people
}

/** The figures of one process, in Prometheus' text form. */
export interface Metrics {
  readonly registry: Registry;
  readonly requestSeconds: Histogram<"route" | "method" | "status">;
}

export function openMetrics(pool: pg.Pool): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requestSeconds = new Histogram({
    name: "holdfast_http_request_seconds",
    help: "time from request to the end of the answer",
    labelNames: ["route", "method", "status"] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [registry],
  });
  new Gauge({
    name: "holdfast_database_connections",
    help: "connections of this process by state",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      this.set({ state: "total" }, pool.totalCount);
      this.set({ state: "idle" }, pool.idleCount);
      this.set({ state: "waiting" }, pool.waitingCount);
    },
  });
  return { registry, requestSeconds };
}
