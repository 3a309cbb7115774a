/**
 * Parser of STIX patterns, STIX 2.1 section 9. Precedence from high to low: parentheses, AND, OR, FOLLOWEDBY; a
 * qualifier binds to the nearest unit. Invariant: the result obeys the rules that need no data: an AND can be met by
 * one object type, constants are valid and lists homogeneous, no unit has two qualifiers of one kind.
 */
import { fail, ok, Problem, type Result } from "@holdfast/kernel";
import { parseNet } from "../address.ts";
import type { StixCode } from "../problem-code.ts";
import { compileRegex, type Regex } from "../regex/regex.ts";
import { microsecondsOf, parseTimestamp } from "../timestamp.ts";
import { KEYWORDS, Lexer, syntax, type Token } from "./lexer.ts";
import { isBinaryPath } from "./object-path.ts";
import { typesOf } from "./root-type.ts";
import type { ComparisonNode, Literal, ObjectPath, ObservationNode, PathStep, Pattern, Test } from "./syntax.ts";

/** Characters of one pattern; 100,000 comparisons with a SHA-256 fit. */
export const MAX_PATTERN_CHARS = 20_000_000;
/** Comparisons in one pattern; bounds the memory of its tree. */
export const MAX_PATTERN_TERMS = 100_000;
/** Nested parentheses in one pattern; bounds the recursion of everything that walks the tree. */
export const MAX_PATTERN_NESTING = 100;

const COMPARISONS = new Map([
  ["=", "="],
  ["==", "="],
  ["!=", "!="],
  ["<>", "!="],
  ["<", "<"],
  ["<=", "<="],
  [">", ">"],
  [">=", ">="],
] as const);

/** The pattern that `text` writes. With `legacy`, qualifiers of STIX 2.0 (`START '…' STOP '…'`) are read too. */
export function parsePattern(text: string, options: { legacy?: boolean } = {}): Result<Pattern, StixCode> {
  if (text.length > MAX_PATTERN_CHARS)
    return fail(
      "stix/pattern-too-large",
      `a pattern has at most ${MAX_PATTERN_CHARS} characters, this has ${text.length}`,
    );
  try {
    return ok(new Parser(text, options.legacy === true).pattern());
  } catch (problem) {
    if (problem instanceof Problem) return { ok: false, problem };
    throw problem;
  }
}

class Parser {
  readonly #text: string;
  readonly #lexer: Lexer;
  readonly #acceptLegacy: boolean;
  #token: Token;
  #nesting = 0;
  #terms = 0;
  #legacy = false;

  constructor(text: string, acceptLegacy: boolean) {
    this.#text = text;
    this.#lexer = new Lexer(text);
    this.#acceptLegacy = acceptLegacy;
    this.#token = this.#lexer.next();
  }

  pattern(): Pattern {
    const root = this.#observations();
    if (this.#token.kind !== "end") throw this.#unexpected("the end of the pattern");
    return { text: this.#text, root, legacy: this.#legacy };
  }

  #observations(): ObservationNode {
    return this.#joined("followedby", () => this.#joined("or", () => this.#joined("and", () => this.#qualified())));
  }

  #joined(kind: "followedby" | "or" | "and", operand: () => ObservationNode): ObservationNode {
    const first = operand();
    if (!this.#isWord(kind.toUpperCase())) return first;
    const operands = [first];
    while (this.#skipWord(kind.toUpperCase())) operands.push(operand());
    return { kind, operands };
  }

  #qualified(): ObservationNode {
    let node = this.#unit();
    const seen = new Set<string>();
    for (;;) {
      const at = this.#token.at;
      const qualifier = this.#word();
      if (qualifier === "START") node = this.#startStop(node);
      else if (qualifier === "WITHIN") node = this.#within(node);
      else if (qualifier === "REPEATS") node = this.#repeats(node);
      else return node;
      if (seen.has(qualifier))
        throw rule(`an expression has at most one qualifier \`${qualifier}\`, at character ${at}`);
      seen.add(qualifier);
    }
  }

  #unit(): ObservationNode {
    if (this.#skipSymbol("(")) {
      const inside = this.#nested(() => this.#observations());
      this.#expectSymbol(")");
      return inside;
    }
    this.#expectSymbol("[");
    const comparison = this.#comparison();
    this.#expectSymbol("]");
    return { kind: "block", comparison };
  }

  #startStop(operand: ObservationNode): ObservationNode {
    this.#advance();
    const startMicros = this.#instant();
    if (!this.#skipWord("STOP")) throw this.#unexpected("`STOP`");
    return { kind: "startstop", operand, startMicros, stopMicros: this.#instant() };
  }

  #instant(): number {
    const token = this.#token;
    const legacy = token.kind === "string" && this.#acceptLegacy;
    if (token.kind !== "timestamp" && !legacy) throw this.#unexpected("a timestamp `t'…'`");
    const text = token.kind === "timestamp" ? token.text : token.kind === "string" ? token.value : "";
    const instant = parseTimestamp(text);
    if (instant === undefined) throw rule(`\`${text.slice(0, 64)}\` is no timestamp, at character ${token.at}`);
    this.#legacy ||= legacy;
    this.#advance();
    return microsecondsOf(instant);
  }

  #within(operand: ObservationNode): ObservationNode {
    this.#advance();
    const token = this.#token;
    if (token.kind !== "integer" && token.kind !== "float") throw this.#unexpected("a number of seconds");
    if (token.value <= 0) throw rule(`\`WITHIN\` takes a positive number, at character ${token.at}`);
    this.#advance();
    if (!this.#skipWord("SECONDS")) throw this.#unexpected("`SECONDS`");
    return { kind: "within", operand, windowMicros: token.value * 1_000_000 };
  }

  #repeats(operand: ObservationNode): ObservationNode {
    this.#advance();
    const token = this.#token;
    if (token.kind !== "integer") throw this.#unexpected("a number of times");
    if (token.value < 1) throw rule(`\`REPEATS\` takes a positive integer, at character ${token.at}`);
    this.#advance();
    if (!this.#skipWord("TIMES")) throw this.#unexpected("`TIMES`");
    return { kind: "repeats", operand, times: token.value };
  }

  #comparison(): ComparisonNode {
    const first = this.#comparisonAnd();
    if (!this.#isWord("OR")) return first;
    const operands = [first];
    while (this.#skipWord("OR")) operands.push(this.#comparisonAnd());
    return { kind: "or", operands };
  }

  #comparisonAnd(): ComparisonNode {
    const at = this.#token.at;
    const first = this.#test();
    if (!this.#isWord("AND")) return first;
    const operands = [first];
    while (this.#skipWord("AND")) operands.push(this.#test());
    const node: ComparisonNode = { kind: "and", operands };
    if (typesOf(node).size === 0)
      throw rule(
        `the operands of AND must be met by one object, and these start at different types, at character ${at}`,
      );
    return node;
  }

  #test(): ComparisonNode {
    if (this.#skipSymbol("(")) {
      const inside = this.#nested(() => this.#comparison());
      this.#expectSymbol(")");
      return inside;
    }
    this.#terms += 1;
    if (this.#terms > MAX_PATTERN_TERMS)
      throw new Problem<StixCode>("stix/pattern-too-large", `a pattern has at most ${MAX_PATTERN_TERMS} comparisons`);
    const notFirst = this.#skipWord("NOT");
    if (this.#skipWord("EXISTS")) return { kind: "exists", path: this.#path(), negated: notFirst };
    if (notFirst) throw this.#unexpected("`EXISTS`; elsewhere `NOT` follows the path");
    const path = this.#path();
    const negated = this.#skipWord("NOT");
    return { kind: "test", path, negated, test: this.#operator(path) };
  }

  #path(): ObjectPath {
    const token = this.#token;
    if (token.kind !== "word" || KEYWORDS.has(token.text)) throw this.#unexpected("an object path");
    this.#advance();
    this.#expectSymbol(":");
    const steps: PathStep[] = [this.#key()];
    for (;;) {
      if (this.#skipSymbol(".")) steps.push(this.#key());
      else if (this.#skipSymbol("[")) {
        steps.push(this.#index());
        this.#expectSymbol("]");
      } else return { type: token.text, steps };
      if (steps.length > MAX_PATTERN_NESTING)
        throw rule(`a path has at most ${MAX_PATTERN_NESTING} steps, at character ${token.at}`);
    }
  }

  #key(): PathStep {
    const token = this.#token;
    const isName = token.kind === "word" && !KEYWORDS.has(token.text) && !token.text.includes("-");
    if (token.kind !== "string" && !isName) throw this.#unexpected("a property name; names with `-` or `.` are quoted");
    this.#advance();
    return { key: token.kind === "string" ? token.value : token.kind === "word" ? token.text : "" };
  }

  #index(): PathStep {
    if (this.#skipSymbol("*")) return "*";
    const token = this.#token;
    if (token.kind !== "integer") throw this.#unexpected("an index or `*`");
    this.#advance();
    return { index: token.value };
  }

  #operator(path: ObjectPath): Test {
    const token = this.#token;
    if (token.kind === "symbol") {
      const operator = [...COMPARISONS].find(([symbol]) => symbol === token.text)?.[1];
      if (operator !== undefined) return this.#orderTest(operator);
    }
    const word = this.#word();
    switch (word) {
      case "IN":
        this.#advance();
        return { operator: "IN", literals: this.#set() };
      case "LIKE":
        this.#advance();
        return { operator: "LIKE", text: this.#string().normalize("NFC") };
      case "MATCHES":
        this.#advance();
        return this.#matches(path);
      case "ISSUBSET":
      case "ISSUPERSET":
        this.#advance();
        return { operator: word, net: this.#net() };
      default:
        throw this.#unexpected("a comparison operator");
    }
  }

  #orderTest(operator: "=" | "!=" | "<" | "<=" | ">" | ">="): Test {
    this.#advance();
    const at = this.#token.at;
    const literal = this.#literal();
    if (literal.kind === "boolean" && operator !== "=" && operator !== "!=")
      throw rule(`\`true\` and \`false\` have no order, at character ${at}`);
    return { operator, literal };
  }

  #literal(): Literal {
    const token = this.#token;
    const literal = literalOf(token);
    if (literal === undefined) throw this.#unexpected("a constant");
    this.#advance();
    return literal;
  }

  #set(): Literal[] {
    const at = this.#token.at;
    this.#expectSymbol("(");
    const literals: Literal[] = [];
    if (this.#skipSymbol(")")) return literals;
    do {
      this.#terms += 1;
      if (this.#terms > MAX_PATTERN_TERMS)
        throw new Problem<StixCode>("stix/pattern-too-large", `a pattern has at most ${MAX_PATTERN_TERMS} comparisons`);
      literals.push(this.#literal());
    } while (this.#skipSymbol(","));
    this.#expectSymbol(")");
    if (literals.some((literal) => literal.kind !== literals[0]?.kind))
      throw rule(`the constants of \`IN\` must be of one type, at character ${at}`);
    return literals;
  }

  #string(): string {
    const token = this.#token;
    if (token.kind !== "string") throw this.#unexpected("a string constant");
    this.#advance();
    return token.value;
  }

  #matches(path: ObjectPath): Test {
    const at = this.#token.at;
    const text = this.#string();
    if (!isBinaryPath(path)) return { operator: "MATCHES", text, regex: regexAt(text.normalize("NFC"), "text", at) };
    const regex = /[^\0-\u00ff]/.test(text) ? undefined : regexAt(text, "bytes", at);
    return { operator: "MATCHES", text, regex };
  }

  #net() {
    const at = this.#token.at;
    const text = this.#string();
    const net = parseNet(text);
    if (net === undefined) throw rule(`\`${text.slice(0, 64)}\` is no address or net, at character ${at}`);
    return net;
  }

  #nested<Node>(inside: () => Node): Node {
    this.#nesting += 1;
    if (this.#nesting > MAX_PATTERN_NESTING)
      throw new Problem<StixCode>("stix/pattern-too-large", `parentheses nest at most ${MAX_PATTERN_NESTING} deep`);
    const node = inside();
    this.#nesting -= 1;
    return node;
  }

  #advance(): void {
    this.#token = this.#lexer.next();
  }

  #word(): string | undefined {
    return this.#token.kind === "word" ? this.#token.text : undefined;
  }

  #isWord(text: string): boolean {
    return this.#token.kind === "word" && this.#token.text === text;
  }

  #skipWord(text: string): boolean {
    const found = this.#isWord(text);
    if (found) this.#advance();
    return found;
  }

  #skipSymbol(text: string): boolean {
    const found = this.#token.kind === "symbol" && this.#token.text === text;
    if (found) this.#advance();
    return found;
  }

  #expectSymbol(text: string): void {
    if (!this.#skipSymbol(text)) throw this.#unexpected(`\`${text}\``);
  }

  #unexpected(expected: string): Problem<StixCode> {
    return syntax(`expected ${expected}, found ${describe(this.#token)}`, this.#token.at);
  }
}

function literalOf(token: Token): Literal | undefined {
  switch (token.kind) {
    case "string":
      return { kind: "string", value: token.value };
    case "bytes":
      return { kind: "bytes", value: token.value };
    case "integer":
    case "float":
      return { kind: "number", value: token.value };
    case "timestamp": {
      const value = parseTimestamp(token.text);
      if (value === undefined) throw rule(`\`${token.text.slice(0, 64)}\` is no timestamp, at character ${token.at}`);
      return { kind: "timestamp", value };
    }
    case "word":
      return token.text === "true" || token.text === "false"
        ? { kind: "boolean", value: token.text === "true" }
        : undefined;
    default:
      return undefined;
  }
}

function regexAt(text: string, mode: "text" | "bytes", at: number): Regex {
  const compiled = compileRegex(text, mode);
  if (compiled.ok) return compiled.value;
  throw new Problem<StixCode>(
    "stix/pattern-regex",
    `${compiled.problem.message}, in the regular expression at character ${at}`,
    {
      cause: compiled.problem,
    },
  );
}

function rule(message: string): Problem<StixCode> {
  return new Problem<StixCode>("stix/pattern-rule", message);
}

function describe(token: Token): string {
  switch (token.kind) {
    case "end":
      return "the end";
    case "word":
    case "symbol":
      return `\`${token.text.slice(0, 64)}\``;
    case "integer":
    case "float":
      return `\`${token.value}\``;
    default:
      return `a ${token.kind} constant`;
  }
}
