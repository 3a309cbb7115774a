/**
 * A pedigree as a picture: things in layers, material flowing to the right. Steps are drawn as the links that they are;
 * containers are left out, the table has them. More things than a picture can show are gathered by product and by the place
 * where they were made, so that 2,000 lots read as a dozen nodes.
 */
import type { custody } from "@holdfast/api";
import { type Network, type NetworkLink, type NetworkNode, NODES_MAX } from "../../chart/network-layout.ts";
import { amountsWords, LEVEL_WORDS, thingHref } from "./words.ts";

const WORDS = { nodes: "things", before: "origin", after: "product", flow: "Material" } as const;

export interface PedigreePicture {
  readonly network: Network;
  /** Things that one node stands for on average is more than one. */
  readonly isGathered: boolean;
}

export function pictureOf(pedigree: custody.Pedigree): PedigreePicture {
  const material = pedigree.things.filter(({ relations }) => relations.some((relation) => relation !== "container"));
  const single = networkOf(pedigree, material);
  return material.length <= NODES_MAX
    ? { network: single, isGathered: false }
    : { network: gathered(pedigree, material, single.links), isGathered: true };
}

function networkOf(pedigree: custody.Pedigree, things: readonly custody.PedigreeThing[]): Network {
  return {
    nodes: things.map((thing) => nodeOf(thing, pedigree.root)),
    links: linksOf(pedigree, new Set(things.map(({ id }) => id))),
    centre: pedigree.root,
    words: WORDS,
  };
}

/** What tells lots of one product apart comes first: a node is small. */
function nodeOf({ id, label, level, openFindings }: custody.PedigreeThing, root: string): NetworkNode {
  const [product = label, ...own] = label.split(", ");
  const isNamed = own.length > 0;
  return {
    id,
    label: isNamed ? own.join(", ") : label.replace("https://id.gs1.org", ""),
    detail: [isNamed ? product : LEVEL_WORDS[level], findingWords(openFindings)].filter(Boolean).join(", "),
    tone: openFindings > 0 ? "attention" : id === root ? "active" : "normal",
    href: thingHref(id),
  };
}

function findingWords(count: number): string {
  return count === 0 ? "" : `${count} open ${count === 1 ? "finding" : "findings"}`;
}

/** Where each thing came out of a step, by name. */
function placesMade({ steps, edges, places }: custody.Pedigree): Map<string, string> {
  const placeOf = new Map(steps.map((step) => [step.id, step.places[0]]));
  const made = new Map<string, string>();
  for (const { kind, from, to } of edges) {
    const place = kind === "output" ? placeOf.get(from) : undefined;
    if (place !== undefined) made.set(to, places[place] ?? place.replace(/^https:\/\/id\.gs1\.org\/414\//, "GLN "));
  }
  return made;
}

/** Through each step from every input to every output, labelled with what went in; parts and contents as they are. */
function linksOf({ steps, edges }: custody.Pedigree, shown: ReadonlySet<string>): NetworkLink[] {
  const inputs = new Map<string, custody.Pedigree["edges"][number][]>();
  const outputs = new Map<string, string[]>();
  for (const edge of edges) {
    if (edge.kind === "input") inputs.set(edge.to, [...(inputs.get(edge.to) ?? []), edge]);
    if (edge.kind === "output") outputs.set(edge.from, [...(outputs.get(edge.from) ?? []), edge.to]);
  }
  const links: NetworkLink[] = [];
  for (const { id } of steps)
    for (const { from, amounts, hasUnknown } of inputs.get(id) ?? [])
      for (const to of outputs.get(id) ?? [])
        if (shown.has(from) && shown.has(to))
          links.push({ id: `${id} ${from} ${to}`, from, to, label: amountsWords(amounts, hasUnknown) });
  for (const { kind, from, to, at, amounts, hasUnknown } of edges)
    if ((kind === "part-of" || kind === "contained-in") && shown.has(from) && shown.has(to))
      links.push({ id: `${kind} ${from} ${to} ${at}`, from, to, label: amountsWords(amounts, hasUnknown) });
  return links;
}

function gathered(
  pedigree: custody.Pedigree,
  things: readonly custody.PedigreeThing[],
  links: readonly NetworkLink[],
): Network {
  const madeAt = placesMade(pedigree);
  const groupOf = new Map<string, string>();
  const groups = new Map<string, { product: string; place: string; members: custody.PedigreeThing[] }>();
  for (const thing of things) {
    const [product = thing.label] = thing.label.split(/, (?:lot|serial) /);
    const place = madeAt.get(thing.id) ?? "came from outside";
    const key = thing.id === pedigree.root ? thing.id : `${product} ${place}`;
    groupOf.set(thing.id, key);
    const group = groups.get(key) ?? { product, place, members: [] };
    group.members.push(thing);
    groups.set(key, group);
  }
  const bundles = new Map<string, { from: string; to: string; count: number }>();
  for (const link of links) {
    const [from, to] = [groupOf.get(link.from), groupOf.get(link.to)];
    if (from === undefined || to === undefined || from === to) continue;
    const bundle = bundles.get(`${from} ${to}`) ?? { from, to, count: 0 };
    bundle.count++;
    bundles.set(`${from} ${to}`, bundle);
  }
  return {
    nodes: [...groups].map(([id, { product, place, members }]): NetworkNode => {
      const open = members.reduce((sum, { openFindings }) => sum + openFindings, 0);
      const [first] = members;
      return {
        id,
        label: id === pedigree.root ? (first?.label ?? product) : `${product} × ${members.length}`,
        detail: [place, findingWords(open)].filter(Boolean).join(", "),
        tone: open > 0 ? "attention" : id === pedigree.root ? "active" : "normal",
        href: first ? thingHref(first.id) : "",
      };
    }),
    links: [...bundles].map(([id, { from, to, count }]) => ({
      id,
      from,
      to,
      label: `${count} ${count === 1 ? "use" : "uses"}`,
    })),
    centre: pedigree.root,
    words: WORDS,
  };
}
