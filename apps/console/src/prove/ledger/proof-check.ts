/**
 * Checks a statement's evidence in the browser, from the very files that a reader can download: the proof (C2SP
 * tlog-proof), the policy (C2SP tlog-policy), the signed statement (RFC 9943), the issuer's keys and the document. The
 * node's own word counts for nothing here, except that the policy came from it: who wants more brings a policy from
 * elsewhere to the offline check. Every check has a sentence for people, whether it holds or not.
 */
import {
  covers,
  inclusionRanges,
  leafHash,
  nodeHash,
  parseCoseKeySet,
  parsePolicy,
  parseReceipt,
  parseStatement,
  parseTlogProof,
  type Policy,
  type Range,
  type Statement,
  type TlogProof,
  verifyInclusion,
  verifyInclusionReceipt,
  verifySign1,
  weighCheckpoint,
} from "@holdfast/tlog";

/** What the node delivered; a member is absent where there is nothing to deliver, or the reader may not have it. */
export interface ProofFiles {
  readonly proof?: Uint8Array | undefined;
  readonly policy?: Uint8Array | undefined;
  readonly statement?: Uint8Array | undefined;
  readonly keys?: Uint8Array | undefined;
  readonly document?: Uint8Array | undefined;
}

export type CheckState = "holds" | "refused" | "open";

export interface Check {
  readonly id: "statement" | "signature" | "document" | "checkpoint" | "path" | "witnesses" | "receipt";
  readonly question: string;
  readonly state: CheckState;
  readonly words: string;
}

/** One level of the path: the sibling, and the node that both make. */
export interface PathStep {
  readonly sibling: string;
  readonly side: "left" | "right";
  readonly siblingRange: Range;
  readonly node: string;
  readonly nodeRange: Range;
}

export interface PathDrawing {
  readonly index: bigint;
  readonly size: bigint;
  readonly leaf: string;
  /** From the leaf up; the last node is the root that the path leads to. */
  readonly steps: readonly PathStep[];
  readonly computedRoot: string;
  /** The root in the signed checkpoint. */
  readonly signedRoot: string;
}

export interface ProofReport {
  readonly checks: readonly Check[];
  readonly drawing: PathDrawing | undefined;
  /** refused: at least one check fails. proven: the entry is under the log's signature and the witnesses' quorum. */
  readonly verdict: "proven" | "unwitnessed" | "refused" | "open";
}

const CHANGED = "Something in it was changed, or it belongs to something else.";

/** What the files prove about the statement `id`, which is the SHA-256 of its bytes in hex. */
export function checkProof(id: string, files: ProofFiles): ProofReport {
  const statement = parsed(files.statement, parseStatement);
  const proof = parsed(files.proof, parseTlogProof);
  const policy = parsed(files.policy, parsePolicy);
  const weighed = proof?.ok && policy?.ok ? weighCheckpoint(policy.value, proof.value.checkpoint) : undefined;
  const tree = weighed?.ok ? weighed.value.checkpoint : undefined;
  const entry = bytesOfHex(id);
  const checks: Check[] = [
    statementCheck(id, statement),
    signatureCheck(statement?.ok ? statement.value : undefined, files.keys),
    documentCheck(statement?.ok ? statement.value : undefined, files.document),
    {
      id: "checkpoint",
      question: "Did the log sign this tree?",
      ...(proof === undefined || policy === undefined
        ? open("There is no published checkpoint with this statement yet.")
        : !proof.ok
          ? refused(`The proof file can't be read: ${plain(proof.problem.message)}. ${CHANGED}`)
          : !policy.ok
            ? refused(`The policy can't be read: ${plain(policy.problem.message)}. ${CHANGED}`)
            : weighed?.ok
              ? holds(
                  `${weighed.value.checkpoint.origin} signed its tree of ${weighed.value.checkpoint.size} entries with key ${weighed.value.log.key.keyId}.`,
                )
              : refused(`No key of this log stands behind the checkpoint: ${messageOf(weighed)}. ${CHANGED}`)),
    },
    {
      id: "path",
      question: "Does the path lead from this statement to that tree's root?",
      ...pathCheck(entry, proof?.ok ? proof.value : undefined, tree),
    },
    {
      id: "witnesses",
      question: "Did witnesses cosign that tree?",
      ...(weighed?.ok && policy?.ok
        ? witnessCheck(policy.value, weighed.value)
        : open("Not looked at: the checkpoint comes first.")),
    },
    receiptCheck(statement?.ok ? statement.value : undefined, entry, files.keys),
  ];
  return {
    checks,
    drawing: proof?.ok && entry && tree ? drawingOf(entry, proof.value, tree) : undefined,
    verdict: verdictOf(checks),
  };
}

function verdictOf(checks: readonly Check[]): ProofReport["verdict"] {
  if (checks.some(({ state }) => state === "refused")) return "refused";
  const stateOf = (id: Check["id"]) => checks.find((check) => check.id === id)?.state;
  if (stateOf("checkpoint") !== "holds" || stateOf("path") !== "holds") return "open";
  return stateOf("witnesses") === "holds" ? "proven" : "unwitnessed";
}

type Outcome = Pick<Check, "state" | "words">;
type Parsed<Value> = { ok: true; value: Value } | { ok: false; problem: { message: string } };

const holds = (words: string): Outcome => ({ state: "holds", words });
const refused = (words: string): Outcome => ({ state: "refused", words });
const open = (words: string): Outcome => ({ state: "open", words });

function parsed<Value>(
  bytes: Uint8Array | undefined,
  parse: (bytes: Uint8Array) => Parsed<Value>,
): Parsed<Value> | undefined {
  return bytes && parse(bytes);
}

function statementCheck(id: string, statement: Parsed<Statement> | undefined): Check {
  const question = "Are these the bytes that the log holds?";
  const outcome =
    statement === undefined
      ? open(
          "The signed statement is not here: it waits for its place, or it was erased. Its hash is in the log all the same.",
        )
      : !statement.ok
        ? refused(`The statement can't be read: ${plain(statement.problem.message)}. ${CHANGED}`)
        : hexOf(statement.value.entry) === id
          ? holds("The SHA-256 of the signed statement is this statement's identifier.")
          : refused(`The SHA-256 of these bytes is another one than the log holds. ${CHANGED}`);
  return { id: "statement", question, ...outcome };
}

function signatureCheck(statement: Statement | undefined, keys: Uint8Array | undefined): Check {
  const question = "Did its issuer sign it?";
  const check = (outcome: Outcome): Check => ({ id: "signature", question, ...outcome });
  if (!statement || !keys) return check(open("Not looked at: it takes the statement and its issuer's keys."));
  const set = parseCoseKeySet(keys);
  if (!set.ok) return check(open(`The issuer's keys can't be read: ${plain(set.problem.message)}.`));
  const kid = statement.kid && hexOf(statement.kid);
  const key = set.value.find((one) => one.kid && hexOf(one.kid) === kid);
  if (!key)
    return check(
      open(
        `${statement.issuer} signed it with a key that this node does not publish: ask them for it, and check offline.`,
      ),
    );
  const verified = verifySign1(statement.message, { key: key.publicKey });
  if (!verified.ok) return check(open(`Not checked: ${plain(verified.problem.message)}.`));
  return check(
    verified.value
      ? holds(`${statement.issuer} signed it.`)
      : refused(`The signature is not that of ${statement.issuer}. ${CHANGED}`),
  );
}

function documentCheck(statement: Statement | undefined, document: Uint8Array | undefined): Check {
  const question = "Is this what was signed?";
  const check = (outcome: Outcome): Check => ({ id: "document", question, ...outcome });
  if (!document) return check(open("What it says is not here: it was erased, or your roles do not show it to you."));
  if (!statement) return check(open("Not looked at: it takes the signed statement."));
  const covered = covers(statement, document);
  if (!covered.ok) return check(open(`Not checked: ${plain(covered.problem.message)}.`));
  return check(
    covered.value
      ? holds("What is shown above is, byte for byte, what the signature covers.")
      : refused(`What is shown above is not what was signed. ${CHANGED}`),
  );
}

/** The node attaches one receipt of its own to a statement that is published, so one that is missing was taken away. */
function receiptCheck(
  statement: Statement | undefined,
  entry: Uint8Array | undefined,
  keys: Uint8Array | undefined,
): Check {
  const question = "Does its receipt say the same?";
  const check = (outcome: Outcome): Check => ({ id: "receipt", question, ...outcome });
  const set = keys && parseCoseKeySet(keys);
  if (!statement || !entry || !set?.ok)
    return check(open("Not looked at: it takes the signed statement and this node's keys."));
  const [bytes] = statement.receipts;
  const receipt = bytes && parseReceipt(bytes);
  if (!receipt) return check(refused(`The statement came without its receipt. ${CHANGED}`));
  if (!receipt.ok) return check(refused(`The receipt can't be read: ${plain(receipt.problem.message)}. ${CHANGED}`));
  const kid = receipt.value.kid && hexOf(receipt.value.kid);
  const key = set.value.find((one) => one.kid && hexOf(one.kid) === kid);
  if (!key) return check(refused(`The receipt names a key that this node does not publish. ${CHANGED}`));
  const verified = verifyInclusionReceipt(receipt.value, entry, key.publicKey);
  return check(
    verified.ok && verified.value
      ? holds(`Its receipt (COSE, RFC 9942) proves it in a tree of ${receipt.value.inclusion[0]?.size ?? 0n} entries.`)
      : refused(`The receipt does not prove this statement. ${CHANGED}`),
  );
}

function pathCheck(
  entry: Uint8Array | undefined,
  proof: TlogProof | undefined,
  tree: { readonly size: bigint; readonly root: Uint8Array } | undefined,
): Outcome {
  if (!proof || !entry) return open("There is no path to look at yet.");
  if (!tree) return open("Not looked at: without a signed root the path leads nowhere.");
  const leads = verifyInclusion(
    { index: proof.index, size: tree.size, leafHash: leafHash(entry), root: tree.root },
    proof.path,
  );
  return leads
    ? holds(
        `${proof.path.length} ${proof.path.length === 1 ? "hash leads" : "hashes lead"} from entry ${proof.index} to the signed root.`,
      )
    : refused(`The path does not lead from this statement to the signed root. ${CHANGED}`);
}

function witnessCheck(
  policy: Policy,
  weighed: {
    readonly witnessed: readonly { readonly witness: { readonly name: string }; readonly timestamp: bigint }[];
    readonly quorumMet: boolean;
  },
): Outcome {
  if (policy.quorum === "none")
    return open(
      "No witness is configured: only the log itself stands behind its checkpoint. Ask a partner to witness it.",
    );
  const names = weighed.witnessed.map(
    ({ witness, timestamp }) => `${witness.name} (by its clock ${new Date(Number(timestamp) * 1_000).toISOString()})`,
  );
  if (weighed.quorumMet) return holds(`Cosigned by ${names.join(", ")}.`);
  return open(
    names.length === 0
      ? "No witness has cosigned this checkpoint yet."
      : `Cosigned by ${names.join(", ")}: fewer than the policy asks for.`,
  );
}

/** The path as it stands in the file, whether it holds or not; undefined when its length fits no tree of that size. */
function drawingOf(
  entry: Uint8Array,
  { index, path }: TlogProof,
  { size, root }: { readonly size: bigint; readonly root: Uint8Array },
): PathDrawing | undefined {
  if (index >= size) return undefined;
  const ranges = inclusionRanges(index, size);
  if (ranges.length !== path.length) return undefined;
  let node = leafHash(entry);
  let nodeRange: Range = { start: index, end: index + 1n };
  const leaf = hexOf(node);
  const steps = path.map((sibling, i): PathStep => {
    const siblingRange = ranges[i] ?? nodeRange; // as many ranges as hashes
    const side = siblingRange.start < nodeRange.start ? "left" : "right";
    node = side === "left" ? nodeHash(sibling, node) : nodeHash(node, sibling);
    nodeRange =
      side === "left"
        ? { start: siblingRange.start, end: nodeRange.end }
        : { start: nodeRange.start, end: siblingRange.end };
    return { sibling: hexOf(sibling), side, siblingRange, node: hexOf(node), nodeRange };
  });
  return { index, size, leaf, steps, computedRoot: hexOf(node), signedRoot: hexOf(root) };
}

function messageOf(result: Parsed<unknown> | undefined): string {
  return result && !result.ok ? plain(result.problem.message) : "";
}

function plain(message: string): string {
  return message.replaceAll("`", "");
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOfHex(text: string): Uint8Array | undefined {
  if (!/^(?:[0-9a-f]{2})+$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
