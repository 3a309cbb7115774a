import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import { randomModel } from "../bench/random-model.ts";
import {
  ARCS_PER_GROUP_MAX,
  GROUPS_PER_PROCESS_MAX,
  HAZARDS_MAX,
  PROCESSES_MAX,
  readSupplyNetwork,
} from "./network-reader.ts";

const mine = { id: "M", site: "S", item: "ore", ratePerDay: 4, capacityPerDay: 5 };
const input = { id: "ore", quantityPerUnit: 2, essentiality: 2, arcs: [{ supplier: "M", share: 1, status: "used" }] };
const plant = { id: "P", site: "S", item: "metal", ratePerDay: 2, capacityPerDay: 2, demandPerDay: 2, inputs: [input] };
const document = () => ({
  items: [
    { id: "ore", unit: "t", kind: "material" },
    { id: "metal", unit: "t", kind: "product" },
  ],
  sites: [{ id: "S", country: "CL", owner: "O", exposures: ["river"] }],
  processes: [mine, plant],
});
const refuses = (changed: unknown, code: string, path?: string) =>
  assert.throws(
    () => readSupplyNetwork(changed),
    (error) => {
      assert.ok(error instanceof Problem, String(error));
      assert.equal(error.code, code, error.message);
      if (path !== undefined) assert.equal(error.detail["path"], path);
      return true;
    },
  );
const withPlant = (change: object) => ({ ...document(), processes: [mine, { ...plant, ...change }] });
const withInput = (change: object) => withPlant({ inputs: [{ ...input, ...change }] });

test("reads a balanced network without a note, and works out flows and cover", () => {
  const { processes, notes } = readSupplyNetwork(withInput({ inventoryDays: 3 }));
  assert.deepEqual(notes, []);
  const group = processes[1]!.groups[0]!;
  assert.deepEqual([group.stock, group.cover, group.arcs[0]!.flow], [12, 16, 4]);
});

test("remembers every number that nobody measured", () => {
  const estimate = { value: 2, low: 1, high: 3, origin: "estimated" };
  const { assumptions } = readSupplyNetwork(withPlant({ stock: estimate }));
  assert.deepEqual(assumptions, [{ path: "processes[1].stock", ...estimate }]);
  assert.deepEqual(readSupplyNetwork(withPlant({ stock: { value: 2, origin: "measured" } })).assumptions, []);
});

test("names the path of every value it refuses (section 1)", () => {
  const arcs = "processes[1].inputs[0].arcs";
  refuses(withInput({ arcs: [{ supplier: "M", share: 0.9, status: "used" }] }), "supply/shares-unbalanced", arcs);
  refuses(withInput({ arcs: [] }), "supply/shares-unbalanced", arcs);
  refuses(
    withInput({ arcs: [{ supplier: "M", share: 1.1, status: "used" }] }),
    "supply/number-invalid",
    `${arcs}[0].share`,
  );
  refuses(
    withInput({ arcs: [{ supplier: "X", share: 1, status: "used" }] }),
    "supply/reference-unknown",
    `${arcs}[0].supplier`,
  );
  refuses(withInput({ essentiality: 3 }), "supply/essentiality-unknown", "processes[1].inputs[0].essentiality");
  refuses(withInput({ quantityPerUnit: 0 }), "supply/number-invalid", "processes[1].inputs[0].quantityPerUnit");
  refuses(withInput({ quorum: 2 }), "supply/number-invalid", "processes[1].inputs[0].quorum");
  refuses(withInput({ essentiality: 1 }), "supply/number-invalid", "processes[1].inputs[0].costShare");
  refuses(withPlant({ stock: -1 }), "supply/number-invalid", "processes[1].stock");
  refuses(withPlant({ stock: Number.NaN }), "supply/number-invalid", "processes[1].stock");
  refuses(withPlant({ capacityPerDay: 1 }), "supply/number-invalid", "processes[1].capacityPerDay");
  refuses(withPlant({ ratePerDay: 0 }), "supply/output-zero", "processes[1].ratePerDay");
  refuses(withPlant({ colour: "red" }), "supply/document-malformed", "processes[1]");
  refuses(withPlant({ id: "M" }), "supply/id-duplicate", "processes[1].id");
  refuses(withPlant({ inputs: [input, input] }), "supply/id-duplicate", "processes[1].inputs[1].id");
  refuses({ ...document(), sites: [{ id: "S", country: "Chile" }] }, "supply/document-malformed", "sites[0].country");
  refuses({ ...document(), processes: [] }, "supply/network-empty", "processes");
  refuses([], "supply/document-malformed", "");
  const linear = { essentiality: 1, costShare: 0.6 };
  refuses(
    withPlant({
      inputs: [
        { ...input, ...linear },
        { ...input, ...linear, id: "b" },
      ],
    }),
    "supply/shares-unbalanced",
  );
});

test("finds the sites of a hazard, and refuses one that hits none", () => {
  const hazard = { id: "flood", ratePerYear: 0.1, vulnerability: 0.5, downtimeDays: { low: 2, high: 30 } };
  for (const [kind, value] of [
    ["site", "S"],
    ["country", "CL"],
    ["owner", "O"],
    ["exposure", "river"],
  ])
    assert.deepEqual(
      readSupplyNetwork({ ...document(), hazards: [{ ...hazard, scope: { kind, value } }] }).hazards[0]!.sites,
      [0],
    );
  const scope = { kind: "country", value: "XX" };
  refuses({ ...document(), hazards: [{ ...hazard, scope }] }, "supply/reference-unknown", "hazards[0].scope");
});

test("states imbalance, circles and pieces in notes", () => {
  const loose = { ...mine, id: "L", ratePerDay: 1 };
  const circle = { ...plant, item: "ore", demandPerDay: 0 };
  const back = (supplier: string) => [{ ...input, quantityPerUnit: 1, arcs: [{ supplier, share: 1, status: "used" }] }];
  const { notes } = readSupplyNetwork({
    ...document(),
    processes: [loose, { ...circle, id: "A", inputs: back("B") }, { ...circle, id: "B", inputs: back("A") }],
  });
  assert.deepEqual(notes, [
    "process `L` makes 1 a day and 0 a day are taken from it",
    "recipe circle: `A`, `B`",
    "the network is in 2 pieces; each is calculated, none affects another",
  ]);
});

test("takes as many members as the limits say, and refuses one more", () => {
  const arc = { supplier: "M", status: "qualified" };
  const used = { supplier: "M", share: 1, status: "used" };
  readSupplyNetwork(withInput({ arcs: [used, ...Array(ARCS_PER_GROUP_MAX - 1).fill(arc)] }));
  refuses(withInput({ arcs: [used, ...Array(ARCS_PER_GROUP_MAX).fill(arc)] }), "supply/limit-exceeded");
  const groups = Array.from({ length: GROUPS_PER_PROCESS_MAX + 1 }, (_, i) => ({
    ...input,
    essentiality: 0,
    id: `${i}`,
  }));
  readSupplyNetwork(withPlant({ inputs: groups.slice(1) }));
  refuses(withPlant({ inputs: groups }), "supply/limit-exceeded");
  refuses({ ...document(), hazards: Array(HAZARDS_MAX + 1).fill({}) }, "supply/limit-exceeded");
  refuses({ ...document(), processes: Array(PROCESSES_MAX + 1).fill({}) }, "supply/limit-exceeded");
});

test("reads the network of the benches without a note on balance", () => {
  const { notes } = readSupplyNetwork(randomModel({ processes: 200, arcs: 500, seed: 1 }));
  assert.ok(
    notes.every((note) => note.includes("pieces")),
    notes.join("\n"),
  );
});
