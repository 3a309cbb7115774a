/** Contents of supply: what a supply network depends on, what stops when a part of it fails, and what to buy against it. */
export { csvLine, CsvReader, type CsvRow, csvRows } from "./csv-reader.ts";
export { type CascadeLayout, cascadeLayout } from "./cascade-layout.ts";
export { type EsriBounds, esriBounds } from "./esri-bound.ts";
export { EsriEngine, type ShockOutcome, type Stop } from "./esri-engine.ts";
export {
  cascadePlain,
  EPSILON_DEFAULT,
  type EsriCascade,
  type EsriOptions,
  type EsriResult,
  fullShock,
  type Shock,
} from "./esri-plain.ts";
export {
  type EsriBlock,
  type EsriBlockOutcome,
  type EsriColumns,
  esriOfFirms,
  EsriSurvey,
  runBlock,
} from "./esri-survey.ts";
export { type RankedFirm, TopSearch } from "./esri-top.ts";
export { type FirmTable, LinkReader, readEssentiality, readFirms } from "./firm-csv.ts";
export { type EssentialityMatrix, type FirmNetwork, firmNetwork, type FirmNetworkInput } from "./firm-network.ts";
export { uniformStream } from "./philox.ts";
export { quoted, type SupplyCode, type SupplyProblem } from "./supply-problem.ts";
