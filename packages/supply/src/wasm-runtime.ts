/**
 * WebAssembly as this package uses it: one module over one memory of fixed size. Every engine since 2021 has it, with SIMD.
 */

/** The part of the WebAssembly JavaScript Interface that is used here; the language's own library types leave it out. */
interface WasmRuntime {
  readonly Memory: new (size: { initial: number; maximum: number }) => KernelMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: unknown };
}

export interface KernelMemory {
  readonly buffer: ArrayBuffer;
}

/** A compiled module; opaque. */
export type WasmModule = object;

const PAGE_BYTES = 65_536;

const runtime = (globalThis as unknown as { WebAssembly: WasmRuntime }).WebAssembly; // not in the library types

/** A fixed memory of at least `bytes` bytes, zeroed. */
export function kernelMemory(bytes: number): KernelMemory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new runtime.Memory({ initial: pages, maximum: pages });
}

export function compileKernel(bytes: Uint8Array): WasmModule {
  return new runtime.Module(bytes);
}

/** What the module exports over `memory`. */
export function instantiateKernel(module: WasmModule, memory: KernelMemory): unknown {
  return new runtime.Instance(module, { env: { memory } }).exports;
}
