/**
 * UNTP 0.7.0 credentials: DigitalProductPassport, DigitalConformityCredential, DigitalFacilityRecord,
 * DigitalIdentityAnchor and DigitalTraceabilityEvent. Invariant: valid means that one edition of the kind's schema accepts
 * the whole document, beside VC Data Model 2.0. What the profile asks for and no schema checks (a did:web issuer) is a note.
 */
import type { Json } from "@holdfast/kernel";
import { type Issue, MAX_ISSUES } from "./issue.ts";
import { isList, isObject, listOf, under } from "./json.ts";
import { shown } from "./refusal.ts";
import { dateTime, list, oneWord, record, type Shape, text, uri, type ValueOf } from "./shape.ts";
import { type Edition, plainReference, reference } from "./untp-part.ts";
import {
  attestationOf,
  type ConformityAttestation,
  type Facility,
  facility,
  type LifecycleEvent,
  lifecycleEvent,
  type Product,
  product,
  type RegisteredIdentity,
  registeredIdentity,
} from "./untp-subject.ts";
import { checkVcdm, VC_CONTEXT } from "./vcdm.ts";

export const UNTP_CONTEXT = "https://vocabulary.uncefact.org/untp/0.7.0/context/";

export const UNTP_KINDS = [
  "DigitalProductPassport",
  "DigitalConformityCredential",
  "DigitalFacilityRecord",
  "DigitalIdentityAnchor",
  "DigitalTraceabilityEvent",
] as const;
export type UntpKind = (typeof UNTP_KINDS)[number];

/** The schema says an integer, Bitstring Status List 2.1 a decimal string: both are in use, so both pass. */
const statusListIndex: Shape<number | string> = {
  check(value, path, found) {
    const good = typeof value === "number" ? Number.isSafeInteger(value) && value >= 0 : isDecimal(value);
    if (!good) found.push({ path, layer: "untp", rule: "range", reason: "an index is an integer from 0" });
  },
};

const credentialStatus = record({
  required: {
    type: oneWord(["BitstringStatusListEntry"]),
    statusPurpose: oneWord(["refresh", "revocation", "suspension", "message"]),
    statusListIndex,
    statusListCredential: uri,
  },
  optional: { id: uri },
});

const renderTemplate = record({
  type: ["RenderTemplate2024"],
  optional: { name: text, mediaQuery: text, template: text, url: uri, mediaType: text, digestMultibase: text },
});

const issuingSoftware = record({
  required: { id: uri, name: text, version: text, vendor: record({ required: { id: uri, name: text } }) },
});

const issuerOf = (form: { readonly open?: true; readonly plain?: true }) =>
  record({
    type: ["CredentialIssuer"],
    required: { id: uri, name: text },
    optional: { issuerAlsoKnownAs: list(form.plain ? plainReference : reference("Party", { registeredId: text })) },
    ...(form.open ? { open: true } : {}),
  });

const contexts: Shape<readonly string[]> = {
  check(value, path, found) {
    list(text).check(value, path, found);
    if (!isList(value)) return;
    for (const [i, context] of [VC_CONTEXT, UNTP_CONTEXT].entries())
      if (value[i] !== context)
        found.push({
          path: under(path, i),
          layer: "untp",
          rule: "const",
          reason: `context ${i + 1} is \`${context}\``,
        });
    if (new Set(value).size !== value.length)
      found.push({ path, layer: "untp", rule: "unique", reason: "a context stands twice" });
  },
};

/** A credential of `kind` about `subject`. */
function credentialOf<Subject>(
  kind: UntpKind,
  subject: Shape<Subject>,
  form: { readonly open?: true; readonly plain?: true; readonly software?: true } = {},
) {
  return record({
    type: [kind, "VerifiableCredential"],
    required: {
      "@context": contexts,
      id: uri,
      issuer: issuerOf(form),
      validFrom: dateTime,
      name: text,
      credentialSubject: subject,
    },
    optional: {
      validUntil: dateTime,
      credentialStatus,
      ...(form.software
        ? { renderMethod: list(renderTemplate), issuingSoftware }
        : { renderTemplate2024: renderTemplate }),
    },
    open: true,
  });
}

const april: Readonly<Record<UntpKind, Shape>> = {
  DigitalProductPassport: credentialOf("DigitalProductPassport", product),
  DigitalConformityCredential: credentialOf("DigitalConformityCredential", attestationOf("april-2026")),
  DigitalFacilityRecord: credentialOf("DigitalFacilityRecord", facility),
  DigitalIdentityAnchor: credentialOf("DigitalIdentityAnchor", registeredIdentity["april-2026"]),
  DigitalTraceabilityEvent: credentialOf("DigitalTraceabilityEvent", list(lifecycleEvent)),
};

/** The kinds that were published with another schema than April's. */
const published: Partial<Readonly<Record<UntpKind, Shape>>> = {
  DigitalConformityCredential: credentialOf("DigitalConformityCredential", attestationOf("published"), {
    open: true,
    software: true,
  }),
  DigitalIdentityAnchor: credentialOf("DigitalIdentityAnchor", registeredIdentity.published, { plain: true }),
};

type CredentialAbout<Subject> = ValueOf<ReturnType<typeof credentialOf<Subject>>>;
export type DigitalProductPassport = CredentialAbout<Product>;
export type DigitalConformityCredential = CredentialAbout<ConformityAttestation>;
export type DigitalFacilityRecord = CredentialAbout<Facility>;
export type DigitalIdentityAnchor = CredentialAbout<RegisteredIdentity>;
export type DigitalTraceabilityEvent = CredentialAbout<readonly LifecycleEvent[]>;

export interface FormVerdict {
  readonly valid: boolean;
  /** The UNTP kind; undefined for a credential of another kind, which VC Data Model 2.0 alone judges. */
  readonly kind: UntpKind | undefined;
  /** The edition of the schema that the document follows. */
  readonly edition: Edition | undefined;
  readonly issues: readonly Issue[];
}

/** The UNTP kind that the credential's `type` names first. */
export function kindOf(credential: Json): UntpKind | undefined {
  const types = isObject(credential) ? listOf(credential["type"]) : [];
  return UNTP_KINDS.find((kind) => types.includes(kind));
}

/** Whether `credential` has the form that VC Data Model 2.0 asks for and, for a UNTP kind, one edition of its schema. */
export function checkForm(credential: Json): FormVerdict {
  const issues: Issue[] = [];
  checkVcdm(credential, issues);
  const kind = kindOf(credential);
  if (kind === undefined) return { valid: !issues.some(({ note }) => !note), kind, edition: undefined, issues };
  const { edition, found } = nearestEdition(kind, credential);
  issues.push(...found, ...profileNotes(credential));
  return { valid: !issues.some(({ note }) => !note), kind, edition, issues: issues.slice(0, MAX_ISSUES) };
}

/** The edition that accepts the document, or the one with the fewest issues; the published one in doubt. */
function nearestEdition(kind: UntpKind, credential: Json): { edition: Edition; found: readonly Issue[] } {
  const judged = (["published", "april-2026"] as const).flatMap((edition) => {
    const shape = (edition === "published" ? published : april)[kind];
    if (!shape) return [];
    const found: Issue[] = [];
    shape.check(credential, "", found);
    return [{ edition, found }];
  });
  const [best] = judged.toSorted((a, b) => a.found.length - b.found.length);
  return best ?? { edition: "april-2026", found: [] }; // every kind has an April edition
}

/** What the UNTP profile asks for beyond its schemas. */
function profileNotes(credential: Json): Issue[] {
  const issuer = isObject(credential) ? credential["issuer"] : undefined;
  const id = isObject(issuer) ? issuer["id"] : issuer;
  if (typeof id !== "string" || id.startsWith("did:web:")) return [];
  const reason = `the UNTP profile asks for a did:web issuer, and ${shown(id)} is none`;
  return [{ path: "/issuer/id", layer: "untp", rule: "did-web", reason, note: true }];
}

function isDecimal(value: Json): boolean {
  return typeof value === "string" && /^(?:0|[1-9]\d{0,15})$/.test(value);
}
