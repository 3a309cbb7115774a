/**
 * Writes well-formed XML 1.0: escapes every value, closes what it opened. Refuses characters that XML 1.0 cannot carry
 * in any form (most control characters, lone surrogates).
 */
import { refusal } from "./refusal.ts";
import { MARK_TARGET } from "./xml-tree.ts";

/** XML 1.0 2.2, Char. */
const WRITABLE = /^[\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

export class XmlText {
  readonly #parts: string[] = [];
  readonly #open: { readonly name: string; hasContent: boolean; hasText: boolean }[] = [];
  readonly #indent: string;
  #next: Readonly<Record<string, string>> = {};
  readonly #depth: number;

  /** @param depth levels of indentation to start with, for a piece of a larger document */
  constructor({ indent = "  ", depth = 0 }: { readonly indent?: string; readonly depth?: number } = {}) {
    this.#indent = indent;
    this.#depth = depth;
  }

  open(name: string): void {
    const parent = this.#finishTag();
    if (!parent?.hasText) this.#newline();
    this.#parts.push(`<${name}`);
    this.#open.push({ name, hasContent: false, hasText: false });
    for (const [attribute, value] of Object.entries(this.#next)) this.attribute(attribute, value);
    this.#next = {};
  }

  /** Attributes for the element that is opened next. */
  attributesOfNext(attributes: Readonly<Record<string, string>>): void {
    this.#next = attributes;
  }

  /** Lets the next element start on its own line although text stands before it. */
  breakLine(): void {
    const element = this.#open.at(-1);
    if (element) element.hasText = false;
  }

  /** Adds an attribute to the element that was just opened. */
  attribute(name: string, value: string): void {
    this.#parts.push(` ${name}="${escapeAttribute(value)}"`);
  }

  /** Adds marks for the reader of this package, see MARK_TARGET. */
  marks(marks: readonly string[]): void {
    if (marks.length === 0) return;
    const element = this.#finishTag();
    for (const mark of marks) this.#parts.push(`<?${MARK_TARGET} ${mark}?>`);
    if (element) element.hasText = true;
  }

  text(text: string): void {
    if (text === "") return;
    const element = this.#finishTag();
    this.#parts.push(escapeText(text));
    if (element) element.hasText = true;
  }

  close(): void {
    const element = this.#open.pop();
    if (!element) return;
    if (!element.hasContent) this.#parts.push("/>");
    else {
      if (!element.hasText) this.#newline();
      this.#parts.push(`</${element.name}>`);
    }
  }

  /** `<name>text</name>` */
  leaf(name: string, text: string): void {
    this.open(name);
    this.text(text);
    this.close();
  }

  toString(): string {
    return this.#parts.join("");
  }

  #finishTag() {
    const element = this.#open.at(-1);
    if (element && !element.hasContent) {
      this.#parts.push(">");
      element.hasContent = true;
    }
    return element;
  }

  #newline(): void {
    if (this.#parts.length > 0 || this.#depth > 0)
      this.#parts.push(`\n${this.#indent.repeat(this.#depth + this.#open.length)}`);
  }
}

function escapeText(text: string): string {
  refuseUnwritable(text);
  // A carriage return would come back as a line feed, XML 1.0 2.11.
  return text.replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? character);
}

function escapeAttribute(text: string): string {
  refuseUnwritable(text);
  // White space would come back as a space, XML 1.0 3.3.3.
  return text.replace(/[&<>"\r\n\t]/g, (character) => ESCAPES[character] ?? character);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
  "\n": "&#10;",
  "\t": "&#9;",
};

function refuseUnwritable(text: string): void {
  if (!WRITABLE.test(text))
    throw refusal(
      "epcis/no-xml-form",
      `a value holds a character that XML 1.0 cannot carry: \`${JSON.stringify(text.slice(0, 64))}\``,
    );
}
