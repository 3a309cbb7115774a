/** Contents of supply: what a supply network depends on, what stops when a part of it fails, and what to buy against it. */
export { type Alternative, type Alternatives, alternatives } from "./alternatives.ts";
export {
  herfindahl,
  type Interval,
  type ItemConcentration,
  itemConcentration,
  lookThroughShares,
} from "./concentration.ts";
export { CUT_ORDER_MAX, minimalCutSets } from "./cut-sets.ts";
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
export { type Exposure, ExposureModel, type ExposureOptions, type FailureGrouping, failureSets } from "./exposure.ts";
export { firmView } from "./firm-view.ts";
export { type FirmTable, LinkReader, readEssentiality, readFirms } from "./firm-csv.ts";
export { type EssentialityMatrix, type FirmNetwork, firmNetwork, type FirmNetworkInput } from "./firm-network.ts";
export {
  type DynamicInoperability,
  inoperability,
  inoperabilityOverTime,
  interdependencyByDemand,
  interdependencyBySupply,
  interdependencyIndex,
  lostOperation,
  type Matrix,
  matrixFromEntries,
  recoveryRate,
  technicalCoefficients,
} from "./inoperability.ts";
export {
  type InvestmentPlan,
  investmentPlan,
  type PlanMeasure,
  type PlanOptions,
  type PlanProblem,
  type PlanValue,
} from "./investment-plan.ts";
export { LinearModel, loadSolver, ModelBuilder, type Solver } from "./linear-model.ts";
export {
  type HazardShare,
  type LossDistribution,
  lossDistribution,
  type TailRisk,
  tailRisk,
} from "./loss-distribution.ts";
export { BLOCK_YEARS, blockCount, type LossBlock, LossSimulation } from "./loss-simulation.ts";
export { DURATIONS_DAYS, type LossOf, type LossTable, lossTable } from "./loss-table.ts";
export { type Manifest, manifestOf, MODEL_VERSION } from "./manifest.ts";
export { readSupplyNetwork } from "./network-reader.ts";
export { HORIZON_DAYS_MAX, lostDays, type Outage } from "./outage.ts";
export { readPlanProblem } from "./plan-reader.ts";
export { expectedLossInterval } from "./parameter-uncertainty.ts";
export { uniformStream } from "./philox.ts";
export { type RecoveryLoss, RecoveryModel, SurvivalModel, type UnusedSources } from "./recovery.ts";
export { type Lognormal, lognormalMean, lognormalOf, pertMean } from "./risk-quantity.ts";
export {
  type CountedSources,
  deadFrom,
  type RecipeGraph,
  recipeGraph,
  type SinglePoint,
  singlePoints,
} from "./single-point.ts";
export { type CascadeOptions, type StockCascade, stockCascade } from "./stock-cascade.ts";
export type {
  Amount,
  Arc,
  Estimate,
  GroupEssentiality,
  Hazard,
  InputGroup,
  Item,
  Process,
  Site,
  SupplyModel,
} from "./supply-model.ts";
export type {
  Assumption,
  NetworkArc,
  NetworkGroup,
  NetworkHazard,
  NetworkItem,
  NetworkProcess,
  NetworkSite,
  SupplyNetwork,
  UncertainNumber,
} from "./supply-network.ts";
export { quoted, type SupplyCode, type SupplyProblem } from "./supply-problem.ts";
