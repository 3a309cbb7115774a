/** In the demo the hub witnesses the first node's log, and the first node the hub's, as two firms would agree to do. */
import type { Ledger } from "../prove/ledger/index.ts";

type Witnessing = readonly [ledger: Ledger, url: string | undefined];

/** Each learns the other's key and address; done again at every start, as free ports differ. */
export async function pairWitnesses(one: Witnessing, other: Witnessing): Promise<void> {
  await Promise.all([introduce(one, other), introduce(other, one)]);
}

async function introduce([ledger]: Witnessing, [witness, url]: Witnessing): Promise<void> {
  const { vkey } = await witness.witnessFor(ledger);
  if (url !== undefined) await ledger.witnesses.put({ name: "peer", vkey, url: `${url}/witness` });
}
