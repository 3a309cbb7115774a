/** Exit codes that scripts can rely on; the numbers above 63 are those of BSD sysexits. */
export const EXIT = {
  ok: 0,
  /** The work was done and its verdict is negative: an invalid document, a failed verification, a finding. */
  negative: 1,
  usage: 64,
  badData: 65,
  noInput: 66,
  unavailable: 69,
  internal: 70,
  refused: 77,
} as const;
