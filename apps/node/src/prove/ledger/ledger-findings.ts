/** What the doctor says of a ledger, from its tables alone: no key, no network. */
import type { Finding } from "../../platform/doctor.ts";
import { listAlarms } from "./alarm-store.ts";
import { type Client, readHead } from "./head-store.ts";
import { countForks } from "./fork-store.ts";
import { unwitnessedSince, waitingSince } from "./release-store.ts";

const WAITING_MINUTES_MAX = 5; // a statement waits for its place for a batch period, which is under a second

export async function examineLedger(client: Client): Promise<readonly Finding[]> {
  const head = await readHead(client);
  if (!head) return [];
  const findings: Finding[] = [];
  const warn = (what: string, mend: string) => findings.push({ state: "warn", what, mend });
  for (const { subject, since, message, cleared_at } of await listAlarms(client))
    if (!cleared_at)
      warn(
        `the witness ${subject} owes a cosignature since ${since.toISOString()}: ${message}`,
        "ask whoever keeps it, or ask another witness",
      );
  const forks = await countForks(client);
  if (forks > 0)
    findings.push({
      state: "fail",
      what: `${forks} fork proofs are kept: a log told two stories`,
      mend: "look at them on the ledger's page, and file an incident with them",
    });
  const waiting = await waitingSince(client);
  const { rows } = await client.query<{ late: boolean }>(
    "select clock_timestamp() - $1::timestamptz > make_interval(mins => $2) as late",
    [waiting, WAITING_MINUTES_MAX],
  );
  if (rows[0]?.late)
    warn(
      `statements wait for the log since ${waiting?.toISOString()}`,
      "start a node that has the log's key; its log says why nothing is signed",
    );
  const unwitnessed = await unwitnessedSince(client, head);
  if (findings.length === 0) {
    const witnessed = unwitnessed ? `, ${head.witnessed_size} of them witnessed` : "";
    findings.push({
      state: "ok",
      what: `the ledger has ${head.published_size} published entries${witnessed}`,
      mend: "",
    });
  }
  return findings;
}
