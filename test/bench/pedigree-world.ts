/** Pedigrees of a known size as documents: layers of lots, each made of three of the layer before, so that ways meet again. */

const DAY_MS = 86_400_000;
const BEGIN_MS = Date.UTC(2025, 0, 1);
const INPUTS = 3;
const KILOGRAMS = 900;

export const lotUrn = (pedigree: number, layer: number, n: number) =>
  `urn:epc:class:lgtin:4012345.0${String(12_300 + layer).padStart(5, "0")}.P${pedigree}-${n}`;

/** The document of one pedigree: `layers` of `width` lots, and one lot made of the last layer. */
export function pedigreeDocument(
  pedigree: number,
  { layers, width }: { readonly layers: number; readonly width: number },
): { readonly text: string; readonly root: string; readonly upstream: number } {
  const events: object[] = [];
  const add = (layer: number, event: object) =>
    events.push({
      eventTime: new Date(BEGIN_MS + layer * 10 * DAY_MS + events.length).toISOString(),
      eventTimeZoneOffset: "+00:00",
      eventID: `urn:uuid:00000000-0000-7000-9${String(pedigree).padStart(3, "0")}-${String(events.length).padStart(12, "0")}`,
      readPoint: { id: `urn:epc:id:sgln:4012345.${String(200 + layer).padStart(5, "0")}.0` },
      ...event,
    });
  const quantity = (epcClass: string, kilograms: number) => ({ epcClass, quantity: kilograms, uom: "KGM" });
  for (let n = 0; n < width; n++)
    add(0, {
      type: "ObjectEvent",
      action: "ADD",
      bizStep: "commissioning",
      quantityList: [quantity(lotUrn(pedigree, 0, n), KILOGRAMS)],
    });
  for (let layer = 1; layer < layers; layer++)
    for (let n = 0; n < width; n++)
      add(layer, {
        type: "TransformationEvent",
        bizStep: "creating_class_instance",
        inputQuantityList: Array.from({ length: INPUTS }, (_, i) =>
          quantity(lotUrn(pedigree, layer - 1, (n + i * 7) % width), KILOGRAMS / INPUTS),
        ),
        outputQuantityList: [quantity(lotUrn(pedigree, layer, n), KILOGRAMS)],
      });
  const root = lotUrn(pedigree, layers, 0);
  add(layers, {
    type: "TransformationEvent",
    bizStep: "creating_class_instance",
    inputQuantityList: Array.from({ length: width }, (_, n) => quantity(lotUrn(pedigree, layers - 1, n), KILOGRAMS)),
    outputQuantityList: [quantity(root, KILOGRAMS * width)],
  });
  const text = JSON.stringify({
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2026-01-01T00:00:00Z",
    epcisBody: { eventList: events },
  });
  return { text, root, upstream: layers * width };
}
