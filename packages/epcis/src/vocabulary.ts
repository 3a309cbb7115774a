/**
 * The Core Business Vocabulary, CBV 2.0: the terms of each standard vocabulary and their four spellings: bare word
 * (`shipping`), CURIE (`cbv:BizStep-shipping`), Web URI (`https://ref.gs1.org/cbv/BizStep-shipping`) and the URN of 1.2
 * (`urn:epcglobal:cbv:bizstep:shipping`). Invariant: webUri(bareWord(webUri(t))) equals webUri(t) for every listed term.
 */

export type Vocabulary =
  | "bizStep"
  | "disposition"
  | "btt"
  | "sdt"
  | "errorReason"
  | "component"
  | "measurement"
  | "alert";

interface VocabularyShape {
  readonly terms: ReadonlySet<string>;
  /** What stands before the term in its Web URI. */
  readonly web: string;
  /** What stands before the term in its URN; the vocabularies that are new in 2.0 have none. */
  readonly urn: string | undefined;
}

const CBV = "https://ref.gs1.org/cbv/";
const GS1 = "https://gs1.org/voc/";
const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const VOCABULARIES: Readonly<Record<Vocabulary, VocabularyShape>> = {
  bizStep: {
    web: `${CBV}BizStep-`,
    urn: "urn:epcglobal:cbv:bizstep:",
    terms: words(`
      accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
      decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
      installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
      retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
      unloading unpacking void_shipping`),
  },
  disposition: {
    web: `${CBV}Disp-`,
    urn: "urn:epcglobal:cbv:disp:",
    terms: words(`
      active available completeness_inferred completeness_verified conformant container_closed container_open damaged
      destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance
      mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed
      recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown`),
  },
  btt: {
    web: `${CBV}BTT-`,
    urn: "urn:epcglobal:cbv:btt:",
    terms: words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"),
  },
  sdt: { web: `${CBV}SDT-`, urn: "urn:epcglobal:cbv:sdt:", terms: words("owning_party possessing_party location") },
  errorReason: { web: `${CBV}ER-`, urn: "urn:epcglobal:cbv:er:", terms: words("did_not_occur incorrect_data") },
  component: {
    web: `${CBV}Comp-`,
    urn: undefined,
    terms: words(`
      x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude
      longitude altitude`),
  },
  measurement: {
    web: GS1,
    urn: undefined,
    terms: words(`
      AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
      AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
      Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
      ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
      Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux
      LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate
      MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux
      RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed
      SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction
      VolumetricFlux Wavenumber`),
  },
  alert: { web: GS1, urn: undefined, terms: words("ALARM_CONDITION ERROR_CONDITION") },
};

/** The CURIE prefixes that the standard JSON-LD context defines and protects. */
export const STANDARD_PREFIXES: Readonly<Record<string, string>> = {
  epcis: "https://ref.gs1.org/epcis/",
  cbv: CBV,
  cbvmda: "urn:epcglobal:cbv:mda:",
  gs1: GS1,
  rdfs: "http://www.w3.org/2000/01/rdf-schema#",
  owl: "http://www.w3.org/2002/07/owl#",
  xsd: "http://www.w3.org/2001/XMLSchema#",
  dcterms: "http://purl.org/dc/terms/",
};

/** The Web URI of a term in any of its four spellings; a value that is no term of `vocabulary` comes back unchanged. */
export function webUri(vocabulary: Vocabulary, value: string): string {
  const { terms, web, urn } = VOCABULARIES[vocabulary];
  if (terms.has(value)) return web + value;
  if (urn !== undefined && value.startsWith(urn)) return web + value.slice(urn.length);
  if (value.startsWith("cbv:")) return CBV + value.slice("cbv:".length);
  if (value.startsWith("gs1:")) return GS1 + value.slice("gs1:".length);
  return value;
}

/** The bare word of a standard term in any spelling, else the value with its CURIE or URN as it came. */
export function bareWord(vocabulary: Vocabulary, value: string): string {
  const { terms, web } = VOCABULARIES[vocabulary];
  const uri = webUri(vocabulary, value);
  if (!uri.startsWith(web)) return value;
  const term = uri.slice(web.length);
  return terms.has(term) ? term : value;
}

/** The URN of a standard term as EPCIS 1.2 and XML write it; terms without a URN become the CURIE that XML uses. */
export function xmlTerm(vocabulary: Vocabulary, value: string): string {
  const { terms, web, urn } = VOCABULARIES[vocabulary];
  const term = bareWord(vocabulary, value);
  if (!terms.has(term)) return value;
  if (urn !== undefined) return urn + term;
  return web === GS1 ? `gs1:${term}` : `cbv:${(web + term).slice(CBV.length)}`;
}

const URN_TO_WEB: readonly (readonly [string, string])[] = Object.values(VOCABULARIES).flatMap(({ urn, web }) =>
  urn === undefined ? [] : [[urn, web] as const],
);

/** A CBV URN of any vocabulary as its Web URI; anything else comes back unchanged. */
export function webUriOfUrn(value: string): string {
  if (!value.startsWith("urn:epcglobal:cbv:")) return value;
  for (const [urn, web] of URN_TO_WEB) if (value.startsWith(urn)) return web + value.slice(urn.length);
  return value;
}
