/**
 * Where networks come from: the registry as it stands, kept until it changes or nobody asks for a while, and as it stood at
 * an instant. Only facts are kept here; the modelled network lives in the calculating thread.
 */
import type { ModelFacts, Registry } from "../registry/index.ts";
import type { Network } from "./compute-thread.ts";

const IDLE_MILLISECONDS = 60_000;

export class NetworkSource {
  readonly #registry: Registry;
  #today: { readonly stamp: string; readonly facts: ModelFacts } | undefined;
  #forget: NodeJS.Timeout | undefined;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  async today(): Promise<Network> {
    const stamp = await this.#registry.modelStamp();
    if (this.#today?.stamp !== stamp)
      this.#today = { stamp, facts: await this.#registry.modelFacts(undefined, breath) };
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => {
      this.#today = undefined;
    }, IDLE_MILLISECONDS);
    this.#forget.unref();
    return { name: `today ${stamp}`, facts: this.#today.facts };
  }

  async at(asOf: Date): Promise<Network> {
    return { name: `at ${asOf.toISOString()}`, facts: await this.#registry.modelFacts(asOf, breath) };
  }

  stop(): void {
    clearTimeout(this.#forget);
    this.#today = undefined;
  }
}

/** Lets the node's other work have its turn. */
async function breath(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
