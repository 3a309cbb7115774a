/** Contents of supply: what a supply network depends on, what stops when a part of it fails, and what to buy against it. */
export { csvLine, CsvReader, type CsvRow, csvRows } from "./csv-reader.ts";
export { LinkReader, type FirmTable, readEssentiality, readFirms } from "./firm-csv.ts";
export { type EssentialityMatrix, type FirmNetwork, firmNetwork, type FirmNetworkInput } from "./firm-network.ts";
export {
  cascadePlain,
  EPSILON_DEFAULT,
  type EsriCascade,
  type EsriOptions,
  type EsriResult,
  fullShock,
  type Shock,
} from "./esri-plain.ts";
export { quoted, type SupplyCode, type SupplyProblem } from "./supply-problem.ts";
