/**
 * The columns of every table, in the order of the templates. The only place that says what a column is called, what it
 * holds and by which other headers it is recognised.
 */
import { type Column, type Table, type TableName } from "./exchange-table.ts";
import {
  ESSENTIALITIES,
  ITEM_KINDS,
  MINERAL_STAGES,
  type ObjectKind,
  PUBLIC_SAFETY,
  ROUTE_MODES,
  SITE_KINDS,
  UNITS,
} from "./registry-object.ts";

const UNIT_WORDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(UNITS).map(([code, sign]) => [sign, code])),
  gram: "GRM",
  kilogram: "KGM",
  tonne: "TNE",
  ton: "TNE",
  mt: "TNE",
  pc: "H87",
  pcs: "H87",
  pieces: "H87",
  ea: "H87",
  each: "H87",
  m2: "MTK",
  m3: "MTQ",
  litre: "LTR",
  liter: "LTR",
  hour: "HUR",
  day: "DAY",
  units: "C62",
  one: "C62",
};

const ESSENTIALITY_WORDS = {
  critical: "essential",
  high: "essential",
  medium: "important",
  low: "negligible",
} as const;

/** Columns that end every table. */
const ending = (example: string): readonly Column[] => [
  {
    name: "note",
    form: "text",
    help: "anything worth knowing",
    example,
    synonyms: "notes comment comments remark remarks bemerkung",
  },
  {
    name: "source",
    form: "text",
    help: "where the row's facts come from; the whole import's when empty",
    example: "",
    synonyms: "datasource quelle",
  },
  {
    name: "observed at",
    form: "date",
    help: "the day that the facts are of; the whole import's when empty",
    example: "",
    synonyms: "asof observed date observationdate stand",
  },
  {
    name: "confidence percent",
    form: "integer",
    help: "how sure that is, 0 to 100; the whole import's when empty",
    example: "",
    synonyms: "confidence confidence%",
  },
  {
    name: "id",
    form: "id",
    help: "the node's own id, as exports write it; leave empty to add",
    example: "",
    synonyms: "uuid holdfastid",
  },
];

const naming = (code: string): readonly Column[] => [
  {
    name: "code",
    form: "text",
    help: "your own number or short name for it; finds it again at the next import",
    example: code,
    synonyms: "externalid number nr key erpid internalid reference",
  },
  {
    name: "identifiers",
    form: "identifiers",
    help: "`scheme:value`, several divided by |",
    example: "",
    synonyms: "ids otherids identifier",
  },
];

const aliases: Column = {
  name: "aliases",
  form: "list",
  help: "other names, divided by |",
  example: "",
  synonyms: "alias alsoknownas aka othernames formernames",
};
const country: Column = {
  name: "country",
  form: "country",
  required: true,
  help: "ISO 3166-1 alpha-2 code, or the English name",
  example: "DE",
  synonyms: "countrycode iso2 land nation pays pais",
};
const address: Column = {
  name: "address",
  form: "text",
  help: "street, place",
  example: "Hafenstrasse 12, 20457 Hamburg",
  synonyms: "streetaddress fulladdress adresse location",
};

const reference = (name: string, to: ObjectKind, help: string, example: string, synonyms: string): Column => ({
  name,
  form: "reference",
  to,
  required: true,
  help: `${help}: name, code, identifier or id`,
  example,
  synonyms,
});
const atSite = reference(
  "site",
  "site",
  "the site",
  "Hamburg plant",
  "plant facility location sitename werk standort sitecode",
);
const ofItem = reference(
  "item",
  "item",
  "the item",
  "NdFeB magnet N42",
  "material product part article itemname sku partnumber materialnumber artikel",
);

/** A column of a row that may be silent about it. */
const optional = (column: Column): Column => {
  const { required, ...rest } = column;
  return required ? rest : column;
};

const organisations: Table = {
  name: "organisations",
  help: "companies, authorities, institutes",
  columns: [
    {
      name: "name",
      form: "text",
      required: true,
      help: "as it is registered",
      example: "Nordic Magnets AB",
      synonyms:
        "organisation organization company companyname organisationname organizationname legalname supplier suppliername vendorname firma unternehmen lieferant",
    },
    country,
    {
      name: "lei",
      form: "text",
      help: "Legal Entity Identifier, ISO 17442",
      example: "",
      synonyms: "legalentityidentifier leicode",
    },
    address,
    {
      name: "website",
      form: "text",
      help: "http or https address",
      example: "https://example.org",
      synonyms: "url web homepage",
    },
    {
      ...optional(
        reference(
          "parent",
          "organisation",
          "the organisation that owns it",
          "",
          "parentorganisation parentorganization parentcompany owner group",
        ),
      ),
      help: "the organisation that owns it: name, code, identifier or id",
    },
    aliases,
    ...naming("V-1001"),
    ...ending(""),
  ],
};

const items: Table = {
  name: "items",
  help: "materials, components, products and services such as power or water",
  columns: [
    {
      name: "name",
      form: "text",
      required: true,
      help: "what it is called",
      example: "NdFeB magnet N42",
      synonyms:
        "item itemname material materialname product productname partname description article artikel bezeichnung",
    },
    {
      name: "kind",
      form: "choice",
      of: ITEM_KINDS,
      required: true,
      help: "what sort of thing",
      example: "component",
      synonyms: "itemkind type itemtype category",
    },
    {
      name: "unit",
      form: "choice",
      of: Object.keys(UNITS),
      also: UNIT_WORDS,
      required: true,
      help: "UN/ECE Recommendation 20 code, or its sign",
      example: "KGM",
      synonyms: "uom unitofmeasure baseunit einheit",
    },
    {
      name: "hs code",
      form: "text",
      help: "Harmonized System: 6, 8 or 10 digits",
      example: "8505.11",
      synonyms: "hs hts htscode tariffcode customscode commoditycode zolltarifnummer",
    },
    {
      name: "eccn",
      form: "text",
      help: "Export Control Classification Number, 15 CFR 774",
      example: "",
      synonyms: "exportcontrol exportcontrolclassificationnumber",
    },
    {
      name: "mineral",
      form: "text",
      help: "the mineral whose world production it is compared with",
      example: "",
      synonyms: "commodity",
    },
    {
      name: "mineral stage",
      form: "choice",
      of: MINERAL_STAGES,
      help: "the stage of that production",
      example: "",
      synonyms: "stage",
    },
    {
      name: "lists",
      form: "list",
      help: "lists of critical or strategic goods on which it stands, divided by |",
      example: "EU critical raw materials 2023",
      synonyms: "criticallists list",
    },
    aliases,
    ...naming("M-4200"),
    ...ending(""),
  ],
};

const sites: Table = {
  name: "sites",
  help: "mines, refineries, plants, warehouses, ports",
  columns: [
    {
      name: "name",
      form: "text",
      required: true,
      help: "what it is called; told apart within its organisation",
      example: "Hamburg plant",
      synonyms: "site sitename plant plantname facility facilityname location locationname werk standort",
    },
    {
      name: "kind",
      form: "choice",
      of: SITE_KINDS,
      also: {
        factory: "plant",
        facility: "plant",
        "distribution center": "warehouse",
        "distribution centre": "warehouse",
        depot: "warehouse",
        lab: "laboratory",
        harbour: "port",
        harbor: "port",
      },
      required: true,
      help: "what sort of site",
      example: "plant",
      synonyms: "sitekind type sitetype facilitytype category",
    },
    reference(
      "organisation",
      "organisation",
      "who runs it",
      "Nordic Magnets AB",
      "organization company owner operator organisationname organizationname supplier firma unternehmen",
    ),
    country,
    address,
    {
      name: "latitude",
      form: "degrees",
      help: "WGS 84, decimal degrees, north is positive",
      example: "53.5461",
      synonyms: "lat breitengrad",
    },
    {
      name: "longitude",
      form: "degrees",
      help: "WGS 84, decimal degrees, east is positive",
      example: "9.9661",
      synonyms: "lon lng long laengengrad langengrad",
    },
    {
      name: "gln",
      form: "text",
      help: "GS1 Global Location Number, 13 digits",
      example: "",
      synonyms: "globallocationnumber",
    },
    {
      name: "hazards",
      form: "hazards",
      help: "`threat:level`, level 1 to 5, several divided by |",
      example: "natural-hazard:3",
      synonyms: "hazard threats risks",
    },
    {
      name: "public safety",
      form: "choice",
      of: PUBLIC_SAFETY,
      help: "establishment tier of directive 2012/18/EU",
      example: "lower-tier",
      synonyms: "seveso sevesotier",
    },
    {
      name: "replace days",
      form: "integer",
      help: "days to replace what the site does, from nothing",
      example: "540",
      synonyms: "daystoreplace replacementdays timetoreplace",
    },
    aliases,
    ...naming("P-100"),
    ...ending(""),
  ],
};

const assets: Table = {
  name: "assets",
  help: "machines and controllers at a site",
  columns: [
    atSite,
    {
      name: "name",
      form: "text",
      required: true,
      help: "what it is called; told apart within its site",
      example: "Sintering furnace 2",
      synonyms: "asset assetname equipment device machine hostname tag",
    },
    {
      name: "vendor",
      form: "text",
      required: true,
      help: "who made it",
      example: "Siemens",
      synonyms: "manufacturer maker brand hersteller",
    },
    {
      name: "model",
      form: "text",
      required: true,
      help: "what model",
      example: "S7-1517",
      synonyms: "modelname product type typ",
    },
    {
      name: "firmware",
      form: "text",
      help: "firmware version",
      example: "V2.9.4",
      synonyms: "firmwareversion version swversion",
    },
    {
      name: "serial",
      form: "text",
      help: "serial number",
      example: "SC-L2U83012",
      synonyms: "serialnumber serialno sn seriennummer",
    },
    {
      name: "zone",
      form: "text",
      help: "IEC 62443 zone",
      example: "Cell control",
      synonyms: "securityzone networkzone",
    },
    {
      name: "security level",
      form: "integer",
      help: "target security level of the zone, 0 to 4 (IEC 62443-3-3)",
      example: "2",
      synonyms: "slt sl targetsecuritylevel",
    },
    ...naming("A-2201"),
    ...ending(""),
  ],
};

const routes: Table = {
  name: "routes",
  help: "how goods travel from one site to another",
  columns: [
    reference("from", "site", "the site where it begins", "Hamburg plant", "origin fromsite sourcesite departure"),
    reference("to", "site", "the site where it ends", "Torino assembly", "destination tosite arrival"),
    { ...optional(ofItem), help: "what travels on it; everything when empty" },
    {
      name: "mode",
      form: "choice",
      of: ROUTE_MODES,
      also: {
        truck: "road",
        train: "rail",
        ship: "sea",
        vessel: "sea",
        ocean: "sea",
        barge: "inland-waterway",
        plane: "air",
      },
      required: true,
      help: "how it travels",
      example: "road",
      synonyms: "transportmode transport",
    },
    {
      name: "days",
      form: "integer",
      required: true,
      help: "calendar days on the way",
      example: "3",
      synonyms: "transitdays transittime duration leadtime",
    },
    {
      name: "chokepoints",
      form: "list",
      help: "straits, canals, passes on the way, divided by |",
      example: "",
      synonyms: "chokepoint via",
    },
    ...ending(""),
  ],
};

const recipes: Table = {
  name: "recipes",
  help: "what a site makes of what: one row per supplier of each input; a recipe in the file replaces the one in the registry",
  columns: [
    { ...atSite, help: "where it is made: name, code, identifier or id" },
    {
      ...ofItem,
      help: "what is made: name, code, identifier or id",
      synonyms: "product makes output parent parentitem finishedgood itemname assembly",
    },
    {
      name: "input",
      form: "text",
      help: "name of the group of suppliers that can stand in for each other; the supplied item's when empty",
      example: "Magnets",
      synonyms: "group inputgroup inputname",
    },
    {
      name: "quantity per unit",
      form: "quantity",
      help: "of the supplied item, in its unit, for one unit of what is made",
      example: "0.35",
      synonyms: "quantity qty qtyper quantityper usage bomquantity menge",
    },
    {
      name: "essentiality",
      form: "choice",
      of: ESSENTIALITIES,
      also: ESSENTIALITY_WORDS,
      help: "what happens without it: nothing is made, half as much, as much; essential when empty",
      example: "essential",
      synonyms: "criticality essential",
    },
    {
      name: "stock days",
      form: "integer",
      help: "how long the site's own stock of it lasts",
      example: "14",
      synonyms: "daysofstock daysofsupply coverage bufferdays",
    },
    {
      ...optional(
        reference(
          "supplier site",
          "site",
          "the supplying site",
          "Kiruna magnets",
          "supplier suppliersitename fromsite sourcesite vendor suppliedfrom lieferwerk",
        ),
      ),
    },
    {
      ...optional(
        reference(
          "supplier item",
          "item",
          "what it supplies",
          "NdFeB magnet N42",
          "component material inputitem componentitem childitem child part supplieditem rawmaterial",
        ),
      ),
    },
    {
      name: "share percent",
      form: "percent",
      help: "of this input's supply today; 100 when empty and it is the only supplier",
      example: "60",
      synonyms: "share share% supplyshare split quota anteil",
    },
    {
      name: "maximum share percent",
      form: "percent",
      help: "what this supplier could take over at most",
      example: "80",
      synonyms: "maxshare maximumshare maxshare% maxsharepercent",
    },
    {
      name: "lead days",
      form: "integer",
      help: "from order to arrival",
      example: "21",
      synonyms: "leadtime leadtimedays lieferzeit",
    },
    {
      name: "switch days",
      form: "integer",
      help: "until a rise of its share takes effect",
      example: "60",
      synonyms: "switchtime rampupdays qualificationdays",
    },
    ...ending(""),
  ],
};

const stocks: Table = {
  name: "stocks",
  help: "how much of an item a site holds",
  columns: [
    atSite,
    ofItem,
    {
      name: "quantity",
      form: "quantity",
      required: true,
      help: "in the item's unit",
      example: "1250.5",
      synonyms: "stock qty onhand stockquantity inventory amount bestand menge",
    },
    ...ending(""),
  ],
};

const capacities: Table = {
  name: "capacities",
  help: "how much of an item a site can make",
  columns: [
    atSite,
    ofItem,
    {
      name: "quantity per year",
      form: "quantity",
      required: true,
      help: "what it can make in a year, in the item's unit",
      example: "120000",
      synonyms: "capacity capacityperyear annualcapacity yearlycapacity kapazitat",
    },
    {
      name: "output per year",
      form: "quantity",
      help: "what it really makes",
      example: "95000",
      synonyms: "output production annualoutput annualproduction",
    },
    {
      name: "world share percent",
      form: "percent",
      help: "of world output, where a source gives it",
      example: "",
      synonyms: "worldshare worldshare% globalshare",
    },
    {
      name: "national share percent",
      form: "percent",
      help: "of the country's output, where a source gives it",
      example: "",
      synonyms: "nationalshare nationalshare% countryshare",
    },
    ...ending(""),
  ],
};

const demands: Table = {
  name: "demands",
  help: "how much of an item a site needs or sells in a year, and what is earned on it",
  columns: [
    atSite,
    ofItem,
    {
      name: "quantity per year",
      form: "quantity",
      required: true,
      help: "in the item's unit",
      example: "80000",
      synonyms: "demand demandperyear annualdemand quantity qty bedarf",
    },
    {
      name: "margin per year",
      form: "money",
      help: "what is earned on it in a year before fixed cost, in whole units of the currency",
      example: "1250000.00",
      synonyms: "margin contributionmargin annualmargin deckungsbeitrag",
    },
    {
      name: "currency",
      form: "currency",
      help: "ISO 4217 code",
      example: "EUR",
      synonyms: "currencycode wahrung curr",
    },
    ...ending(""),
  ],
};

export const TABLE_COLUMNS: Readonly<Record<TableName, Table>> = {
  organisations,
  items,
  sites,
  assets,
  routes,
  recipes,
  stocks,
  capacities,
  demands,
};
