import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { networkInputs } from "../test/networks.ts";
import { cascadePlain, type EsriOptions, fullShock } from "./esri-plain.ts";
import { type FirmNetwork, firmNetwork, type FirmNetworkInput } from "./firm-network.ts";

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-12, `${actual} is not ${expected}`);
const shocked = (network: FirmNetwork, firms: readonly number[], options: EsriOptions) =>
  cascadePlain(network, fullShock(network.firms.length, firms), options);
const list = (values: ArrayLike<number>) => Array.from(values);
const settings = fc.record({ replaceability: fc.boolean() });
/** Steps near epsilon may fall on its other side by rounding; the fixed point does not, so compare close to it. */
const deep = { epsilon: 1e-9 };

test("scaling all values leaves the index unchanged (section 14, 1)", () => {
  fc.assert(
    fc.property(networkInputs(), settings, fc.constantFrom(0.125, 4, 1_024), (input, options, factor) => {
      const scaled = firmNetwork({ ...input, value: list(input.value).map((value) => value * factor) });
      const network = firmNetwork(input);
      for (let firm = 0; firm < input.firms.length; firm++) {
        const [a, b] = [shocked(network, [firm], options), shocked(scaled, [firm], options)];
        near(a.esri, b.esri);
        assert.equal(a.iterations, b.iterations);
      }
    }),
  );
});

test("renumbering firms renumbers results (section 14, 2)", () => {
  fc.assert(
    fc.property(networkInputs(), settings, (input, options) => {
      const last = input.firms.length - 1;
      const reversed = firmNetwork({
        ...input,
        firms: input.firms.toReversed(),
        sectorOfFirm: input.sectorOfFirm.toReversed(),
        supplier: list(input.supplier).map((firm) => last - firm),
        buyer: list(input.buyer).map((firm) => last - firm),
      });
      const network = firmNetwork(input);
      for (let firm = 0; firm <= last; firm++)
        near(shocked(network, [firm], options).esri, shocked(reversed, [last - firm], options).esri);
    }),
  );
});

test("merging two suppliers of one sector leaves the loss of stopping both unchanged (section 14, 3)", () => {
  fc.assert(
    fc.property(networkInputs(), (input) => {
      const twin = input.sectorOfFirm.indexOf(input.sectorOfFirm[0]!, 1); // every input has two firms at least
      // a buyer keeps its own recipe, so only firms that buy nothing merge without a change of meaning
      fc.pre(twin > 0 && !list(input.buyer).some((buyer) => buyer === 0 || buyer === twin));
      const merged = firmNetwork({
        ...input,
        supplier: list(input.supplier).map((firm) => (firm === twin ? 0 : firm)),
      });
      near(shocked(firmNetwork(input), [0, twin], deep).esri, shocked(merged, [0, twin], deep).esri);
    }),
  );
});

test("splitting a firm into two equal halves leaves the loss of stopping both unchanged (section 14, 11)", () => {
  fc.assert(
    fc.property(networkInputs(), (input) => {
      fc.pre(!list(input.supplier).some((supplier, k) => supplier === 0 && input.buyer[k] === 0));
      const half = input.firms.length;
      const [supplier, buyer, value]: [number[], number[], number[]] = [[], [], []];
      for (let k = 0; k < input.value.length; k++) {
        const touches = input.supplier[k] === 0 || input.buyer[k] === 0;
        for (const copy of touches ? [0, half] : [0]) {
          supplier.push(input.supplier[k] === 0 ? copy : input.supplier[k]!); // arrays of one length
          buyer.push(input.buyer[k] === 0 ? copy : input.buyer[k]!);
          value.push(touches ? input.value[k]! / 2 : input.value[k]!);
        }
      }
      const split = firmNetwork({
        ...input,
        firms: [...input.firms, "half"],
        sectorOfFirm: [...input.sectorOfFirm, input.sectorOfFirm[0]!],
        supplier,
        buyer,
        value,
      });
      near(shocked(firmNetwork(input), [0], deep).esri, shocked(split, [0, half], deep).esri);
    }),
  );
});

test("the index lies between the firm's own weight and 1, and a larger shock leaves no level higher (section 14, 4)", () => {
  fc.assert(
    fc.property(networkInputs(), settings, fc.double({ min: 0.1, max: 1, noNaN: true }), (input, options, part) => {
      const network = firmNetwork(input);
      const small = new Float64Array(input.firms.length).fill(0, 1);
      small[0] = part;
      const less = cascadePlain(network, { down: small, up: small }, { ...options, ...deep });
      const more = shocked(network, [0], { ...options, ...deep });
      assert.ok(more.esri >= network.weight[0]! / network.weightTotal - 1e-12 && more.esri <= 1);
      for (const [i, level] of more.levelDown.entries()) assert.ok(level <= less.levelDown[i]! + 1e-6);
      for (const [i, level] of more.levelUp.entries()) assert.ok(level <= less.levelUp[i]! + 1e-6);
    }),
  );
});

test("raising an input from negligible to non-essential never lowers a loss (section 14, 4)", () => {
  fc.assert(
    fc.property(networkInputs(), fc.nat(15), (input, place) => {
      const codes = Uint8Array.from(input.essentiality!.codes); // networkInputs always gives one
      fc.pre(codes[place] === 0);
      const before = shocked(firmNetwork(input), [0], deep).esriDown;
      codes[place] = 1;
      const raised: FirmNetworkInput = { ...input, essentiality: { ...input.essentiality!, codes } };
      assert.ok(shocked(firmNetwork(raised), [0], deep).esriDown >= before - 1e-6);
    }),
  );
});

test("raising an input from non-essential to essential can lower a loss (section 14, 4)", () => {
  const esriDown = (code: number) => {
    const sectors = ["1", "2", "3"];
    const codes = Uint8Array.of(1, 1, 1, 1, 1, code, 1, 1, 1); // code: what sector 2 means to sector 3
    const network = firmNetwork({
      firms: ["A", "B", "C", "D"],
      sectorOfFirm: ["1", "2", "2", "3"],
      supplier: [0, 1, 2],
      buyer: [3, 3, 3],
      value: [2, 2, 2],
      weight: [0, 0, 0, 1],
      essentiality: { sectors, codes },
    });
    return shocked(network, [0, 1], deep).esriDown;
  };
  near(esriDown(1), 2 / 3);
  near(esriDown(2), 1 / 2);
});

test("removing a firm without flows changes nothing (section 14, 11)", () => {
  fc.assert(
    fc.property(networkInputs(), settings, (input, options) => {
      const wider = firmNetwork({
        ...input,
        firms: [...input.firms, "idle"],
        sectorOfFirm: [...input.sectorOfFirm, input.sectorOfFirm[0]!], // there are two firms at least
      });
      const network = firmNetwork(input);
      for (let firm = 0; firm < input.firms.length; firm++)
        assert.equal(shocked(network, [firm], options).esri, shocked(wider, [firm], options).esri);
    }),
  );
});
