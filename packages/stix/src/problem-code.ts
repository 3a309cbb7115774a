/** The closed set of codes of this package's Problems. */
export type StixCode =
  /** The text is no STIX pattern. */
  | "stix/pattern-syntax"
  /** The pattern parses and breaks a rule: constants, types under AND, qualifiers. */
  | "stix/pattern-rule"
  /** A regular expression is no PCRE, or uses a feature that is refused. */
  | "stix/pattern-regex"
  /** A pattern is larger than the limits. */
  | "stix/pattern-too-large"
  /** Observed data that can't be matched against. */
  | "stix/observation"
  /** JSON that is no STIX object or bundle. */
  | "stix/document"
  /** A new version, revocation or redaction that the versioning rules forbid. */
  | "stix/version"
  /** A redaction that would leave no valid object. */
  | "stix/redaction"
  /** An information exchange policy that is malformed. */
  | "stix/iep"
  /** A TAXII request or message that is malformed. */
  | "stix/taxii"
  /** A cursor that is malformed, forged, expired or of another query. */
  | "stix/cursor"
  /** A security advisory that is no CSAF 2.0. */
  | "stix/csaf"
  /** A catalogue that is no KEV. */
  | "stix/kev";
