/**
 * Passwords: argon2id hashes (RFC 9106, OWASP's 19 MiB and 2 passes) and what makes one too weak. NIST SP 800-63B 5.1.1.2:
 * length and a refusal of what everybody tries, no rules of composition; Unicode is NFKC before it is hashed.
 */
import { hash, verify } from "@node-rs/argon2";
import { Problem } from "@holdfast/kernel";
import { COMMON_PASSWORDS } from "./common-passwords.ts";

const OWN_LENGTH_MIN = 8; // what must remain of a password without its owner's name and address
const DISTINCT_MIN = 5; // fewer different characters are a pattern
const PERIOD_MAX = 5; // "abcdeabcdeabcde" is five characters long for a guesser

/** The argon2id hash of `password`, in PHC form with its own salt. */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize("NFKC"));
}

/** True when `password` made `passwordHash`. Without a hash it takes as long and is false, so that time tells nothing. */
export async function isPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  const right = await verify(passwordHash ?? (await nobodysHash()), password.normalize("NFKC"));
  return right && passwordHash !== undefined;
}

let nobodys: Promise<string> | undefined;

function nobodysHash(): Promise<string> {
  nobodys ??= hashPassword("nobody has this password");
  return nobodys;
}

/** @throws Problem `account/weak-password` saying what a guesser would try */
export function refuseWeakPassword(password: string, owner: { name: string; email: string }): void {
  const rule = weakness(password.normalize("NFKC").toLowerCase(), owner);
  if (rule)
    throw new Problem("account/weak-password", `this password is easily guessed: ${rule.message}`, {
      detail: { rule: rule.id },
    });
}

function weakness(
  password: string,
  owner: { name: string; email: string },
): { id: string; message: string } | undefined {
  const characters = [...password];
  if (new Set(characters).size < DISTINCT_MIN)
    return { id: "repeated", message: `it has fewer than \`${DISTINCT_MIN}\` different characters` };
  if (isRepeated(characters)) return { id: "repeated", message: "it repeats one short piece" };
  if (isRun(characters)) return { id: "sequence", message: "its characters follow each other in order" };
  if (COMMON_PASSWORDS.has(core(password)) || COMMON_PASSWORDS.has(password))
    return { id: "common", message: "it is one of the commonest, with or without digits around it" };
  if ([...withoutOwner(password, owner)].length < OWN_LENGTH_MIN)
    return { id: "owner", message: "it is made of your name or your e-mail address" };
  return undefined;
}

function isRepeated(characters: readonly string[]): boolean {
  for (let period = 1; period <= PERIOD_MAX; period++)
    if (characters.every((character, i) => i < period || character === characters[i - period])) return true;
  return false;
}

/** True when nearly every character is the next or the one before of its neighbour: "123456789012", "zyxwvutsrqpo". */
function isRun(characters: readonly string[]): boolean {
  const steps = characters.slice(1).map((character, i) => character.codePointAt(0)! - characters[i]!.codePointAt(0)!); // both are characters of the string
  return [1, -1].some((step) => steps.filter((each) => each === step).length >= steps.length - 2);
}

/** The word inside digits, signs and look-alikes: "P@ssw0rd2024!" has the core "password". */
function core(password: string): string {
  const looksLike: Readonly<Record<string, string>> = {
    "@": "a",
    "4": "a",
    "0": "o",
    "3": "e",
    $: "s",
    "5": "s",
    "7": "t",
    "1": "i",
    "!": "i",
  };
  return password
    .replace(/[^a-z]+$/, "")
    .replace(/^\d+/, "")
    .replace(/[@403$571!]/g, (character) => looksLike[character] ?? "")
    .replace(/[^a-z]/g, "");
}

function withoutOwner(password: string, { name, email }: { name: string; email: string }): string {
  const pieces = [email, ...email.split(/[@.]/), name, name.replace(/\s+/g, ""), ...name.split(/\s+/), "holdfast"]
    .map((piece) => piece.normalize("NFKC").toLowerCase())
    .filter((piece) => piece.length >= 3)
    .sort((a, b) => b.length - a.length);
  return pieces.reduce((rest, piece) => rest.replaceAll(piece, ""), password);
}
