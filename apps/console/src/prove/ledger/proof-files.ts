/** Fetches the files that a statement's check takes, each by the same request as its download. */
import { ledger } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../shell/api.ts";
import { stateOf } from "../../shell/queries.ts";
import type { LoadState } from "../../ui/load-state.ts";
import type { ProofFiles } from "./proof-check.ts";

const KEY_SET = "/.well-known/scitt-keys";
/** Answers that mean: there is no such file, and that is no failure. */
const ABSENT = ["ledger/not-published", "ledger/erased", "access/denied"];

/** The files of the statement as it stands in `statement`; a new state fetches them anew. */
export function useProofFiles(statement: ledger.ProvenStatement, mayRead: boolean): LoadState<ProofFiles> {
  const { id, state, witnessedBy, erased } = statement;
  const asked = useQuery({
    queryKey: ["proof-files", id, state, witnessedBy.length, erased, mayRead],
    queryFn: async ({ signal }): Promise<ProofFiles> => {
      const params = { id };
      const isPlaced = state === "published" || state === "witnessed";
      const [proof, policy, cose, keys, document] = await Promise.all([
        isPlaced ? bytesOf(api.download(ledger.downloadProof, { params }, { signal })) : undefined,
        bytesOf(api.download(ledger.downloadPolicy, {}, { signal })),
        isPlaced ? bytesOf(api.download(ledger.downloadStatement, { params }, { signal })) : undefined,
        fetch(KEY_SET, { signal }).then(async (answer) =>
          answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined,
        ),
        mayRead && !erased && statement.own
          ? bytesOf(api.download(ledger.downloadDocument, { params }, { signal }))
          : undefined,
      ]);
      return { proof, policy, statement: cose, keys, document };
    },
    staleTime: Number.POSITIVE_INFINITY, // a proof stays what it is; a new state has a new key
  });
  return stateOf(asked);
}

async function bytesOf(asked: Promise<Response>): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await (await asked).arrayBuffer());
  } catch (error) {
    if (error instanceof Problem && ABSENT.includes(error.code)) return undefined;
    throw error;
  }
}
