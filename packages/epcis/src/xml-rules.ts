/**
 * The rules of the XML binding: what the XSDs of EPCIS 2.0 and 1.2 refuse, as content models. Invariant: a document with
 * no finding here is valid under the schema of its version (the tests hold the verdicts of every vector).
 */
import type { EventType } from "./event.ts";
import { EVENT_TYPES } from "./event.ts";
import { FIELD_ORDER } from "./fields.ts";
import { isDateTime, isDateTimeStamp } from "./instant.ts";
import type { Issue } from "./issue.ts";
import { report } from "./schema-values.ts";
import {
  anything,
  type Content,
  type ElementRule,
  many,
  maybe,
  one,
  type Particle,
  sequence,
  simple,
  type SimpleType,
} from "./xml-content.ts";
import { attribute, child, childElements, isEpcis, majorVersion, type XmlElement } from "./xml-tree.ts";

const STRING: SimpleType = { what: "a string", holds: () => true };
/** xsd:anyURI: a URI reference; a colon before the first slash ends a scheme, and percent signs start escapes. */
const URI: SimpleType = {
  what: "a URI",
  holds: (text) => !/%(?![0-9A-Fa-f]{2})/.test(text) && !/^(?![A-Za-z][A-Za-z0-9+.-]*:)[^/?#]*:/.test(text),
};
const STAMP: SimpleType = { what: "a date-time with a zone", holds: isDateTimeStamp };
/** xsd:dateTime, whose zone is optional: the schema of 1.2 does not ask for one. */
const DATE_TIME: SimpleType = {
  what: "a date-time",
  holds: (text) => /^\d{4}-\d\d-\d\dT/.test(text) && (isDateTime(text) || isDateTime(`${text}Z`)),
};
const DECIMAL: SimpleType = { what: "a decimal number", holds: (text) => /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text) };
const DOUBLE: SimpleType = {
  what: "a number",
  holds: (text) => /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NaN)$/.test(text),
};
const INTEGER: SimpleType = {
  what: "a whole number of 32 bits",
  holds: (text) => /^[+-]?\d{1,12}$/.test(text) && Math.abs(Number(text)) <= 2_147_483_648,
};
const BOOLEAN: SimpleType = { what: "true, false, 1 or 0", holds: (text) => /^(?:true|false|1|0)$/.test(text) };
const HEX: SimpleType = { what: "hex digits in pairs", holds: (text) => /^(?:[0-9A-Fa-f]{2})*$/.test(text) };
const ACTION: SimpleType = {
  what: "one of ADD, OBSERVE, DELETE",
  holds: (text) => /^(?:ADD|OBSERVE|DELETE)$/.test(text),
};

const uri = simple(URI);
const text = simple(STRING);
const local = sequence({ particles: [], wildcard: "local", anyAttribute: true });
const other = sequence({ particles: [], wildcard: "other", anyAttribute: true });

const epcs = sequence({ particles: [many("epc", text)] });
const quantityElement: ElementRule = (element, path, issues) => {
  sequence({
    particles: [one("epcClass", uri), maybe("quantity", simple(DECIMAL, { nillable: true })), maybe("uom", text)],
  })(element, path, issues);
  if (child(element, "uom") && !child(element, "quantity"))
    report(issues, path, "required", "`quantity` is missing before `uom`");
};
const quantities = sequence({ particles: [many("quantityElement", quantityElement)] });
const place = sequence({ particles: [one("id", uri), maybe("extension", local)], wildcard: "other" });
const businessItem = (isTyped: boolean): ElementRule =>
  simple(URI, { attributes: { type: URI }, ...(isTyped ? { required: ["type"] } : {}) });
const dispositions = sequence({ particles: [many("unset", uri), many("set", uri)] });
const ilmd = sequence({ particles: [maybe("extension", local)], wildcard: "other", anyAttribute: true });
const corrections = sequence({ particles: [many("correctiveEventID", uri)] });

/** In 2.0 the members of an error declaration come in any order and number. */
const errorDeclaration2: ElementRule = (element, path, issues) => {
  const rules: Readonly<Record<string, ElementRule>> = {
    declarationTime: simple(STAMP),
    reason: uri,
    correctiveEventIDs: corrections,
    extension: local,
  };
  for (const part of childElements(element)) {
    if (part.uri !== "" && !isEpcis(part.uri)) continue;
    const rule = part.uri === "" ? rules[part.local] : undefined;
    if (rule) rule(part, `${path}/${part.local}`, issues);
    else report(issues, `${path}/${part.local}`, "unexpected", `\`${part.local}\` is no element here`);
  }
};
const errorDeclaration1 = sequence({
  particles: [
    one("declarationTime", simple(DATE_TIME)),
    maybe("reason", uri),
    maybe("correctiveEventIDs", corrections),
    maybe("extension", local),
  ],
  wildcard: "other",
  anyAttribute: true,
});

const uris = (names: string): Record<string, SimpleType> =>
  Object.fromEntries(names.split(" ").map((name) => [name, URI]));
const doubles = (names: string): Record<string, SimpleType> =>
  Object.fromEntries(names.split(" ").map((name) => [name, DOUBLE]));

const sensorMetadata = simple(STRING, {
  attributes: {
    ...uris("deviceID deviceMetadata rawData bizRules dataProcessingMethod"),
    time: STAMP,
    startTime: STAMP,
    endTime: STAMP,
  },
  anyAttribute: true,
});
const sensorReport = simple(STRING, {
  attributes: {
    ...uris(
      "type component uriValue chemicalSubstance microorganism deviceID deviceMetadata rawData dataProcessingMethod coordinateReferenceSystem exception",
    ),
    ...doubles("value minValue maxValue sDev meanValue percRank percValue"),
    booleanValue: BOOLEAN,
    hexBinaryValue: HEX,
    time: STAMP,
    stringValue: STRING,
    uom: STRING,
  },
  anyAttribute: true,
});
const sensorElement = sequence({
  particles: [
    maybe("sensorMetadata", sensorMetadata),
    many("sensorReport", sensorReport, 1),
    maybe("extension", local),
  ],
  wildcard: "other",
});
const sensors = sequence({ particles: [many("sensorElement", sensorElement, 1), maybe("extension", local)] });

const RULES: Readonly<Record<string, ElementRule>> = {
  recordTime: simple(STAMP),
  eventTime: simple(STAMP),
  eventTimeZoneOffset: text,
  eventID: uri,
  errorDeclaration: errorDeclaration2,
  certificationInfo: uri,
  parentID: uri,
  epcList: epcs,
  childEPCs: epcs,
  inputEPCList: epcs,
  outputEPCList: epcs,
  quantityList: quantities,
  childQuantityList: quantities,
  inputQuantityList: quantities,
  outputQuantityList: quantities,
  action: simple(ACTION),
  transformationID: uri,
  bizStep: uri,
  disposition: uri,
  readPoint: place,
  bizLocation: place,
  bizTransactionList: sequence({ particles: [many("bizTransaction", businessItem(false), 1)] }),
  sourceList: sequence({ particles: [many("source", businessItem(true), 1)] }),
  destinationList: sequence({ particles: [many("destination", businessItem(true), 1)] }),
  sensorElementList: sensors,
  persistentDisposition: dispositions,
  ilmd,
};

const REQUIRED: ReadonlySet<string> = new Set(["eventTime", "eventTimeZoneOffset", "action"]);

function field(name: string, isRequired: boolean, rules = RULES): Particle {
  const rule = rules[name] ?? anything;
  return isRequired ? one(name, rule) : maybe(name, rule);
}

function event2(type: EventType): ElementRule {
  const particles = FIELD_ORDER[type].map((name) =>
    field(
      name,
      REQUIRED.has(name) ||
        (name === "bizTransactionList" && type === "TransactionEvent") ||
        (name === "parentID" && type === "AssociationEvent"),
    ),
  );
  particles.splice(
    particles.findIndex(({ name }) => name === "certificationInfo") + 1,
    0,
    maybe("baseExtension", other),
  );
  return sequence({ particles: [...particles, maybe("extension", other)], wildcard: "other", anyAttribute: true });
}

const EVENTS_2: ReadonlyMap<string, ElementRule> = new Map(
  [...EVENT_TYPES].filter(isEventType).map((type) => [type, event2(type)]),
);

function isEventType(type: string): type is EventType {
  return EVENT_TYPES.has(type);
}

const RULES_1: Readonly<Record<string, ElementRule>> = {
  ...RULES,
  eventTime: simple(DATE_TIME),
  recordTime: simple(DATE_TIME),
};

const baseExtension1 = sequence({
  particles: [maybe("eventID", uri), maybe("errorDeclaration", errorDeclaration1), maybe("extension", local)],
  anyAttribute: true,
});

function event1(names: string, extension: readonly string[] | undefined): ElementRule {
  const base = [
    field("eventTime", true, RULES_1),
    field("recordTime", false, RULES_1),
    field("eventTimeZoneOffset", true),
    maybe("baseExtension", baseExtension1),
  ];
  const own = names
    .split(" ")
    .map((name) => (name.endsWith("?") ? field(name.slice(0, -1), false) : field(name, true)));
  const inner: Content = {
    particles: [...(extension ?? []).map((name) => field(name, false)), maybe("extension", local)],
    anyAttribute: true,
  };
  return sequence({
    particles: [...base, ...own, maybe("extension", extension ? sequence(inner) : local)],
    wildcard: "other",
    anyAttribute: true,
  });
}

const WHY_1 = "bizStep? disposition? readPoint? bizLocation? bizTransactionList?";
const quantityEvent1: ElementRule = sequence({
  particles: [
    field("eventTime", true, RULES_1),
    field("recordTime", false, RULES_1),
    field("eventTimeZoneOffset", true),
    maybe("baseExtension", baseExtension1),
    one("epcClass", uri),
    one("quantity", simple(INTEGER)),
    ...WHY_1.split(" ").map((name) => field(name.slice(0, -1), false)),
    maybe("extension", local),
  ],
  wildcard: "other",
  anyAttribute: true,
});

const EVENTS_1: ReadonlyMap<string, ElementRule> = new Map([
  ["ObjectEvent", event1(`epcList action ${WHY_1}`, ["quantityList", "sourceList", "destinationList", "ilmd"])],
  [
    "AggregationEvent",
    event1(`parentID? childEPCs action ${WHY_1}`, ["childQuantityList", "sourceList", "destinationList"]),
  ],
  [
    "TransactionEvent",
    event1("bizTransactionList parentID? epcList action bizStep? disposition? readPoint? bizLocation?", [
      "quantityList",
      "sourceList",
      "destinationList",
    ]),
  ],
  ["QuantityEvent", quantityEvent1],
  [
    "TransformationEvent",
    event1(
      `inputEPCList? inputQuantityList? outputEPCList? outputQuantityList? transformationID? ${WHY_1} sourceList? destinationList? ilmd?`,
      undefined,
    ),
  ],
]);

/** Where an event stands: its position, its document's version, and how many `extension` wrappers hold it. */
export interface EventPlace {
  readonly index: number;
  /** The version that the root's namespace stands for. */
  readonly major: "1" | "2";
  readonly wrapperCount: number;
}

/** What the schema of the document's version refuses in one event. */
export function checkXmlEvent(element: XmlElement, { index, major, wrapperCount }: EventPlace): Issue[] {
  const issues: Issue[] = [];
  const path = `/EPCISBody/EventList/event[${index + 1}]/${element.local}`;
  const isOld = major === "1";
  if (element.uri !== "") {
    if (isEpcis(element.uri)) report(issues, path, "namespace", `\`${element.local}\` must not carry a namespace`);
    else if (wrapperCount !== 1) report(issues, path, "unexpected", "an extension event stands in one `extension`");
    return issues;
  }
  const rule = (isOld ? EVENTS_1 : EVENTS_2).get(element.local);
  // Wrappers inside which the schema of 1.2 allows any local element: AssociationEvent and later types travel there.
  if (isOld && wrapperCount >= 2) return issues;
  const wrappersRight = isOld ? wrapperCount === (element.local === "TransformationEvent" ? 1 : 0) : wrapperCount === 0;
  if (!rule || !wrappersRight)
    report(issues, path, "unexpected", `\`${element.local}\` is no event here in version ${major}`);
  rule?.(element, path, issues);
  return issues;
}

const masterAttribute: ElementRule = (element, path, issues) => {
  if (attribute(element, "id") === undefined) report(issues, path, "required", "attribute `id` is missing");
};
const vocabularyElement = sequence({
  particles: [
    many("attribute", masterAttribute),
    maybe("children", sequence({ particles: [many("id", uri)], anyAttribute: true })),
    maybe("extension", local),
  ],
  wildcard: "other",
  attributes: { id: URI },
  required: ["id"],
  anyAttribute: true,
});
const vocabularyList = sequence({
  particles: [
    many(
      "Vocabulary",
      sequence({
        particles: [
          maybe("VocabularyElementList", sequence({ particles: [many("VocabularyElement", vocabularyElement, 1)] })),
          maybe("extension", local),
        ],
        wildcard: "other",
        attributes: { type: URI },
        required: ["type"],
        anyAttribute: true,
      }),
    ),
  ],
});
const headerExtension = sequence({
  particles: [
    maybe(
      "EPCISMasterData",
      sequence({ particles: [one("VocabularyList", vocabularyList), maybe("extension", local)] }),
    ),
    maybe("extension", local),
  ],
  anyAttribute: true,
});

const SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader";

/** UN/CEFACT Standard Business Document Header 1.3: what EPCIS asks of it. */
const businessHeader: ElementRule = (element, path, issues) => {
  const present = new Set(childElements(element).map(({ local: name }) => name));
  for (const name of ["HeaderVersion", "Sender", "Receiver", "DocumentIdentification"])
    if (!present.has(name)) report(issues, path, "required", `\`${name}\` is missing`);
};

/** The header: an optional Standard Business Document Header, in 1.2 a required one, then the master data. */
const header: ElementRule = (element, path, issues) => {
  const isBusiness = ({ local: name, uri: namespace }: XmlElement) =>
    namespace === SBDH && name === "StandardBusinessDocumentHeader";
  const parts = childElements(element).filter((part) => !isBusiness(part));
  for (const part of childElements(element).filter(isBusiness)) businessHeader(part, `${path}/${part.local}`, issues);
  sequence({ particles: [maybe("extension", headerExtension)], anyAttribute: true })(
    { ...element, content: parts },
    path,
    issues,
  );
};

const body = sequence({
  particles: [maybe("EventList", anything), maybe("extension", local)],
  wildcard: "other",
  anyAttribute: true,
});
const results: ElementRule = (element, path, issues) => {
  sequence({
    particles: [
      one("queryName", text),
      maybe("subscriptionID", text),
      one(
        "resultsBody",
        sequence({ particles: [maybe("EventList", anything), maybe("VocabularyList", vocabularyList)] }),
      ),
      maybe("extension", local),
    ],
    wildcard: "other",
    anyAttribute: true,
  })(element, path, issues);
};

/** What the schema refuses in the document around its events. */
export function checkXmlShell(root: XmlElement): Issue[] {
  const issues: Issue[] = [];
  const path = `/${root.local}`;
  if (majorVersion(root.uri) === undefined || !root.local.endsWith("Document"))
    report(issues, path, "namespace", `\`${root.local}\` in namespace \`${root.uri}\` is no EPCIS document`);
  const isQuery = root.local === "EPCISQueryDocument";
  sequence({
    particles: [maybe("EPCISHeader", header), one("EPCISBody", isQuery ? queryBody : body), maybe("extension", local)],
    wildcard: "other",
    attributes: { schemaVersion: DECIMAL, creationDate: DATE_TIME },
    required: ["schemaVersion", "creationDate"],
    anyAttribute: true,
  })(root, path, issues);
  return issues;
}

/** Requests and answers that a query document may carry in place of results; their insides hold no events. */
const MESSAGES: ReadonlySet<string> = new Set(
  `GetQueryNames GetQueryNamesResult Subscribe SubscribeResult Unsubscribe UnsubscribeResult GetSubscriptionIDs
  GetSubscriptionIDsResult Poll GetStandardVersion GetStandardVersionResult GetVendorVersion GetVendorVersionResult
  DuplicateNameException QueryValidationException InvalidURIException NoSuchNameException NoSuchSubscriptionException
  DuplicateSubscriptionException QueryParameterException QueryTooLargeException QueryTooComplexException
  SecurityException SubscriptionControlsException SubscribeNotPermittedException ValidationException
  ImplementationException`.split(/\s+/),
);

const queryBody: ElementRule = (element, path, issues) => {
  const parts = childElements(element);
  if (parts.length === 1 && parts[0] && MESSAGES.has(parts[0].local) && majorVersion(parts[0].uri) !== undefined)
    return;
  const found = parts.find(
    ({ local: name, uri: namespace }) => name === "QueryResults" && majorVersion(namespace) !== undefined,
  );
  if (!found) report(issues, path, "required", "`QueryResults` is missing");
  else results(found, `${path}/QueryResults`, issues);
};
