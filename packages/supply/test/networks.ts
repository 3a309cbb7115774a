/** Random firm networks for property tests. */
import fc from "fast-check";
import { type FirmNetwork, firmNetwork, type FirmNetworkInput } from "../src/index.ts";

/** Small inputs of every shape: loops, self-supply, isolated firms, repeated pairs, all three essentialities. */
export function networkInputs(): fc.Arbitrary<FirmNetworkInput> {
  return fc
    .record({ firms: fc.integer({ min: 2, max: 14 }), sectors: fc.integer({ min: 1, max: 4 }) })
    .chain((size) => {
      const firm = fc.nat(size.firms - 1);
      const value = fc.double({ min: 1, max: 100, noNaN: true });
      const names = Array.from({ length: size.sectors }, (_, i) => `S${i}`);
      return fc
        .record({
          sectorOfFirm: fc.array(fc.constantFrom(...names), { minLength: size.firms, maxLength: size.firms }),
          links: fc.array(fc.tuple(firm, firm, value), { minLength: 1, maxLength: 40 }),
          codes: fc.array(fc.nat(2), { minLength: size.sectors ** 2, maxLength: size.sectors ** 2 }),
        })
        .map(({ sectorOfFirm, links, codes }) => ({
          firms: Array.from({ length: size.firms }, (_, i) => `F${i}`),
          sectorOfFirm,
          supplier: links.map((link) => link[0]),
          buyer: links.map((link) => link[1]),
          value: links.map((link) => link[2]),
          essentiality: { sectors: names, codes: Uint8Array.from(codes) },
        }));
    });
}

export function networks(): fc.Arbitrary<FirmNetwork> {
  return networkInputs().map(firmNetwork);
}
