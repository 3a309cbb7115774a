/**
 * The inner loops of the fast cascade as WebAssembly with SIMD. A row is the loss of one firm or slot in eight shocks that
 * advance together, 64 bytes. Every function works on lists of the firms or slots that a loss has reached, so that its cost
 * is the links touched and not the links there are. All pointers are byte addresses in the imported memory.
 */
import {
  anyTrue,
  type Code,
  f64,
  f64Multiply,
  I32,
  i32,
  i32Add,
  i32GreaterOrEqualUnsigned,
  i32IsZero,
  i32ShiftLeft,
  i32Sub,
  ifElse,
  loadByte,
  loadF64,
  loadI32,
  loadVector,
  type Locals,
  splat,
  storeByte,
  storeI32,
  storeVector,
  V128,
  vectorAdd,
  vectorAnd,
  vectorDivide,
  vectorLess,
  vectorMax,
  vectorMin,
  vectorMultiply,
  vectorOr,
  vectorSelect,
  vectorSub,
  type WasmFunction,
  wasmModule,
  whileLoop,
} from "./wasm-assembler.ts";
import { compileKernel, instantiateKernel, type KernelMemory, type WasmModule } from "./wasm-runtime.ts";

export const LANES = 8;
export const ROW_BYTES = 64;

/** What the compiled kernel exports; the comment at each function below says what it does. */
export interface CascadeKernel {
  push(
    list: number,
    count: number,
    start: number,
    target: number,
    share: number,
    rows: number,
    sums: number,
    flags: number,
    touched: number,
    touchedCount: number,
  ): number;
  fold(touched: number, count: number, firmCount: number, slotFirm: number, sums: number, flags: number): number;
  settle(list: number, count: number, sums: number, rows: number, flags: number, change: number): void;
  pull(
    count: number,
    groupStart: number,
    linkStart: number,
    source: number,
    share: number,
    from: number,
    old: number,
    next: number,
    change: number,
    list: number,
  ): number;
  remaining(
    list: number,
    count: number,
    rows: number,
    out: number,
    marketOf: number,
    marketTotal: number,
    markets: number,
    flags: number,
    touched: number,
  ): number;
  recount(
    touched: number,
    count: number,
    start: number,
    member: number,
    rows: number,
    out: number,
    marketTotal: number,
    markets: number,
    flags: number,
  ): void;
  replace(list: number, count: number, rows: number, out: number, marketOf: number, markets: number, to: number): void;
  weigh(
    listDown: number,
    countDown: number,
    listUp: number,
    countUp: number,
    rowsDown: number,
    rowsUp: number,
    weight: number,
    result: number,
  ): void;
  keep(list: number, count: number, rows: number, mask: number): number;
}

const QUARTERS = [0, 1, 2, 3] as const; // a row is four vectors of two doubles

const at32 = (base: Code, index: Code): Code => i32Add(base, i32ShiftLeft(index, i32(2)));
const at64 = (base: Code, index: Code): Code => i32Add(base, i32ShiftLeft(index, i32(3)));
const atRow = (base: Code, index: Code): Code => i32Add(base, i32ShiftLeft(index, i32(6)));
const ints = (...names: readonly string[]) => names.map((name) => [name, I32] as const);
const vectors = (prefix: string) => QUARTERS.map((q) => [`${prefix}${q}`, V128] as const);
const quarter = (address: Code, q: number): Code => loadVector(address, 16 * q);

/** for (n = 0; n < count; n++) { item = list[n]; body } */
function forList(local: Locals, body: readonly Code[], list = "list", count = "count"): Code[] {
  return [
    local.set("n", i32(0)),
    whileLoop(i32Sub(local.get(count), local.get("n")), [
      local.set("item", loadI32(at32(local.get(list), local.get("n")))),
      ...body,
      local.set("n", i32Add(local.get("n"), i32(1))),
    ]),
  ];
}

/** sums[target] += share * rows[item] for every link of every listed firm; lists what it touched; returns how many. */
const push: WasmFunction = {
  name: "push",
  parameters: ints("list", "count", "start", "target", "share", "rows", "sums", "flags", "touched", "touchedCount"),
  locals: [...ints("n", "item", "link", "end", "slot", "row"), ["factor", V128], ...vectors("x")],
  result: I32,
  body: (local) => {
    const { get, set } = local;
    const product = (q: number) => vectorMultiply(get("factor"), get(`x${q}`));
    return [
      ...forList(local, [
        set("row", atRow(get("rows"), get("item"))),
        ...QUARTERS.map((q) => set(`x${q}`, quarter(get("row"), q))),
        set("link", loadI32(at32(get("start"), get("item")))),
        set("end", loadI32(at32(get("start"), get("item")), 4)),
        whileLoop(i32Sub(get("end"), get("link")), [
          set("slot", loadI32(at32(get("target"), get("link")))),
          set("factor", splat(loadF64(at64(get("share"), get("link"))))),
          set("row", atRow(get("sums"), get("slot"))),
          ifElse(
            loadByte(i32Add(get("flags"), get("slot"))),
            QUARTERS.map((q) => storeVector(get("row"), vectorAdd(quarter(get("row"), q), product(q)), 16 * q)),
            [
              storeByte(i32Add(get("flags"), get("slot")), i32(1)),
              storeI32(at32(get("touched"), get("touchedCount")), get("slot")),
              set("touchedCount", i32Add(get("touchedCount"), i32(1))),
              ...QUARTERS.map((q) => storeVector(get("row"), product(q), 16 * q)),
            ],
          ),
          set("link", i32Add(get("link"), i32(1))),
        ]),
      ]),
      get("touchedCount"),
    ];
  },
};

/** Replaces each touched slot past the firms by its firm, whose sum becomes the largest of its groups; returns the count. */
const fold: WasmFunction = {
  name: "fold",
  parameters: ints("list", "count", "firmCount", "slotFirm", "sums", "flags"),
  locals: ints("n", "item", "firm", "from", "to", "kept"),
  result: I32,
  body: (local) => {
    const { get, set } = local;
    const keep = (name: string): Code[] => [
      storeI32(at32(get("list"), get("kept")), get(name)),
      set("kept", i32Add(get("kept"), i32(1))),
    ];
    return [
      ...forList(local, [
        ifElse(
          i32GreaterOrEqualUnsigned(get("item"), get("firmCount")),
          [
            storeByte(i32Add(get("flags"), get("item")), i32(0)),
            set("firm", loadI32(at32(get("slotFirm"), i32Sub(get("item"), get("firmCount"))))),
            set("from", atRow(get("sums"), get("item"))),
            set("to", atRow(get("sums"), get("firm"))),
            ifElse(
              loadByte(i32Add(get("flags"), get("firm"))),
              QUARTERS.map((q) =>
                storeVector(get("to"), vectorMax(quarter(get("to"), q), quarter(get("from"), q)), 16 * q),
              ),
              [
                storeByte(i32Add(get("flags"), get("firm")), i32(1)),
                ...QUARTERS.map((q) => storeVector(get("to"), quarter(get("from"), q), 16 * q)),
                ...keep("firm"),
              ],
            ),
          ],
          keep("item"),
        ),
      ]),
      get("kept"),
    ];
  },
};

/** rows = 1 - (1 - min(1, sums)), the rounding of a level h = 1 - x; `change` keeps the largest step of each lane. */
const settle: WasmFunction = {
  name: "settle",
  parameters: ints("list", "count", "sums", "rows", "flags", "change"),
  locals: [...ints("n", "item", "from", "to"), ["one", V128], ["x", V128], ...vectors("most")],
  body: (local) => {
    const { get, set } = local;
    return [
      set("one", splat(f64(1))),
      ...QUARTERS.map((q) => set(`most${q}`, quarter(get("change"), q))),
      ...forList(local, [
        set("from", atRow(get("sums"), get("item"))),
        set("to", atRow(get("rows"), get("item"))),
        storeByte(i32Add(get("flags"), get("item")), i32(0)),
        ...QUARTERS.flatMap((q) => [
          set("x", vectorSub(get("one"), vectorSub(get("one"), vectorMin(quarter(get("from"), q), get("one"))))),
          set(`most${q}`, vectorMax(get(`most${q}`), vectorSub(get("x"), quarter(get("to"), q)))),
          storeVector(get("to"), get("x"), 16 * q),
        ]),
      ]),
      ...QUARTERS.map((q) => storeVector(get("change"), get(`most${q}`), 16 * q)),
    ];
  },
};

/**
 * The whole pass of one direction, reading every link: for each firm the largest of its groups' sums, settled into `next`.
 * Lists the firms with a loss; returns how many.
 */
const pull: WasmFunction = {
  name: "pull",
  parameters: ints("count", "groupStart", "linkStart", "source", "share", "from", "old", "next", "change", "list"),
  locals: [
    ...ints("item", "group", "lastGroup", "link", "end", "row", "kept"),
    ...vectors("sum"),
    ...vectors("worst"),
    ...vectors("most"),
    ["factor", V128],
    ["one", V128],
  ],
  result: I32,
  body: (local) => {
    const { get, set } = local;
    const level = (q: number) => vectorSub(get("one"), vectorSub(get("one"), vectorMin(get(`worst${q}`), get("one"))));
    const anyLoss = vectorOr(vectorOr(get("worst0"), get("worst1")), vectorOr(get("worst2"), get("worst3")));
    return [
      set("one", splat(f64(1))),
      ...QUARTERS.map((q) => set(`most${q}`, quarter(get("change"), q))),
      whileLoop(i32Sub(get("count"), get("item")), [
        ...QUARTERS.map((q) => set(`worst${q}`, splat(f64(0)))),
        set("group", loadI32(at32(get("groupStart"), get("item")))),
        set("lastGroup", loadI32(at32(get("groupStart"), get("item")), 4)),
        whileLoop(i32Sub(get("lastGroup"), get("group")), [
          ...QUARTERS.map((q) => set(`sum${q}`, splat(f64(0)))),
          set("link", loadI32(at32(get("linkStart"), get("group")))),
          set("end", loadI32(at32(get("linkStart"), get("group")), 4)),
          whileLoop(i32Sub(get("end"), get("link")), [
            set("row", atRow(get("from"), loadI32(at32(get("source"), get("link"))))),
            set("factor", splat(loadF64(at64(get("share"), get("link"))))),
            ...QUARTERS.map((q) =>
              set(`sum${q}`, vectorAdd(get(`sum${q}`), vectorMultiply(get("factor"), quarter(get("row"), q)))),
            ),
            set("link", i32Add(get("link"), i32(1))),
          ]),
          ...QUARTERS.map((q) => set(`worst${q}`, vectorMax(get(`worst${q}`), get(`sum${q}`)))),
          set("group", i32Add(get("group"), i32(1))),
        ]),
        ...QUARTERS.map((q) => set(`worst${q}`, level(q))),
        set("row", atRow(get("old"), get("item"))),
        ...QUARTERS.map((q) =>
          set(`most${q}`, vectorMax(get(`most${q}`), vectorSub(get(`worst${q}`), quarter(get("row"), q)))),
        ),
        set("row", atRow(get("next"), get("item"))),
        ...QUARTERS.map((q) => storeVector(get("row"), get(`worst${q}`), 16 * q)),
        ifElse(anyTrue(anyLoss), [
          storeI32(at32(get("list"), get("kept")), get("item")),
          set("kept", i32Add(get("kept"), i32(1))),
        ]),
        set("item", i32Add(get("item"), i32(1))),
      ]),
      ...QUARTERS.map((q) => storeVector(get("change"), get(`most${q}`), 16 * q)),
      get("kept"),
    ];
  },
};

/** markets[m] = what market m still sells, for the markets of the listed firms; lists them; returns how many. */
const remaining: WasmFunction = {
  name: "remaining",
  parameters: ints("list", "count", "rows", "out", "marketOf", "marketTotal", "markets", "flags", "touched"),
  locals: [...ints("n", "item", "market", "from", "to", "touchedCount"), ["factor", V128], ["total", V128]],
  result: I32,
  body: (local) => {
    const { get, set } = local;
    return [
      ...forList(local, [
        set("market", loadI32(at32(get("marketOf"), get("item")))),
        set("to", atRow(get("markets"), get("market"))),
        ifElse(i32IsZero(loadByte(i32Add(get("flags"), get("market")))), [
          storeByte(i32Add(get("flags"), get("market")), i32(1)),
          storeI32(at32(get("touched"), get("touchedCount")), get("market")),
          set("touchedCount", i32Add(get("touchedCount"), i32(1))),
          set("total", splat(loadF64(at64(get("marketTotal"), get("market"))))),
          ...QUARTERS.map((q) => storeVector(get("to"), get("total"), 16 * q)),
        ]),
        set("from", atRow(get("rows"), get("item"))),
        set("factor", splat(loadF64(at64(get("out"), get("item"))))),
        ...QUARTERS.map((q) =>
          storeVector(
            get("to"),
            vectorSub(quarter(get("to"), q), vectorMultiply(get("factor"), quarter(get("from"), q))),
            16 * q,
          ),
        ),
      ]),
      get("touchedCount"),
    ];
  },
};

const CANCELLED = 2 ** -10; // below this part of the total, the subtractions above have lost more than 10 bits

/** Adds up the markets whose remainder is small against their total member by member, where subtraction would cancel. */
const recount: WasmFunction = {
  name: "recount",
  parameters: ints("list", "count", "start", "member", "rows", "out", "marketTotal", "markets", "flags"),
  locals: [
    ...ints("n", "item", "to", "from", "place", "k", "end"),
    ["small", V128],
    ["one", V128],
    ["factor", V128],
    ...vectors("sum"),
  ],
  body: (local) => {
    const { get, set } = local;
    const isSmall = (q: number) => vectorLess(quarter(get("to"), q), get("small"));
    return [
      set("one", splat(f64(1))),
      ...forList(local, [
        storeByte(i32Add(get("flags"), get("item")), i32(0)),
        set("to", atRow(get("markets"), get("item"))),
        set("small", splat(f64Multiply(loadF64(at64(get("marketTotal"), get("item"))), f64(CANCELLED)))),
        ifElse(anyTrue(vectorOr(vectorOr(isSmall(0), isSmall(1)), vectorOr(isSmall(2), isSmall(3)))), [
          ...QUARTERS.map((q) => set(`sum${q}`, splat(f64(0)))),
          set("k", loadI32(at32(get("start"), get("item")))),
          set("end", loadI32(at32(get("start"), get("item")), 4)),
          whileLoop(i32Sub(get("end"), get("k")), [
            set("place", loadI32(at32(get("member"), get("k")))),
            set("from", atRow(get("rows"), get("place"))),
            set("factor", splat(loadF64(at64(get("out"), get("place"))))),
            ...QUARTERS.map((q) =>
              set(
                `sum${q}`,
                vectorAdd(
                  get(`sum${q}`),
                  vectorMultiply(get("factor"), vectorSub(get("one"), quarter(get("from"), q))),
                ),
              ),
            ),
            set("k", i32Add(get("k"), i32(1))),
          ]),
          ...QUARTERS.map((q) => storeVector(get("to"), get(`sum${q}`), 16 * q)),
        ]),
      ]),
    ];
  },
};

/** to = sigma * rows with sigma = min(1, out / remaining), 1 where nothing remains. */
const replace: WasmFunction = {
  name: "replace",
  parameters: ints("list", "count", "rows", "out", "marketOf", "markets", "to"),
  locals: [...ints("n", "item", "from", "market", "row"), ["factor", V128], ["one", V128]],
  body: (local) => {
    const { get, set } = local;
    const sigma = (q: number) =>
      vectorSelect(
        vectorDivide(get("factor"), quarter(get("market"), q)),
        get("one"),
        vectorLess(get("factor"), quarter(get("market"), q)),
      );
    return [
      set("one", splat(f64(1))),
      ...forList(local, [
        set("from", atRow(get("rows"), get("item"))),
        set("row", atRow(get("to"), get("item"))),
        set("market", atRow(get("markets"), loadI32(at32(get("marketOf"), get("item"))))),
        set("factor", splat(loadF64(at64(get("out"), get("item"))))),
        ...QUARTERS.map((q) => storeVector(get("row"), vectorMultiply(sigma(q), quarter(get("from"), q)), 16 * q)),
      ]),
    ];
  },
};

/** result[0] = sum of weight * down, result[1] = of weight * up, result[2] = of weight * max(down, up). */
const weigh: WasmFunction = {
  name: "weigh",
  parameters: ints("list", "count", "listUp", "countUp", "rowsDown", "rowsUp", "weight", "result"),
  locals: [
    ...ints("n", "item", "down", "up"),
    ["factor", V128],
    ...vectors("sumDown"),
    ...vectors("sumUp"),
    ...vectors("sumBoth"),
  ],
  body: (local) => {
    const { get, set } = local;
    const add = (name: string, value: Code) => set(name, vectorAdd(get(name), vectorMultiply(get("factor"), value)));
    const rows = [
      set("down", atRow(get("rowsDown"), get("item"))),
      set("up", atRow(get("rowsUp"), get("item"))),
      set("factor", splat(loadF64(at64(get("weight"), get("item"))))),
    ];
    return [
      ...forList(local, [
        ...rows,
        ...QUARTERS.flatMap((q) => [
          add(`sumDown${q}`, quarter(get("down"), q)),
          add(
            `sumBoth${q}`,
            vectorSub(vectorMax(quarter(get("down"), q), quarter(get("up"), q)), quarter(get("up"), q)),
          ),
        ]),
      ]),
      ...forList(
        local,
        [
          ...rows,
          ...QUARTERS.flatMap((q) => [
            add(`sumUp${q}`, quarter(get("up"), q)),
            add(`sumBoth${q}`, quarter(get("up"), q)),
          ]),
        ],
        "listUp",
        "countUp",
      ),
      ...QUARTERS.flatMap((q) => [
        storeVector(get("result"), get(`sumDown${q}`), 16 * q),
        storeVector(get("result"), get(`sumUp${q}`), ROW_BYTES + 16 * q),
        storeVector(get("result"), get(`sumBoth${q}`), 2 * ROW_BYTES + 16 * q),
      ]),
    ];
  },
};

/** rows &= mask; drops firms from the list whose row is zero in every lane; returns how many stay. */
const keep: WasmFunction = {
  name: "keep",
  parameters: ints("list", "count", "rows", "mask"),
  locals: [...ints("n", "item", "row", "kept"), ...vectors("x")],
  result: I32,
  body: (local) => {
    const { get, set } = local;
    return [
      ...forList(local, [
        set("row", atRow(get("rows"), get("item"))),
        ...QUARTERS.map((q) => set(`x${q}`, vectorAnd(quarter(get("row"), q), quarter(get("mask"), q)))),
        ...QUARTERS.map((q) => storeVector(get("row"), get(`x${q}`), 16 * q)),
        ifElse(anyTrue(vectorOr(vectorOr(get("x0"), get("x1")), vectorOr(get("x2"), get("x3")))), [
          storeI32(at32(get("list"), get("kept")), get("item")),
          set("kept", i32Add(get("kept"), i32(1))),
        ]),
      ]),
      get("kept"),
    ];
  },
};

let compiled: WasmModule | undefined; // the module is the same for every network: compile it once

/** The kernel over `memory`. */
export function cascadeKernel(memory: KernelMemory): CascadeKernel {
  compiled ??= compileKernel(wasmModule([push, fold, settle, pull, remaining, recount, replace, weigh, keep]));
  return instantiateKernel(compiled, memory) as CascadeKernel; // the functions listed above, under their names
}
