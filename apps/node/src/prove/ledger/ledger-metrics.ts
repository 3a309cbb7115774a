/** The ledger's figures for Prometheus: how far the log is, what waits, which witness is missing, whether it grows. */
import { Gauge, type Registry } from "prom-client";
import { listAlarms } from "./alarm-store.ts";
import type { Ledger } from "./ledger.ts";

export function watchLedger(registry: Registry, ledger: Ledger): void {
  gauge(
    registry,
    "holdfast_ledger_entries",
    "leaves of the open log by how far they have come",
    ["state"],
    async () => {
      const head = await ledger.head();
      return [
        [{ state: "logged" }, head?.size ?? 0],
        [{ state: "published" }, head?.published_size ?? 0],
        [{ state: "witnessed" }, head?.witnessed_size ?? 0],
        [{ state: "waiting" }, await ledger.countWaiting()],
      ];
    },
  );
  gauge(
    registry,
    "holdfast_ledger_witness_missing",
    "1 for a witness that owes a cosignature for longer than the node allows",
    ["witness"],
    async () => {
      const open = new Set((await listAlarms(ledger.pool)).flatMap((each) => (each.cleared_at ? [] : [each.subject])));
      return (await ledger.witnesses.list()).map(({ name }) => [{ witness: name }, open.has(name) ? 1 : 0]);
    },
  );
  gauge(registry, "holdfast_ledger_refusing", "1 while nothing is signed, by the reason's code", ["code"], async () =>
    ledger.refusal ? [[{ code: ledger.refusal.code }, 1]] : [],
  );
}

function gauge<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  read: () => Promise<readonly [Record<Label, string>, number][]>,
): void {
  new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      const values = await read();
      this.reset();
      for (const [labels, value] of values) this.set(labels, value);
    },
  });
}
