/**
 * Validation of documents and events: the schema of the binding they came in decides valid or invalid (JSON Schema rules
 * for JSON, XSD rules of the document's version for XML), identifiers and meaning add what else is wrong.
 */
import type { EpcisDocument } from "./document.ts";
import { EVENT_TYPES, type EpcisEvent, isObject } from "./event.ts";
import type { Issue } from "./issue.ts";
import { redefinedPrefixes } from "./namespaces.ts";
import type { ReadEvent, Shell } from "./reader.ts";
import { checkBareEvent, checkDocument, checkEvent } from "./schema.ts";
import { report } from "./schema-values.ts";
import { checkMeaning } from "./semantics.ts";

export interface Verdict {
  /** Whether the schema of the document's binding takes it. */
  readonly isValid: boolean;
  /** Everything found, schema first. */
  readonly issues: readonly Issue[];
}

/** The verdict over a whole document. */
export function validateDocument(document: EpcisDocument): Verdict {
  const { shell: value, namespaces, origin, issues, events } = document;
  const around = validateShell({ value, namespaces, origin, issues, eventCount: events.length });
  return verdictOf([...around.issues, ...events.flatMap((event) => validateEvent(event).issues)]);
}

/** The verdict over one event of a stream; its path starts at the event list, that of a bare event at the event. */
export function validateEvent({ value, index, issues: found, namespaces, syntax, isBare }: ReadEvent): Verdict {
  const issues: Issue[] = [...found];
  const path = isBare ? "" : `/epcisBody/eventList/${index}`;
  if (syntax === "xml") issues.push(...jsonRules(value, path));
  else if (isBare) checkBareEvent(value, issues);
  else checkEvent(value, path, issues);
  if (isObject(value)) checkMeaning(value, namespaces, path, issues);
  return verdictOf(issues);
}

/** The verdict over everything of a streamed document but its events. */
export function validateShell(shell: Shell): Verdict {
  const issues: Issue[] = [...shell.issues];
  for (const prefix of redefinedPrefixes(shell.value?.["@context"]))
    report(issues, "/@context", "prefix", `\`${prefix}\` is protected and cannot mean something else`, "semantic");
  if (shell.origin.syntax === "json" && shell.value) checkDocument(shell.value, issues);
  return verdictOf(issues);
}

/** Whether a value that passed the schema is an event of one of the five standard kinds. */
export function isStandardEvent(value: unknown): value is EpcisEvent {
  return isObject(value) && typeof value["type"] === "string" && EVENT_TYPES.has(value["type"]);
}

/** JSON and XML schema disagree in places (EPCIS 2.0): what only the JSON one refuses is no reason to refuse XML. */
function jsonRules(value: unknown, path: string): Issue[] {
  const issues: Issue[] = [];
  checkEvent(value, path, issues);
  return issues.map((issue) => ({ ...issue, layer: "semantic" as const }));
}

function verdictOf(issues: readonly Issue[]): Verdict {
  const isSchema = ({ layer }: Issue) => layer === "schema";
  return {
    isValid: !issues.some(isSchema),
    issues: [...issues.filter(isSchema), ...issues.filter((issue) => !isSchema(issue))],
  };
}
