/** Named queries and subscriptions as their authors send them (EPCIS 2.0 12.8): JSON in, checked values out. */
import { STANDARD_NAMESPACES, withContext, type ExactJson, type Namespaces } from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";
import type { Parameters } from "./query-parameter.ts";
import { SCHEDULE_PARTS, type ScheduleText } from "./schedule.ts";

const scalar = z.union([z.string().max(8_192), z.number(), z.boolean()]);
const definition = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}/?#]+$/u),
  query: z.record(z.string().min(1).max(1_000), z.unknown()),
});

export interface QueryDefinition {
  readonly name: string;
  /** As it came. */
  readonly query: Record<string, unknown>;
  readonly parameters: Parameters;
  /** Prefixes that its own `@context` declares. */
  readonly prefixes: Namespaces;
}

/** @throws Problem `thread/query-validation` */
export function parseDefinition(body: unknown): QueryDefinition {
  const parsed = definition.safeParse(body);
  if (!parsed.success) throw refusal("thread/query-validation", parsed.error);
  const { name, query } = parsed.data;
  return { name, query, parameters: parametersOf(query), prefixes: ownPrefixes(query["@context"]) };
}

/** The parameters of a stored query: every value as text, lists as lists. */
export function parametersOf(query: Readonly<Record<string, unknown>>): Parameters {
  const values = z.union([scalar, z.array(scalar).max(10_000)]);
  const parameters: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(query)) {
    if (name === "@context") continue;
    const parsed = values.safeParse(value);
    if (!parsed.success)
      throw new Problem(
        "thread/query-validation",
        `\`${name.slice(0, 200)}\` is a text, a number, a boolean or a list of them`,
      );
    parameters[name] = (Array.isArray(parsed.data) ? parsed.data : [parsed.data]).map(String);
  }
  return parameters;
}

function ownPrefixes(context: unknown): Namespaces {
  const all = withContext(STANDARD_NAMESPACES, context as ExactJson | undefined); // it came out of JSON.parse
  return new Map([...all].filter(([prefix]) => !STANDARD_NAMESPACES.has(prefix)));
}

const part = z.string().max(500);
const subscription = z.strictObject({
  dest: z.url({ protocol: /^https?$/ }).max(2_000),
  signatureToken: z.string().min(1).max(1_000).optional(),
  secret: z.string().min(1).max(1_000).optional(),
  reportIfEmpty: z.boolean().default(false),
  initialRecordTime: z.iso.datetime({ offset: true }).optional(),
  stream: z.boolean().optional(),
  schedule: z.strictObject(Object.fromEntries(SCHEDULE_PARTS.map((name) => [name, part.optional()]))).optional(),
});

export interface SubscriptionRequest {
  readonly dest: string;
  readonly signatureToken: string | undefined;
  readonly reportIfEmpty: boolean;
  readonly initialRecordTime: Date | undefined;
  /** Undefined for a stream. */
  readonly schedule: ScheduleText | undefined;
}

/** @throws Problem `thread/subscription-controls` */
export function parseSubscription(body: unknown): SubscriptionRequest {
  const parsed = subscription.safeParse(body);
  if (!parsed.success) throw refusal("thread/subscription-controls", parsed.error);
  const { dest, signatureToken, secret, reportIfEmpty, initialRecordTime, stream, schedule } = parsed.data;
  checkKind({ stream: stream === true, schedule });
  return {
    dest,
    signatureToken: signatureToken ?? secret,
    reportIfEmpty,
    initialRecordTime: initialRecordTime === undefined ? undefined : new Date(initialRecordTime),
    schedule: schedule as ScheduleText | undefined, // every part is an optional text
  };
}

/** A subscription streams or has a schedule, and never both. @throws Problem `thread/subscription-controls` */
export function checkKind({ stream, schedule }: { stream: boolean; schedule: unknown }): void {
  if (stream === (schedule !== undefined))
    throw new Problem("thread/subscription-controls", "a subscription has either `stream`: true or a `schedule`");
}

function refusal(code: string, error: z.ZodError): Problem {
  const [issue] = error.issues;
  const path = issue?.path.map(String).join(".") ?? "";
  const message = issue?.message ?? "it is not what is asked for";
  return new Problem(code, `\`${path || "the body"}\`: ${message.charAt(0).toLowerCase()}${message.slice(1)}`, {
    detail: {
      issues: error.issues.slice(0, 20).map((each) => ({ path: each.path.map(String).join("."), rule: each.code })),
    },
  });
}
