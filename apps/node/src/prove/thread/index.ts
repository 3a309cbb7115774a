/** The door of the digital thread: documents in, events out. */
import { resolve } from "node:path";
import type { Migrations } from "../../platform/migrations.ts";

export type { CaptureRow } from "./capture-store.ts";
export type { NewCapture } from "./captures.ts";
export { type EventProof, eventProofs } from "./event-proof.ts";
export type { StoredEvent } from "./event-store.ts";
export { openThread, type OpenThreadParts } from "./open-thread.ts";
export { Thread, type ThreadParts } from "./thread.ts";

export const threadMigrations: Migrations = { slice: "thread", folder: resolve(import.meta.dirname, "migrations") };
