/** Bars, lines with a band, the map and the network. */
import { BarChart } from "../src/chart/bar-chart.tsx";
import { LineChart } from "../src/chart/line-chart.tsx";
import type { Network } from "../src/chart/network-layout.ts";
import { NetworkView } from "../src/chart/network-view.tsx";
import { type MapPlace, WorldMap } from "../src/chart/world-map.tsx";
import { ready } from "../src/ui/load-state.ts";
import { Page } from "../src/ui/page.tsx";

const bars = ready([
  { id: "CN", name: "China", value: 69.2, isMarked: true },
  { id: "US", name: "United States", value: 11.5 },
  { id: "MM", name: "Myanmar", value: 7.9 },
  { id: "AU", name: "Australia", value: 3.3 },
  { id: "XX", name: "Other countries", value: null },
]);

const lines = ready([
  {
    name: "Stock",
    points: Array.from({ length: 24 }, (_, i) => ({
      at: new Date(Date.UTC(2025, i)).toISOString(),
      value: 100 + 20 * Math.sin(i / 3),
      low: 90 + 18 * Math.sin(i / 3),
      high: 112 + 22 * Math.sin(i / 3),
    })),
  },
  {
    name: "Need",
    points: Array.from({ length: 24 }, (_, i) => ({ at: new Date(Date.UTC(2025, i)).toISOString(), value: 80 + i })),
  },
] as const);

const places: MapPlace[] = [
  ["Mount Weld", "AU", 122.5, -28.8, "normal"],
  ["Kuantan", "MY", 103.4, 3.9, "critical"],
  ["Bayan Obo", "CN", 109.9, 41.8, "normal"],
  ["Ganzhou", "CN", 114.9, 25.8, "critical"],
  ["Guangzhou", "CN", 113.3, 23.1, "normal"],
  ["Mountain Pass", "US", -115.5, 35.5, "attention"],
  ["Silmet", "EE", 27.7, 59.4, "normal"],
].map(([label, country, longitude, latitude, tone], i) => ({
  id: String(i),
  label: String(label),
  detail: `plant, ${String(country)}`,
  longitude: Number(longitude),
  latitude: Number(latitude),
  tone: tone === "critical" ? "critical" : tone === "attention" ? "attention" : "normal",
  href: `#${String(label)}`,
}));

const network: Network = {
  nodes: ["Mount Weld", "Bayan Obo", "Kuantan", "Ganzhou", "Magnet works", "Motor plant"].map((label, i) => ({
    id: label,
    label,
    detail: ["mine, AU", "mine, CN", "refinery, MY", "refinery, CN", "plant, DE", "plant, DE"][i] ?? "",
    tone: label === "Kuantan" ? "critical" : "normal",
    href: `#${label}`,
  })),
  links: [
    ["Mount Weld", "Kuantan", "mixed concentrate, 100 %"],
    ["Bayan Obo", "Ganzhou", "mixed concentrate, 80 %"],
    ["Kuantan", "Magnet works", "NdPr oxide, 35 %"],
    ["Ganzhou", "Magnet works", "NdPr oxide, 65 %"],
    ["Magnet works", "Motor plant", "sintered magnet, 100 %"],
  ].map(([from = "", to = "", label = ""], i) => ({ id: String(i), from, to, label })),
};

export function Charts() {
  return (
    <Page title="Charts, map and network">
      <BarChart
        title="Rare earths mined, by country"
        meaning="Share of the world's mine production, 2024."
        nameHeader="Country"
        valueHeader="Share"
        unit="%"
        state={bars}
        empty="No production is known."
      />
      <LineChart title="Stock against need" unit="t" state={lines} empty="No stock is known." />
      <WorldMap title="Where the sites are" state={ready(places)} empty="No site has a position." />
      <NetworkView title="Who supplies the motor plant" state={ready(network)} empty="No supplier is known." />
    </Page>
  );
}
