/** Values of CSAF 2.0 documents by their place: each function gives the value, or throws a Problem that names the place. */
import { Problem } from "@holdfast/kernel";
import { isRecord } from "./object-type.ts";
import type { StixCode } from "./problem-code.ts";

export interface CsafNote {
  readonly category: string;
  readonly title: string | undefined;
  readonly text: string;
}

export function refused(path: string, message: string): Problem<StixCode> {
  return new Problem<StixCode>("stix/csaf", `${path === "" ? "the document" : path}: ${message}`, { detail: { path } });
}

export function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw refused(path, "expected an object");
  return value;
}

/** A text that must be there and not empty. */
export function text(value: unknown, path: string): string {
  if (typeof value !== "string" || value === "") throw refused(path, "expected a text");
  return value;
}

export function optionalText(value: unknown, path: string): string | undefined {
  return value === undefined ? undefined : text(value, path);
}

/** The members of a list that may be absent, each with its place. */
export function members(value: unknown, path: string): { readonly value: unknown; readonly path: string }[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw refused(path, "expected a list");
  return value.map((member, i) => ({ value: member, path: `${path}/${i}` }));
}

export function textList(value: unknown, path: string): string[] {
  return members(value, path).map((member) => text(member.value, member.path));
}

export function readNotes(value: unknown, path: string): CsafNote[] {
  return members(value, path).map((member) => {
    const note = record(member.value, member.path);
    return {
      category: text(note["category"], `${member.path}/category`),
      title: optionalText(note["title"], `${member.path}/title`),
      text: text(note["text"], `${member.path}/text`),
    };
  });
}
