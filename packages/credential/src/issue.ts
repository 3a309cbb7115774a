/** One finding about the form of a credential: where, whose rule, and why. */

/** Whose rule it is: VC Data Model 2.0 or the UNTP schema of the credential's kind. */
export type Layer = "vcdm" | "untp";

export interface Issue {
  /** JSON Pointer, RFC 6901, into the credential. */
  readonly path: string;
  readonly layer: Layer;
  /** A stable name, for example `required` or `enum`. */
  readonly rule: string;
  /** Why, in one lower-case line that names the value. */
  readonly reason: string;
  /** A note breaks a rule of the profile and leaves the credential valid. */
  readonly note?: true;
}

/** More would help nobody, and a hostile document could name millions. */
export const MAX_ISSUES = 200;
