/**
 * The digital thread: the EPCIS 2.0 REST binding (section 12) below /epcis, and what this node's own pages ask. Bodies of
 * the binding are EPCIS documents in JSON or XML, described by the standard's own schemas; here they are files.
 */

/** Codes with the status of the exception that each is in EPCIS 2.0 (table of section 12.3). */
export const threadProblems = {
  "epcis/malformed-json": 400,
  "epcis/malformed-xml": 400,
  "epcis/not-epcis": 400,
  "epcis/doctype": 400,
  "epcis/encoding": 400,
  "epcis/too-large": 413,
  "epcis/too-deep": 400,
  "epcis/too-many-events": 413,
  "epcis/late-context": 400,
  "epcis/no-xml-form": 406,
  "epcis/bad-time": 400,
  "epcis/bad-number": 400,
  "epcis/bad-id": 400,
  "epcis/unknown-prefix-length": 400,
  "epcis/no-other-form": 400,
  "epcis/bad-prefix-table": 400,
  "thread/validation": 400,
  "thread/query-validation": 400,
  "thread/query-parameter": 400,
  "thread/subscription-controls": 400,
  "thread/no-such-name": 404,
  "thread/no-such-resource": 404,
  "thread/not-acceptable": 406,
  "thread/exists": 409,
  "thread/too-large": 413,
  "thread/query-too-large": 413,
  "thread/query-too-complex": 413,
  "thread/uri-too-long": 414,
  "thread/unsupported-media-type": 415,
  "thread/not-implemented": 501,
  "thread/failed": 500,
  "thread/not-delivered": 502,
  "thread/busy": 503,
} as const;
