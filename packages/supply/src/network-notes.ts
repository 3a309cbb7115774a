/** What a supply network may do and an analyst should know: flows that do not balance, recipes in a circle, loose pieces. */
import type { NetworkProcess } from "./supply-network.ts";

const BALANCE_TOLERANCE = 1e-3; // of the rate; statistics and round numbers are no better
const NAMED_MAX = 20; // notes name the first of a kind and count the rest

export function networkNotes(processes: readonly NetworkProcess[]): string[] {
  return [...unbalanced(processes), ...circles(processes), ...pieces(processes)];
}

function unbalanced(processes: readonly NetworkProcess[]): string[] {
  const sold = Float64Array.from(processes, (process) => process.demand);
  forArcs(processes, (from, _, flow) => {
    sold[from] = (sold[from] ?? 0) + flow;
  });
  const off = processes.flatMap((process, i) => {
    const out = sold[i] ?? 0;
    return Math.abs(out - process.rate) > BALANCE_TOLERANCE * Math.max(process.rate, out)
      ? [`process \`${process.id}\` makes ${process.rate} a day and ${out} a day are taken from it`]
      : [];
  });
  return cut(off);
}

/** Groups of processes that need each other; accepted, because every arc takes a day at least. */
function circles(processes: readonly NetworkProcess[]): string[] {
  const strong = strongComponents(processes).filter((members) => members.length > 1);
  return cut(
    strong.map(
      (members) =>
        `recipe circle: ${members
          .map((i) => `\`${processes[i]?.id}\``)
          .slice(0, NAMED_MAX)
          .join(", ")}`,
    ),
  );
}

function pieces(processes: readonly NetworkProcess[]): string[] {
  const root = Int32Array.from(processes, (_, i) => i);
  const find = (i: number): number => {
    let at = i;
    while (root[at] !== at) at = root[at] = root[root[at] ?? at] ?? at;
    return at;
  };
  forArcs(processes, (from, to) => {
    root[find(from)] = find(to);
  });
  const count = new Set(processes.map((_, i) => find(i))).size;
  return count > 1 ? [`the network is in ${count} pieces; each is calculated, none affects another`] : [];
}

/** Strongly connected components over all arcs, Tarjan's algorithm without recursion. */
function strongComponents(processes: readonly NetworkProcess[]): number[][] {
  const suppliers = processes.map((process) =>
    process.groups.flatMap((group) => group.arcs.map((arc) => arc.supplier)),
  );
  const order = new Int32Array(processes.length).fill(-1);
  const low = new Int32Array(processes.length);
  const open: number[] = [];
  const isOpen = new Uint8Array(processes.length);
  const components: number[][] = [];
  let counter = 0;
  for (let start = 0; start < processes.length; start++) {
    if (order[start] !== -1) continue;
    const path = [{ at: start, next: 0 }];
    for (let frame = path.at(-1); frame; frame = path.at(-1)) {
      const { at } = frame;
      if (frame.next === 0) {
        order[at] = low[at] = counter++;
        open.push(at);
        isOpen[at] = 1;
      }
      const to = suppliers[at]?.[frame.next++];
      if (to !== undefined) {
        if (order[to] === -1) path.push({ at: to, next: 0 });
        else if (isOpen[to]) low[at] = Math.min(low[at] ?? 0, order[to] ?? 0);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent) low[parent.at] = Math.min(low[parent.at] ?? 0, low[at] ?? 0);
      if (low[at] !== order[at]) continue;
      const members = open.splice(open.lastIndexOf(at));
      for (const member of members) isOpen[member] = 0;
      components.push(members);
    }
  }
  return components;
}

function forArcs(processes: readonly NetworkProcess[], each: (from: number, to: number, flow: number) => void): void {
  for (const [to, { groups }] of processes.entries())
    for (const { arcs } of groups) for (const arc of arcs) each(arc.supplier, to, arc.flow);
}

function cut(notes: readonly string[]): string[] {
  return notes.length <= NAMED_MAX
    ? [...notes]
    : [...notes.slice(0, NAMED_MAX), `and ${notes.length - NAMED_MAX} more of this kind`];
}
