/** The one place where the node takes time and randomness from the machine; everything below gets them as arguments. */
import { randomBytes } from "node:crypto";
import type { Clock, Random } from "@holdfast/kernel";

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
}

export const systemPorts: Ports = {
  clock: { now: () => new Date() },
  random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
};
