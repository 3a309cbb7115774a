import { strict as assert } from "node:assert";
import { test } from "node:test";
import { decimalText, type EpcisEvent } from "@holdfast/epcis";
import { makeWorld, randomOf, stored, type World } from "../test/world.ts";
import { inUnit, type Pedigree, threadOf, trace, traceFrom, idsTouched } from "./index.ts";

const worlds = [1, 2, 3].map((seed) => makeWorld(seed, 400));

const withRelation = ({ things, root }: Pedigree, names: readonly string[]) =>
  things
    .filter(({ id, relations }) => id !== root && relations.some((relation) => names.includes(relation)))
    .map(({ id }) => id);
const sorted = (ids: Iterable<string>) => [...ids].sort();

/** Descendants by inverting the known ancestors. */
function descendantsOf({ truth }: World): Map<string, Set<string>> {
  const descendants = new Map<string, Set<string>>([...truth.ancestors.keys()].map((id) => [id, new Set()]));
  for (const [id, ancestors] of truth.ancestors) for (const ancestor of ancestors) descendants.get(ancestor)?.add(id);
  return descendants;
}

test("finds exactly the known ancestors and containers of every thing, precision and recall 1", () => {
  let count = 0;
  for (const world of worlds) {
    const thread = threadOf(stored(world.events));
    for (const id of [...world.lots, ...world.pieces]) {
      const pedigree = trace(thread, { id, direction: "back" });
      assert.deepEqual(withRelation(pedigree, ["origin"]), sorted(world.truth.ancestors.get(id) ?? []), id);
      assert.deepEqual(withRelation(pedigree, ["container"]), sorted(world.truth.containers.get(id) ?? []), id);
      assert.deepEqual(pedigree.cycles, []);
      count++;
    }
  }
  assert.ok(count >= 1_000, `${count} things`);
});

test("finds exactly the known descendants and their containers", () => {
  for (const world of worlds) {
    const thread = threadOf(stored(world.events));
    const descendants = descendantsOf(world);
    for (const id of [...world.lots, ...world.pieces]) {
      const pedigree = trace(thread, { id, direction: "forward" });
      assert.deepEqual(withRelation(pedigree, ["product"]), sorted(descendants.get(id) ?? []), id);
      assert.deepEqual(withRelation(pedigree, ["container"]), sorted(world.truth.containersAfter.get(id) ?? []), id);
    }
  }
});

test("gives every amount exactly", () => {
  for (const world of worlds) {
    const thread = threadOf(stored(world.events));
    for (const id of world.lots.slice(-50)) {
      const { edges } = trace(thread, { id, direction: "back" });
      for (const { kind, from, to, amount } of edges) {
        if (kind !== "input" && kind !== "output") continue;
        const [step, thing] = kind === "input" ? [to, from] : [from, to];
        const expected = world.truth.amounts.get(`${step} ${kind} ${thing}`);
        if (expected) assert.equal(decimalText(inUnit(amount, "g")), decimalText(expected), `${step} ${kind} ${thing}`);
      }
    }
  }
});

test("does not depend on the order or repetition of events", () => {
  const [world] = worlds;
  assert.ok(world);
  const random = randomOf(99);
  const shuffled = [...world.events, ...world.events.slice(0, 50)].sort(() => random() - 0.5);
  const [a, b] = [threadOf(stored(world.events)), threadOf(stored(shuffled))];
  for (const direction of ["back", "forward"] as const)
    for (const id of world.lots.slice(0, 40))
      assert.deepEqual(trace(b, { id, direction }), trace(a, { id, direction }));
});

test("loads from a store only what the walk reaches, with the same result", async () => {
  const [world] = worlds;
  assert.ok(world);
  const thread = threadOf(stored(world.events));
  const index = new Map<string, EpcisEvent[]>();
  for (const event of world.events)
    for (const id of idsTouched(event)) index.set(id, [...(index.get(id) ?? []), event]);
  let rounds = 0;
  const load = async (ids: readonly string[]) => {
    rounds++;
    return stored(ids.flatMap((id) => index.get(id) ?? []));
  };
  const id = world.lots.at(-1)!; // a world has lots
  const { pedigree } = await traceFrom(load, { id, direction: "back" });
  assert.deepEqual(pedigree, trace(thread, { id, direction: "back" }));
  assert.ok(rounds < 40, `${rounds} rounds`);
});

const at = (hour: number) => ({
  eventTime: `2024-01-01T${String(hour).padStart(2, "0")}:00:00Z`,
  eventTimeZoneOffset: "+00:00",
});
const step = (hour: number, inputs: readonly string[], outputs: readonly string[], more: object = {}): EpcisEvent => ({
  type: "TransformationEvent",
  ...at(hour),
  inputQuantityList: inputs.map((epcClass) => ({ epcClass, quantity: 1, uom: "KGM" })),
  outputQuantityList: outputs.map((epcClass) => ({ epcClass, quantity: 1, uom: "KGM" })),
  ...more,
});
const pack = (
  hour: number,
  action: "ADD" | "DELETE" | "OBSERVE",
  parentID: string,
  childEPCs?: readonly string[],
): EpcisEvent => ({
  type: "AggregationEvent",
  ...at(hour),
  action,
  parentID,
  ...(childEPCs ? { childEPCs } : {}),
});
const run = (events: readonly EpcisEvent[], id: string, direction: "back" | "forward", atMs?: number) =>
  trace(threadOf(stored(events)), { id, direction, ...(atMs === undefined ? {} : { atMs }) });
const ids = ({ things }: Pedigree) => things.map(({ id }) => id);

test("knows time: what came out before something went in does not come from it", () => {
  const events = [
    step(1, ["urn:l:a"], ["urn:l:m"]),
    step(2, ["urn:l:m"], ["urn:l:x"]),
    step(3, ["urn:l:b"], ["urn:l:m"]),
    step(4, ["urn:l:m"], ["urn:l:y"]),
  ];
  assert.deepEqual(ids(run(events, "urn:l:x", "back")), ["urn:l:a", "urn:l:m", "urn:l:x"]);
  assert.deepEqual(ids(run(events, "urn:l:y", "back")), ["urn:l:a", "urn:l:b", "urn:l:m", "urn:l:y"]);
  assert.deepEqual(ids(run(events, "urn:l:b", "forward")), ["urn:l:b", "urn:l:m", "urn:l:y"]);
  assert.deepEqual(ids(run(events, "urn:l:m", "back", Date.UTC(2024, 0, 1, 2))), ["urn:l:a", "urn:l:m"]);
});

test("never follows siblings, co-inputs or what else was in the container", () => {
  const events = [
    step(1, ["urn:l:a", "urn:l:b"], ["urn:l:x", "urn:l:sibling"]),
    pack(2, "ADD", "urn:c:1", ["urn:i:1", "urn:i:2"]),
    step(3, [], [], { inputEPCList: ["urn:i:0"], outputEPCList: ["urn:i:1"], ...at(1) }),
  ];
  assert.deepEqual(ids(run(events, "urn:l:x", "back")), ["urn:l:a", "urn:l:b", "urn:l:x"]);
  assert.deepEqual(ids(run(events, "urn:i:1", "back")), ["urn:c:1", "urn:i:0", "urn:i:1"]);
  assert.deepEqual(ids(run(events, "urn:l:a", "forward")), ["urn:l:a", "urn:l:sibling", "urn:l:x"]);
});

test("follows a container only while the thing was in it, and opens the container that was asked for", () => {
  const events = [
    pack(1, "ADD", "urn:c:box", ["urn:i:1"]),
    pack(2, "ADD", "urn:c:pallet", ["urn:c:box"]),
    pack(3, "DELETE", "urn:c:box", ["urn:i:1"]),
    pack(4, "DELETE", "urn:c:pallet"),
    pack(5, "ADD", "urn:c:truck", ["urn:c:box"]),
    pack(5, "ADD", "urn:c:box", ["urn:i:2"]),
  ];
  assert.deepEqual(ids(run(events, "urn:i:1", "back")), ["urn:c:box", "urn:c:pallet", "urn:i:1"]);
  assert.deepEqual(ids(run(events, "urn:i:2", "back")), ["urn:c:box", "urn:c:truck", "urn:i:2"]);
  assert.deepEqual(withRelation(run(events, "urn:c:box", "back"), ["content"]), ["urn:i:1", "urn:i:2"]);
});

test("a container that goes into a step takes its contents along, both ways", () => {
  const events = [
    pack(1, "ADD", "urn:c:drum", ["urn:i:1", "urn:i:2"]),
    step(2, [], ["urn:l:x"], { inputEPCList: ["urn:c:drum"] }),
  ];
  assert.deepEqual(ids(run(events, "urn:l:x", "back")), ["urn:c:drum", "urn:i:1", "urn:i:2", "urn:l:x"]);
  assert.deepEqual(ids(run(events, "urn:i:1", "forward")), ["urn:c:drum", "urn:i:1", "urn:l:x"]);
});

test("joins events of one transformationID into one transformation (EPCIS 2.0 7.4.5)", () => {
  const shared = { transformationID: "urn:t:1" };
  const events = [
    step(1, ["urn:l:a"], [], shared),
    step(2, [], ["urn:l:x"], shared),
    step(3, ["urn:l:a", "urn:l:b"], ["urn:l:y"], shared),
  ];
  const { steps, edges } = run(events, "urn:l:x", "back");
  assert.equal(steps.length, 1);
  assert.equal(steps[0]?.events.length, 3);
  assert.deepEqual(
    edges.map(({ kind, from, to, amount }) => [kind, from, to, decimalText(inUnit(amount, "g"))]),
    [
      ["input", "urn:l:a", "urn:t:1", "2000"],
      ["input", "urn:l:b", "urn:t:1", "1000"],
      ["output", "urn:t:1", "urn:l:x", "1000"],
    ],
  );
});

test("follows parts into what they were installed in, while they were (AssociationEvent)", () => {
  const associate = (hour: number, action: "ADD" | "DELETE", part: string): EpcisEvent => ({
    type: "AssociationEvent",
    ...at(hour),
    action,
    parentID: "urn:i:motor",
    childEPCs: [part],
  });
  const events = [
    step(1, ["urn:l:a"], [], { outputEPCList: ["urn:i:magnet"] }),
    associate(2, "ADD", "urn:i:magnet"),
    step(3, [], [], { inputEPCList: ["urn:i:motor"], outputEPCList: ["urn:i:car"] }),
    associate(4, "DELETE", "urn:i:magnet"),
    step(5, [], [], { inputEPCList: ["urn:i:motor"], outputEPCList: ["urn:i:scrap"] }),
  ];
  assert.deepEqual(ids(run(events, "urn:i:car", "back")), ["urn:i:car", "urn:i:magnet", "urn:i:motor", "urn:l:a"]);
  assert.deepEqual(ids(run(events, "urn:l:a", "forward")), ["urn:i:car", "urn:i:magnet", "urn:i:motor", "urn:l:a"]);
});

test("reports a lot that is its own ancestor and does not loop", () => {
  const events = [
    step(1, ["urn:l:a"], ["urn:l:b"]),
    step(1, ["urn:l:b"], ["urn:l:a"]),
    step(2, ["urn:l:c"], ["urn:l:c"]),
  ];
  assert.deepEqual(run(events, "urn:l:a", "back").cycles, [["urn:l:a", "urn:l:b"]]);
  assert.deepEqual(run(events, "urn:l:c", "forward").cycles, [["urn:l:c"]]);
  const boxes = [pack(1, "ADD", "urn:c:1", ["urn:c:2"]), pack(2, "ADD", "urn:c:2", ["urn:c:1"])];
  assert.deepEqual(run(boxes, "urn:c:1", "back").cycles, [["urn:c:1", "urn:c:2"]]);
});

test("undoes what an error declaration names, whichever came first, and recomputes late events", () => {
  const wrong = step(1, ["urn:l:wrong"], ["urn:l:x"], { eventID: "urn:e:1" });
  const right = step(1, ["urn:l:right"], ["urn:l:x"], { eventID: "urn:e:2" });
  const declared = {
    ...wrong,
    errorDeclaration: {
      declarationTime: "2024-01-02T00:00:00Z",
      reason: "incorrect_data",
      correctiveEventIDs: ["urn:e:2"],
    },
  };
  for (const events of [
    [wrong, declared, right],
    [right, declared, wrong],
    [declared, right, wrong],
  ]) {
    assert.deepEqual(ids(run(events, "urn:l:x", "back")), ["urn:l:right", "urn:l:x"]);
    assert.deepEqual(threadOf(stored(events)).undone, ["urn:e:1"]);
  }
  assert.deepEqual(threadOf(stored([declared])).withoutTarget, ["urn:e:1"]);
  assert.deepEqual(ids(run([wrong, step(0, ["urn:l:late"], ["urn:l:wrong"])], "urn:l:x", "back")), [
    "urn:l:late",
    "urn:l:wrong",
    "urn:l:x",
  ]);
});

test("walks a chain of 30,000 steps without exhausting the stack", () => {
  const events = Array.from({ length: 30_000 }, (_, i) => ({
    event: {
      ...step(0, [`urn:l:${i}`], [`urn:l:${i + 1}`]),
      eventTime: new Date(Date.UTC(2024, 0, 1) + i * 1_000).toISOString(),
    },
    hash: `h${i}`,
  }));
  assert.equal(trace(threadOf(events), { id: "urn:l:30000", direction: "back" }).things.length, 30_001);
});
