/** What the master data of a document says of places: which stands below which (CBV 2.0 9.2, `children` of a location). */
import { canonicalId, type ExactJson, isObject, type Shell } from "@holdfast/epcis";

const PAIRS_MAX = 100_000; // of one document; the rest is not taken over

export function placesOf({ value }: Shell): (readonly [parent: string, child: string])[] {
  const header = isObject(value) ? value["epcisHeader"] : undefined;
  const data = isObject(header) ? header["epcisMasterData"] : undefined;
  const pairs: (readonly [string, string])[] = [];
  for (const vocabulary of objectsOf(isObject(data) ? data["vocabularyList"] : undefined))
    for (const element of objectsOf(vocabulary["vocabularyElementList"]))
      for (const child of Array.isArray(element["children"]) ? element["children"] : [])
        if (typeof element["id"] === "string" && typeof child === "string" && pairs.length < PAIRS_MAX)
          pairs.push([canonicalId(element["id"]), canonicalId(child)]);
  return pairs;
}

function objectsOf(list: ExactJson | undefined) {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
