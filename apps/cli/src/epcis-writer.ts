/** Writes an EPCIS document in pieces: start, each event, end. */
import {
  type ExactJson,
  type ExactObject,
  type IdForm,
  isObject,
  jsonFrame,
  jsonText,
  type PrefixLengths,
  type ReadEvent,
  shellOfBareEvent,
  STANDARD_NAMESPACES,
  translateEvent,
  withContext,
  withoutContext,
  xmlFrame,
  xmlOfEvent,
} from "@holdfast/epcis";
import { EXIT } from "./exit.ts";
import { Failure } from "./failure.ts";

interface IdTranslation {
  readonly form: IdForm;
  readonly lengths: PrefixLengths;
  readonly untranslated: Set<string>;
}

export interface DocumentWriter {
  readonly start: string;
  /** The text of one event, with its separator. */
  event(event: ReadEvent, ids: IdTranslation | undefined): string;
  readonly end: string;
}

interface Target {
  readonly to: "json" | "xml";
  /** The document around the events; undefined for a bare event. */
  readonly shell: ExactObject | undefined;
  readonly bareEvent: ReadEvent | undefined;
}

/** A writer for the document. @throws Problem `epcis/no-xml-form` where XML cannot carry it */
export function documentWriter({ to, shell, bareEvent }: Target): DocumentWriter {
  return to === "xml" ? xmlWriter(shell, bareEvent) : jsonWriter(shell);
}

function xmlWriter(shell: ExactObject | undefined, bareEvent: ReadEvent | undefined): DocumentWriter {
  const around = shell ?? shellOfBareEvent(bareEvent?.value);
  const { start, end } = xmlFrame(around);
  const namespaces = withContext(STANDARD_NAMESPACES, around["@context"]);
  return {
    start,
    end,
    event(event, ids) {
      const value = translated(event.value, ids);
      if (!isObject(value)) throw new Failure(EXIT.badData, `event ${event.index} is no object`);
      return xmlOfEvent(event.isBare ? withoutContext(value) : value, namespaces);
    },
  };
}

function jsonWriter(shell: ExactObject | undefined): DocumentWriter {
  if (!shell) return { start: "", end: "\n", event: (event, ids) => jsonText(translated(event.value, ids), 2) };
  const { start, end } = jsonFrame(shell);
  return {
    start,
    end,
    event: ({ index, value }, ids) => `${index === 0 ? "" : ","}${indented(jsonText(translated(value, ids), 2))}`,
  };
}

/** JSON text has no line breaks inside strings, so every one of them starts a line of the event. */
function indented(text: string): string {
  return `\n${text}`.replaceAll("\n", "\n      ");
}

function translated(value: ExactJson, ids: IdTranslation | undefined): ExactJson {
  return ids === undefined ? value : translateEvent(value, ids);
}
