/**
 * How fast events come in: read, validate and hash, JSON and XML, in events a second, against the floor of the same run,
 * one JSON.parse of the same text. The document streams in 64 KiB chunks, as a capture does.
 */
import { documentReader, eventHash, isObject, readDocument, toXml, validateEvent } from "../src/index.ts";

/** A made event of each common kind in turn, with extension, quantity and parties: about 900 bytes. */
function eventText(i: number): string {
  const common = `"eventTime":"2024-05-01T10:${String(i % 60).padStart(2, "0")}:00.000+02:00","eventTimeZoneOffset":"+02:00","eventID":"urn:uuid:0190a3f0-0000-7000-8000-${String(i).padStart(12, "0")}","bizStep":"shipping","disposition":"in_transit","readPoint":{"id":"urn:epc:id:sgln:4012345.00005.0"},"bizTransactionList":[{"type":"desadv","bizTransaction":"urn:epcglobal:cbv:bt:4012345000009:A${i}"}],"sourceList":[{"type":"possessing_party","source":"urn:epc:id:pgln:4012345.00000"}],"destinationList":[{"type":"possessing_party","destination":"urn:epc:id:pgln:4023333.00000"}],"ex:order":"A-${i}"`;
  const lot = `{"epcClass":"urn:epc:class:lgtin:4012345.012345.${i}","quantity":${i}.25,"uom":"KGM"}`;
  if (i % 3 === 0)
    return `{"type":"ObjectEvent","action":"OBSERVE","epcList":["urn:epc:id:sscc:4012345.${String(i).padStart(10, "0")}"],"quantityList":[${lot}],${common}}`;
  if (i % 3 === 1)
    return `{"type":"AggregationEvent","action":"ADD","parentID":"urn:epc:id:sscc:4012345.${String(i).padStart(10, "0")}","childQuantityList":[${lot}],${common}}`;
  return `{"type":"TransformationEvent","inputQuantityList":[${lot}],"outputQuantityList":[${lot.replace("12345.012345", "12345.012346")}],${common}}`;
}

export async function bench({ tiny }: { tiny: boolean }): Promise<Record<string, unknown>> {
  const count = tiny ? 200 : 50_000;
  const events = Array.from({ length: count }, (_, i) => eventText(i)).join(",\n");
  const json = `{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"ex":"https://ex.org/"}],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2024-05-01T10:00:00Z","epcisBody":{"eventList":[${events}]}}`;
  const jsonBytes = new TextEncoder().encode(json);
  const xmlBytes = new TextEncoder().encode(toXml(readDocument(jsonBytes)));
  const rounds = tiny ? 1 : 3;
  const floor = fastest(rounds, count, () => JSON.parse(json));
  const jsonRate = fastest(rounds, count, () => capture(jsonBytes, count));
  const xmlRate = fastest(rounds, count, () => capture(xmlBytes, count));
  return {
    events: count,
    bytes: jsonBytes.length,
    jsonEventsPerSecond: Math.round(jsonRate),
    xmlEventsPerSecond: Math.round(xmlRate),
    floorJsonParseEventsPerSecond: Math.round(floor),
    ratioToFloor: Number((jsonRate / floor).toFixed(4)),
  };
}

function capture(bytes: Uint8Array, expected: number): void {
  const reader = documentReader(bytes);
  let count = 0;
  const take = (found: ReturnType<typeof reader.push>) => {
    for (const event of found) {
      if (!validateEvent(event).isValid || !isObject(event.value)) throw new Error(`event ${event.index} is invalid`);
      if (eventHash(event.value, event.namespaces).length > 0) count++;
    }
  };
  for (let i = 0; i < bytes.length; i += 65_536) take(reader.push(bytes.subarray(i, i + 65_536)));
  take(reader.end().events);
  if (count !== expected) throw new Error(`${count} of ${expected} events`);
}

/** Events a second of the fastest round. */
function fastest(rounds: number, count: number, work: () => unknown): number {
  let best = 0;
  for (let i = 0; i < rounds; i++) {
    const startedAt = performance.now();
    work();
    best = Math.max(best, (count / (performance.now() - startedAt)) * 1_000);
  }
  return best;
}
