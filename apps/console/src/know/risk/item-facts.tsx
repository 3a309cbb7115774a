/** Facts of an item: codes by which customs and export control know it, lists on which it stands. */
import { type Output, registry } from "@holdfast/api";
import { ObjectFacts } from "../registry/evidence.tsx";
import { commonFacts } from "../registry/object-page.tsx";

export function ItemFacts({ item }: { item: Output<typeof registry.items.get> }) {
  const { mineral } = item;
  return (
    <ObjectFacts
      id={item.id}
      label="Facts of the item"
      evidence={item.facts}
      facts={[
        { field: "kind", label: "Kind", value: item.kind },
        { field: "unit", label: "Unit", value: registry.UNITS[item.unit], hint: "UN/ECE Recommendation 20" },
        { field: "hsCode", label: "HS code", value: item.hsCode, hint: "Harmonized System" },
        { field: "eccn", label: "ECCN", value: item.eccn, hint: "Export Control Classification Number" },
        {
          field: "mineral",
          label: "Mineral",
          value: mineral && (
            <a href={`/know/minerals/${mineral.mineral}`}>
              {mineral.mineral}, {mineral.stage}
            </a>
          ),
        },
        { field: "lists", label: "On lists", value: item.lists.join("; ") || undefined },
        ...commonFacts(item),
      ]}
    />
  );
}
