/** What pure code may not reach by itself: time and randomness arrive as arguments. */

export interface Clock {
  now(): Date;
}

export interface Random {
  /** `length` fresh bytes, owned by the caller. */
  bytes(length: number): Uint8Array;
}
