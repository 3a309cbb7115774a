/**
 * Walking a drawn network by arrow keys: left to the nearest supplier, right to the nearest buyer, up and down within the
 * layer. Where a step leads nowhere the walker stays.
 */
import { type Network, type NetworkNode, type Spot, SUPPLY_WORDS } from "./network-layout.ts";

export type Step = "left" | "right" | "up" | "down" | "first";

export const STEP_OF_KEY: Readonly<Record<string, Step>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
};

/** The node that `step` leads to from `at`; from nowhere it leads to the centre. */
export function walk(
  { nodes, links, centre }: Network,
  spots: ReadonlyMap<string, Spot>,
  at: string | undefined,
  step: Step,
): string | undefined {
  const here = at === undefined ? undefined : spots.get(at);
  if (!here || step === "first") return nodes.find(({ id }) => id === centre)?.id ?? nodes[0]?.id;
  const candidates =
    step === "left"
      ? links.filter(({ to }) => to === at).map(({ from }) => from)
      : step === "right"
        ? links.filter(({ from }) => from === at).map(({ to }) => to)
        : nodes.map(({ id }) => id).filter((id) => isBeside(spots.get(id), here, step));
  const distance = (id: string) => Math.abs((spots.get(id)?.y ?? Infinity) - here.y);
  const [nearest] = [...new Set(candidates)]
    .filter((id) => id !== at && spots.has(id))
    .sort((a, b) => distance(a) - distance(b) || (a < b ? -1 : 1));
  return nearest ?? at;
}

/** In the same layer, above or below. */
function isBeside(spot: Spot | undefined, here: Spot, step: "up" | "down"): boolean {
  if (!spot || Math.abs(spot.x - here.x) > 1) return false;
  return step === "up" ? spot.y < here.y : spot.y > here.y;
}

/** `Antwerp refinery, refinery, Belgium; 2 suppliers, 1 buyer`. */
export function spokenNode({ links, words = SUPPLY_WORDS }: Network, node: NetworkNode): string {
  const count = (ids: readonly string[], word: string) => {
    const { size } = new Set(ids);
    return `${size} ${word}${size === 1 ? "" : "s"}`;
  };
  const suppliers = links.filter(({ to }) => to === node.id).map(({ from }) => from);
  const buyers = links.filter(({ from }) => from === node.id).map(({ to }) => to);
  return `${node.label}, ${node.detail}; ${count(suppliers, words.before)}, ${count(buyers, words.after)}`;
}
