/**
 * The form of a credential by VC Data Model 2.0, section 4: contexts, types, ids, issuer, subject, dates and the typed
 * extension points. Refuses nothing by itself: it adds what it finds to a list. `@vocab` is forbidden, because with it
 * every unknown word would mean something.
 */
import type { Json } from "@holdfast/kernel";
import { instantMs } from "./instant.ts";
import { type Issue, MAX_ISSUES } from "./issue.ts";
import { isList, isObject, type JsonObject, listOf, under } from "./json.ts";
import { shown } from "./refusal.ts";
import { isUri } from "./uri.ts";

export const VC_CONTEXT = "https://www.w3.org/ns/credentials/v2";

/** Members whose objects each name their type (4.10 to 4.13), and whether they need an id too. */
const TYPED: readonly (readonly [name: string, needsId: boolean])[] = [
  ["credentialStatus", false],
  ["credentialSchema", true],
  ["refreshService", false],
  ["termsOfUse", false],
  ["evidence", false],
  ["renderMethod", false],
];

/** Adds to `found` what VC Data Model 2.0 forbids in `credential`. */
export function checkVcdm(credential: Json, found: Issue[]): void {
  const add = (path: string, rule: string, reason: string) => {
    if (found.length < MAX_ISSUES) found.push({ path, layer: "vcdm", rule, reason });
  };
  if (!isObject(credential)) return add("", "type", "a credential is a JSON object");
  checkContexts(credential["@context"], add);
  const types = listOf(credential["type"]);
  if (!types.includes("VerifiableCredential"))
    add("/type", "contains", "`VerifiableCredential` is not among the types");
  if (types.some((type) => typeof type !== "string" || type === "")) add("/type", "type", "a type is text");
  checkId(credential["id"], "/id", add);
  checkIssuer(credential["issuer"], add);
  checkSubjects(credential["credentialSubject"], add);
  checkPeriod(credential, add);
  for (const name of ["name", "description"]) checkText(credential[name], `/${name}`, add);
  for (const [name, needsId] of TYPED) checkTyped(credential[name], { path: `/${name}`, needsId }, add);
}

type Add = (path: string, rule: string, reason: string) => void;

/** 4.3: an ordered set whose first item is the base context. */
function checkContexts(contexts: Json | undefined, add: Add): void {
  if (!isList(contexts)) return add("/@context", "type", "`@context` is an array");
  if (contexts[0] !== VC_CONTEXT) add("/@context/0", "const", `the first context is \`${VC_CONTEXT}\``);
  for (const [i, context] of contexts.entries()) {
    const path = under("/@context", i);
    if (isObject(context)) {
      if ("@vocab" in context) add(path, "vocab", "`@vocab` is not allowed");
    } else if (typeof context !== "string" || !isUri(context)) add(path, "uri", "a context is a URL or an object");
  }
}

/** 4.7: a URL, or an object with one. */
function checkIssuer(issuer: Json | undefined, add: Add): void {
  if (issuer === undefined) return add("", "required", "`issuer` is missing");
  const id = isObject(issuer) ? issuer["id"] : issuer;
  const path = isObject(issuer) ? "/issuer/id" : "/issuer";
  if (typeof id !== "string") return add(path, "required", "the issuer has no id");
  checkId(id, path, add);
}

/** 4.8: one object or several, none of them empty. */
function checkSubjects(subject: Json | undefined, add: Add): void {
  if (subject === undefined) return add("", "required", "`credentialSubject` is missing");
  const subjects = listOf(subject);
  if (subjects.length === 0) add("/credentialSubject", "required", "a credential is about at least one subject");
  for (const [i, each] of subjects.entries()) {
    const path = isList(subject) ? under("/credentialSubject", i) : "/credentialSubject";
    if (!isObject(each) || Object.keys(each).length === 0) add(path, "type", "a subject is an object with a claim");
    else checkId(each["id"], `${path}/id`, add);
  }
}

/** 4.9: dateTimeStamps, the end not before the beginning. */
function checkPeriod(credential: JsonObject, add: Add): void {
  const [from, until] = (["validFrom", "validUntil"] as const).map((name) => {
    const value = credential[name];
    if (value === undefined) return undefined;
    const at = typeof value === "string" ? instantMs(value) : undefined;
    if (at === undefined) add(`/${name}`, "date-time", `${shown(String(value))} is not a time with its zone`);
    return at;
  });
  if (from !== undefined && until !== undefined && until < from)
    add("/validUntil", "order", "the credential ends before it begins");
}

/** 4.5: text, or language value objects. */
function checkText(value: Json | undefined, path: string, add: Add): void {
  for (const each of listOf(value))
    if (typeof each !== "string" && !(isObject(each) && typeof each["@value"] === "string"))
      add(path, "type", "it is neither text nor a language value");
}

function checkTyped(value: Json | undefined, rule: { path: string; needsId: boolean }, add: Add): void {
  for (const [i, each] of listOf(value).entries()) {
    const path = isList(value) ? under(rule.path, i) : rule.path;
    if (!isObject(each)) {
      add(path, "type", "it is an object with a type");
      continue;
    }
    if (!listOf(each["type"]).some((type) => typeof type === "string")) {
      // UNTP samples render without a type; the model asks for one wherever a verifier must understand the object
      if (rule.path !== "/renderMethod") add(path, "required", "`type` is missing");
    }
    if (rule.needsId && each["id"] === undefined) add(path, "required", "`id` is missing");
    checkId(each["id"], `${path}/id`, add);
  }
}

/** 4.4: a single URL. */
function checkId(id: Json | undefined, path: string, add: Add): void {
  if (id !== undefined && (typeof id !== "string" || !isUri(id))) add(path, "uri", `${shown(String(id))} is not a URL`);
}
