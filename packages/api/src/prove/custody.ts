/**
 * Custody: where a lot came from and what it went into, what is wrong with that, and whether masses add up. All of it is
 * calculated from the events; what people add is who looks after a finding and what came of it. Times are instants,
 * amounts exact decimals with a unit (`g` for every mass, `count` for pieces).
 */
import { z } from "zod";
import { digitsOr } from "../digits.ts";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { country, line, note } from "../know/fact.ts";

const tag = "prove/custody";
const id = z.uuid();
const instant = z.iso.datetime();
const thingId = z.string().trim().min(1).max(2_000);

export const PEDIGREE_THINGS_MAX = 10_000; // of one answer: some 10 MB
export const PEDIGREE_THINGS_DEFAULT = 5_000;
export const PEDIGREE_ROUNDS_MAX = 200; // steps away from the root
export const HISTORY_EVENTS_MAX = 1_000; // of one thing on its page

export const custodyProblems = {
  "custody/unknown-thing": 404,
  "custody/finding-not-found": 404,
  "custody/not-open": 409,
  "custody/not-resolved": 409,
  "custody/period-invalid": 422,
} as const;

export const amount = z.object({ value: z.string().describe("exact decimal"), unit: z.string() });
export type Amount = z.output<typeof amount>;

export const LEVELS = ["instance", "lot", "product", "unknown"] as const;
export const RELATIONS = ["root", "origin", "product", "part", "container", "content"] as const;
export const EDGE_KINDS = ["input", "output", "contained-in", "part-of"] as const;

export const knownThing = z.object({
  id: z.string().describe("canonical identifier"),
  level: z.enum(LEVELS),
  label: z.string().describe("name of the product as the registry knows it, and lot or serial"),
  lastSeenAt: instant,
  lastSite: z.string().nullable(),
  events: z.int(),
  openFindings: z.int(),
});
export type KnownThing = z.output<typeof knownThing>;

export const pedigreeThing = z.object({
  id: z.string(),
  level: z.enum(LEVELS),
  label: z.string(),
  relations: z.array(z.enum(RELATIONS)),
  openFindings: z.int(),
});
export type PedigreeThing = z.output<typeof pedigreeThing>;

export const pedigree = z.object({
  root: z.string(),
  direction: z.enum(["back", "forward"]),
  things: z.array(pedigreeThing),
  steps: z.array(
    z.object({
      id: z.string(),
      bizStep: z.string().nullable(),
      from: instant,
      to: instant,
      places: z.array(z.string()),
      events: z.array(z.string()),
    }),
  ),
  edges: z.array(
    z.object({
      kind: z.enum(EDGE_KINDS),
      from: z.string(),
      to: z.string(),
      amounts: z.array(amount),
      hasUnknown: z.boolean().describe("something of unknown amount comes on top"),
      at: instant,
      until: instant.nullable().describe("null while it lasts"),
      events: z.array(z.string()),
    }),
  ),
  cycles: z.array(z.array(z.string())).describe("things that are their own ancestors"),
  isWhole: z.boolean(),
  notFollowed: z.int().describe("things whose own events were not read because a limit was reached"),
  thingsMax: z.int(),
  places: z.record(z.string(), z.string()).describe("names of places that the registry knows"),
});
export type Pedigree = z.output<typeof pedigree>;

export const place = z.object({
  id: z.string(),
  site: id.nullable(),
  label: z.string(),
  country: z.string().nullable(),
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
});
export type Place = z.output<typeof place>;

export const thingEvent = z.object({
  id: z.string(),
  hash: z.string(),
  type: z.string(),
  action: z.string().nullable(),
  bizStep: z.string().nullable(),
  at: instant,
  recordedAt: instant.nullable(),
  place: z.string().nullable(),
  role: z.string().describe("what part the thing plays: object, parent, child, input, output"),
  amount: amount.nullable(),
  isUndone: z.boolean().describe("an error declaration says that it did not happen so"),
  capture: id.nullable(),
  statement: z.string().nullable().describe("the ledger statement over its batch"),
});
export type ThingEvent = z.output<typeof thingEvent>;

export const thingDetail = z.object({
  id: z.string(),
  otherForm: z.string().nullable().describe("the same identifier in its other spelling, where that is known"),
  level: z.enum(LEVELS),
  label: z.string(),
  item: id.nullable(),
  events: z.array(thingEvent),
  eventsCount: z.int().describe("all events that name it; the latest are listed"),
  places: z.array(place).describe("in the order in which it was seen there"),
});
export type ThingDetail = z.output<typeof thingDetail>;

export const FINDING_STATES = ["open", "resolved", "undone"] as const;
export const OUTCOMES = ["confirmed", "explained", "false-alarm"] as const;

export const finding = z.object({
  id,
  version: z.int(),
  rule: z.string(),
  title: z.string().describe("what the rule says"),
  subject: z.string(),
  subjectLabel: z.string(),
  isThing: z.boolean().describe("whether the subject has a page"),
  explanation: z.string(),
  at: instant.describe("when it shows in the events"),
  place: z.string().nullable(),
  placeLabel: z.string().nullable(),
  amount: amount.nullable(),
  events: z.array(z.string()),
  state: z.enum(FINDING_STATES),
  assignee: z.string().nullable(),
  outcome: z.enum(OUTCOMES).nullable(),
  reason: z.string().nullable(),
  decidedAt: instant.nullable(),
  decidedBy: z.string().nullable(),
  reopened: z.int().describe("how often new evidence opened it again"),
  foundAt: instant,
  changedAt: instant,
});
export type Finding = z.output<typeof finding>;

const mass = z.string().describe("grams, exact decimal");

export const balanceRow = z.object({
  site: z.string(),
  siteLabel: z.string(),
  material: z.string(),
  element: z.string().nullable(),
  opening: mass,
  received: mass,
  shipped: mass,
  produced: mass,
  consumed: mass,
  removed: mass,
  closing: mass,
  counted: mass.nullable(),
  difference: mass.nullable().describe("counted less what the events say"),
  hasUnknown: z.boolean(),
});
export type BalanceRow = z.output<typeof balanceRow>;

export const settings = z.strictObject({
  forbiddenCountries: z.array(country).max(300).describe("nothing may come from there"),
  checksSuppliers: z.boolean().describe("whether whoever ships here must be in the registry with a GLN"),
  /** Suppliers that were qualified for a time only; others that the registry knows are qualified always. */
  qualifications: z
    .array(z.strictObject({ party: thingId, from: instant, until: instant.optional() }))
    .max(10_000)
    .describe("no period listed: qualified always; with periods: only in them"),
  transitDaysMax: z.int().min(1).max(3_650),
  recordingDaysMax: z.int().min(1).max(3_650),
  speedKmhMax: z.int().min(1).max(100_000),
  tolerancePpm: z.int().min(0).max(1_000_000),
  materials: z
    .array(
      z.strictObject({
        product: thingId.describe("GTIN as Digital Link or pattern URN"),
        name: line(200),
        elements: z
          .record(z.string().regex(/^[A-Z][a-z]?$/), z.int().min(0).max(1_000_000))
          .describe("parts per million"),
        madeFrom: z.array(line(200)).max(50).default([]),
      }),
    )
    .max(10_000),
});
export type Settings = z.output<typeof settings>;

export const storedSettings = z.object({
  version: z.int().describe("0 while nobody has changed them"),
  changedAt: instant.nullable(),
  changedBy: z.string().nullable(),
  settings,
});

export const listThings = route({
  id: "listThings",
  method: "GET",
  path: "/api/prove/custody/things",
  tag,
  summary: "Lots, serials and shipments that events name, the latest seen first",
  action: "thread:read",
  query: pageQuery.extend({
    level: z.enum(["instance", "lot", "product"]).optional(),
    text: z.string().trim().min(1).max(200).optional().describe("part of the identifier"),
  }),
  status: 200,
  answer: page(knownThing),
});

export const getThing = route({
  id: "getThing",
  method: "GET",
  path: "/api/prove/custody/thing",
  tag,
  summary: "What happened to one lot, serial or shipment, and where",
  action: "thread:read",
  query: z.object({ id: thingId.describe("in either spelling") }),
  status: 200,
  answer: thingDetail,
});

export const getPedigree = route({
  id: "getPedigree",
  method: "GET",
  path: "/api/prove/custody/pedigree",
  tag,
  summary: "Everything that a thing came from, or that it went into, with amounts; cut at a limit that is said",
  action: "thread:read",
  query: z.object({
    id: thingId.describe("in either spelling"),
    direction: z.enum(["back", "forward"]).default("back"),
    at: instant.optional().describe("look from this moment"),
    thingsMax: digitsOr(PEDIGREE_THINGS_DEFAULT, 1, PEDIGREE_THINGS_MAX),
    roundsMax: digitsOr(PEDIGREE_ROUNDS_MAX, 1, PEDIGREE_ROUNDS_MAX),
  }),
  status: 200,
  answer: pedigree,
});

export const listFindings = route({
  id: "listFindings",
  method: "GET",
  path: "/api/prove/custody/findings",
  tag,
  summary: "What does not fit in the events, the latest found first",
  action: "thread:read",
  query: pageQuery.extend({
    state: z.enum(FINDING_STATES).optional(),
    rule: z.string().max(100).optional(),
    subject: thingId.optional().describe("in either spelling"),
    assignee: z.enum(["me", "nobody"]).optional(),
  }),
  status: 200,
  answer: page(finding),
});

export const findingSummary = route({
  id: "getFindingSummary",
  method: "GET",
  path: "/api/prove/custody/findings/summary",
  tag,
  summary: "How many findings stand in each state, by rule, and how far the events have been checked",
  action: "thread:read",
  status: 200,
  answer: z.object({
    rules: z.array(
      z.object({ rule: z.string(), title: z.string(), open: z.int(), resolved: z.int(), undone: z.int() }),
    ),
    checkedEvents: z.int(),
    events: z.int(),
  }),
});

const params = z.object({ id });

export const getFinding = route({
  id: "getFinding",
  method: "GET",
  path: "/api/prove/custody/findings/:id",
  tag,
  summary: "One finding",
  action: "thread:read",
  params,
  status: 200,
  answer: finding,
});

export const assignFinding = route({
  id: "assignFinding",
  method: "PUT",
  path: "/api/prove/custody/findings/:id/assignment",
  tag,
  summary: "Takes a finding on, or gives it back",
  action: "custody:decide",
  params,
  body: z.strictObject({ to: z.enum(["me", "nobody"]) }),
  edits: true,
  status: 200,
  answer: finding,
});

export const resolveFinding = route({
  id: "resolveFinding",
  method: "PUT",
  path: "/api/prove/custody/findings/:id/resolution",
  tag,
  summary: "Says what came of a finding, on the ledger; new evidence opens it again",
  action: "custody:decide",
  params,
  body: z.strictObject({ outcome: z.enum(OUTCOMES), reason: note }),
  edits: true,
  status: 200,
  answer: finding,
});

export const reopenFinding = route({
  id: "reopenFinding",
  method: "PUT",
  path: "/api/prove/custody/findings/:id/reopening",
  tag,
  summary: "Opens a resolved finding again",
  action: "custody:decide",
  params,
  body: z.strictObject({ reason: note }),
  edits: true,
  status: 200,
  answer: finding,
});

export const getBalance = route({
  id: "getBalance",
  method: "GET",
  path: "/api/prove/custody/balance",
  tag,
  summary:
    "Mass balance of a period: opening + in - out + produced - consumed = closing, by site, material and element",
  action: "thread:read",
  query: z.object({
    from: instant,
    to: instant.describe("not part of it"),
    site: thingId.optional().describe("a GLN in either spelling"),
    material: z.string().max(200).optional(),
  }),
  status: 200,
  answer: z.object({ items: z.array(balanceRow), isWhole: z.boolean(), rowsMax: z.int() }),
});

export const getCustodySettings = route({
  id: "getCustodySettings",
  method: "GET",
  path: "/api/prove/custody/settings",
  tag,
  summary: "What the rules of custody go by besides the events and the registry",
  action: "thread:read",
  status: 200,
  answer: storedSettings,
});

export const changeCustodySettings = route({
  id: "changeCustodySettings",
  method: "PUT",
  path: "/api/prove/custody/settings",
  tag,
  summary: "Changes what the rules go by; every event is checked again",
  action: "custody:decide",
  body: settings,
  edits: true,
  status: 200,
  answer: storedSettings,
});

export const custodyRoutes = [
  listThings,
  getThing,
  getPedigree,
  listFindings,
  findingSummary,
  getFinding,
  assignFinding,
  resolveFinding,
  reopenFinding,
  getBalance,
  getCustodySettings,
  changeCustodySettings,
] as const;
