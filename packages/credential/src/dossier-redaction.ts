/**
 * Withholds parts of a dossier, or members of them, without breaking its seal. Invariant: the redacted dossier opens with
 * the same seal, and what is withheld cannot be guessed from what is left: its salts are gone with it. Withholding a member
 * of an event's body withholds the body's exact text too, and with it the proof that the ledger has it, and says so.
 */
import {
  type DossierPart,
  formatDossier,
  type Member,
  memberDigest,
  membersOf,
  openDossier,
  partDigest,
  readDossier,
} from "./dossier.ts";
import { refuse } from "./refusal.ts";

/** What to withhold: whole parts, and members of parts that stay. */
export interface Redaction {
  readonly part: (part: DossierPart, index: number) => boolean;
  readonly member: (part: DossierPart, name: string) => boolean;
}

/** @throws CredentialProblem when the dossier is not whole, or nothing in it was to be withheld */
export function redactDossier(bytes: Uint8Array, redaction: Redaction): Uint8Array {
  openDossier(bytes);
  const { parts, seal } = readDossier(bytes);
  const redacted = parts.map((part, i): DossierPart => {
    if (redaction.part(part, i)) return { kind: part.kind, digest: partDigest(part) };
    return withoutMembers(part, (name) => redaction.member(part, name));
  });
  const changed = formatDossier(redacted, seal);
  if (changed.length === bytes.length && changed.every((byte, i) => byte === bytes[i]))
    refuse("credential/dossier", "nothing in the dossier is what was to be withheld");
  openDossier(changed);
  return changed;
}

function withoutMembers(part: DossierPart, isWithheld: (name: string) => boolean): DossierPart {
  if ("digest" in part) return part;
  const members = "salt" in part ? membersOf(part) : part.shown;
  const hides = members.some(([, name]) => isWithheld(name));
  if (!hides) return part;
  // what proves or repeats the body as a whole goes with any of its members
  const whole = members.some(([, name]) => name.startsWith("body/") && isWithheld(name));
  const gone = ([, name]: Member) => isWithheld(name) || (whole && (name === "body" || name === "inLedger"));
  // the whole body says what its members say, so they are hidden with it unless the whole is hidden for one of them
  const all = (member: Member) => gone(member) || (isWithheld("body") && member[1].startsWith("body/"));
  const before = "withheld" in part ? part.withheld : [];
  return {
    kind: part.kind,
    shown: members.filter((member) => !all(member)),
    withheld: [...before, ...members.filter(all).map(memberDigest)].toSorted(),
  };
}
