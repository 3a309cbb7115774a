/**
 * Things that are their own ancestors: strongly connected components of the flow graph (Tarjan 1972), without recursion,
 * so that a chain of a million steps cannot exhaust the stack. Time and memory are linear in the edges.
 */

export interface Flow {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
}

interface Frame {
  readonly node: string;
  readonly next: Iterator<string>;
}

/** Every set of nodes that flow into each other, and every node that flows into itself; members and sets in order. */
export function cyclesOf(flows: Iterable<Flow>): string[][] {
  const out = new Map<string, string[]>();
  // steps and things may share a name, so a node's name says which it is
  for (const { kind, from, to } of flows) {
    const [a, b] = [
      kind === "output" ? `step ${from}` : `thing ${from}`,
      kind === "input" ? `step ${to}` : `thing ${to}`,
    ];
    const list = out.get(a);
    if (list) list.push(b);
    else out.set(a, [b]);
  }
  const cycles = components(out)
    .filter((nodes) => nodes.length > 1 || out.get(nodes[0] ?? "")?.includes(nodes[0] ?? ""))
    .map((nodes) =>
      nodes
        .filter((node) => node.startsWith("thing "))
        .map((node) => node.slice("thing ".length))
        .sort(),
    );
  return cycles.sort((a, b) => ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1));
}

function components(out: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const enter = (node: string): Frame => {
    index.set(node, index.size);
    low.set(node, index.size - 1);
    stack.push(node);
    onStack.add(node);
    return { node, next: (out.get(node) ?? [])[Symbol.iterator]() };
  };
  for (const start of out.keys()) {
    if (index.has(start)) continue;
    const frames = [enter(start)];
    for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
      const { value, done } = frame.next.next();
      if (!done) {
        if (!index.has(value)) frames.push(enter(value));
        else if (onStack.has(value)) low.set(frame.node, Math.min(low.get(frame.node) ?? 0, index.get(value) ?? 0));
        continue;
      }
      frames.pop();
      const parent = frames.at(-1);
      if (parent) low.set(parent.node, Math.min(low.get(parent.node) ?? 0, low.get(frame.node) ?? 0));
      if (low.get(frame.node) === index.get(frame.node)) found.push(popComponent(stack, onStack, frame.node));
    }
  }
  return found;
}

function popComponent(stack: string[], onStack: Set<string>, root: string): string[] {
  const nodes: string[] = [];
  for (;;) {
    const node = stack.pop();
    if (node === undefined) return nodes;
    onStack.delete(node);
    nodes.push(node);
    if (node === root) return nodes;
  }
}
