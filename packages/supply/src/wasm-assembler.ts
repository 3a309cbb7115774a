/**
 * A small assembler for WebAssembly 2.0 with 128-bit SIMD: expressions are arrays of bytes, functions are put together to
 * a module that imports one memory. It knows the instructions the cascade kernel needs and no others; it checks nothing,
 * the engine's validator does.
 */

export type Code = readonly number[];

export const I32 = 0x7f;
export const F64 = 0x7c;
export const V128 = 0x7b;
type ValueType = typeof I32 | typeof F64 | typeof V128;

export interface WasmFunction {
  readonly name: string;
  /** Names and types of the parameters, then of the locals, in the order of their indices. */
  readonly parameters: readonly (readonly [string, ValueType])[];
  readonly locals: readonly (readonly [string, ValueType])[];
  readonly result?: ValueType;
  readonly body: (local: Locals) => readonly Code[];
}

/** Reads and writes of a function's parameters and locals by name. */
export interface Locals {
  get(name: string): Code;
  set(name: string, value: Code): Code;
}

const PAGES_MAX = 65_536;
const MAGIC_AND_VERSION: Code = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** The bytes of a module with `functions`, all exported, importing the memory `env.memory`. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map((each) => [
    0x60,
    ...vector(each.parameters.map(([, type]) => [type])),
    ...vector(each.result === undefined ? [] : [[each.result]]),
  ]);
  const memory = [...text("env"), ...text("memory"), 0x02, 0x01, ...unsigned(1), ...unsigned(PAGES_MAX)];
  const exported = functions.map((each, index) => [...text(each.name), 0x00, ...unsigned(index)]);
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(1, vector(types)),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(exported)),
    ...section(10, vector(functions.map(functionBody))),
  ]);
}

function functionBody(each: WasmFunction): Code {
  const index = new Map([...each.parameters, ...each.locals].map(([name], at) => [name, at]));
  const place = (name: string): Code => {
    const at = index.get(name);
    if (at === undefined) throw new RangeError(`function ${each.name} has no local \`${name}\``);
    return unsigned(at);
  };
  const locals: Locals = {
    get: (name) => [0x20, ...place(name)],
    set: (name, value) => [...value, 0x21, ...place(name)],
  };
  const declared = vector(each.locals.map(([, type]) => [1, type]));
  const body = [...declared, ...each.body(locals).flat(), 0x0b];
  return [...unsigned(body.length), ...body];
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): Code {
  return vector([...new TextEncoder().encode(value)].map((byte) => [byte]));
}

/** LEB128, WebAssembly 5.2.2. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(last ? low : low | 0x80);
    if (last) return bytes;
  }
}

function float64(value: number): Code {
  return [...new Uint8Array(Float64Array.of(value).buffer)];
}

/** A SIMD instruction: prefix 0xfd and its number. */
function simd(opcode: number, ...operands: readonly Code[]): Code {
  return [...operands.flat(), 0xfd, ...unsigned(opcode)];
}

const plain =
  (opcode: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), opcode];

export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const i32Add = plain(0x6a);
export const i32Sub = plain(0x6b);
export const i32And = plain(0x71);
export const i32TrailingZeros = plain(0x68);
export const i32ShiftLeft = plain(0x74);
export const i32IsZero = plain(0x45);
export const i32GreaterOrEqualUnsigned = plain(0x4f);
export const f64 = (value: number): Code => [0x44, ...float64(value)];
export const f64Multiply = plain(0xa2);

const ALIGNED = { load8: 0, load32: 2, loadF64: 3, v128: 4 } as const;
export const loadByte = (address: Code): Code => [...address, 0x2d, ALIGNED.load8, 0];
export const storeByte = (address: Code, value: Code): Code => [...address, ...value, 0x3a, ALIGNED.load8, 0];
export const loadI32 = (address: Code, offset = 0): Code => [...address, 0x28, ALIGNED.load32, ...unsigned(offset)];
export const storeI32 = (address: Code, value: Code): Code => [...address, ...value, 0x36, ALIGNED.load32, 0];
export const loadF64 = (address: Code): Code => [...address, 0x2b, ALIGNED.loadF64, 0];
export const loadVector = (address: Code, offset: number): Code => [
  ...address,
  0xfd,
  0x00,
  ALIGNED.v128,
  ...unsigned(offset),
];
export const storeVector = (address: Code, value: Code, offset: number): Code => [
  ...address,
  ...value,
  0xfd,
  0x0b,
  ALIGNED.v128,
  ...unsigned(offset),
];

export const splat = (value: Code): Code => simd(0x14, value);
export const vectorAdd = (a: Code, b: Code): Code => simd(0xf0, a, b);
export const vectorSub = (a: Code, b: Code): Code => simd(0xf1, a, b);
export const vectorMultiply = (a: Code, b: Code): Code => simd(0xf2, a, b);
export const vectorDivide = (a: Code, b: Code): Code => simd(0xf3, a, b);
/** The lane-wise smaller; `pmin` of the standard, b < a ? b : a. */
export const vectorMin = (a: Code, b: Code): Code => simd(0xf6, a, b);
export const vectorMax = (a: Code, b: Code): Code => simd(0xf7, a, b);
export const vectorLess = (a: Code, b: Code): Code => simd(0x49, a, b);
export const vectorAnd = (a: Code, b: Code): Code => simd(0x4e, a, b);
export const vectorOr = (a: Code, b: Code): Code => simd(0x50, a, b);
/** Lanes of `a` where the mask is set, else of `b`. */
export const vectorSelect = (a: Code, b: Code, mask: Code): Code => simd(0x52, a, b, mask);
export const anyTrue = (value: Code): Code => simd(0x53, value);

/** `body` as long as `condition` holds; the condition is tested first. */
export function whileLoop(condition: Code, body: readonly Code[]): Code {
  const leave: Code = [...i32IsZero(condition), 0x0d, 1]; // br_if to the block's end
  return [0x02, 0x40, 0x03, 0x40, ...leave, ...body.flat(), 0x0c, 0, 0x0b, 0x0b];
}

export function ifElse(condition: Code, then: readonly Code[], otherwise: readonly Code[] = []): Code {
  const rest = otherwise.length > 0 ? [0x05, ...otherwise.flat()] : [];
  return [...condition, 0x04, 0x40, ...then.flat(), ...rest, 0x0b];
}

export const intSplat = (value: Code): Code => simd(0x11, value);
export const intAdd = (a: Code, b: Code): Code => simd(0xae, a, b);
export const intGreaterOrEqualUnsigned = (a: Code, b: Code): Code => simd(0x40, a, b);
/** One bit per lane of four, the lane's sign. */
export const intBitmask = (value: Code): Code => simd(0xa4, value);
export const vectorXor = (a: Code, b: Code): Code => simd(0x51, a, b);
/** Unsigned 64-bit products of lanes 0 and 1, or of lanes 2 and 3. */
export const multiplyLow = (a: Code, b: Code): Code => simd(0xde, a, b);
export const multiplyHigh = (a: Code, b: Code): Code => simd(0xdf, a, b);
/** Bytes of `a` (0 to 15) and `b` (16 to 31) in the order of `bytes`. */
export const shuffle = (a: Code, b: Code, bytes: readonly number[]): Code => [...simd(0x0d, a, b), ...bytes];
