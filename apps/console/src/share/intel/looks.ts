/** How states of intelligence look, and the rules of the join in words. */
import type { intel, intelTouch } from "@holdfast/api";
import type { Looks } from "../../ui/state-badge.tsx";

export const TOUCH_LOOKS: Looks<intelTouch.Touch["state"]> = {
  affected: { word: "affected", tone: "critical" },
  look: { word: "a person must look", tone: "attention" },
  "not-affected": { word: "not affected", tone: "normal" },
};

export const TLP_WORDS: Readonly<Record<intel.ObjectLine["tlp"], string>> = {
  clear: "TLP:CLEAR",
  green: "TLP:GREEN",
  amber: "TLP:AMBER",
  "amber+strict": "TLP:AMBER+STRICT",
  red: "TLP:RED",
};

const RULES: Readonly<Record<string, string>> = {
  "stated-affected": "The advisory names this product as affected",
  "in-affected-range": "The installed version is in the affected range",
  "outside-affected-range": "The installed version is outside the affected range",
  "stated-not-affected": "The advisory names this product as not affected",
  "fixed-version": "The installed version has the fix",
  "under-investigation": "The vendor is still investigating",
  "no-statement": "The advisory says nothing about this version",
  "version-not-comparable": "The two versions cannot be compared",
  "version-unknown": "The installed version is not in the registry",
  "like-product": "The product's name is alike, not the same",
  "installed-on-unknown-part": "It depends on what is installed together",
  "targeted-product": "This product is named as a target",
  "value-of-ours": "The value is one of ours",
  "value-on-warninglist": "The value is one of ours and stands on a warninglist",
  identifier: "The identifier is the same",
  name: "The name is the same",
  "name-elsewhere": "The name is the same, in another country",
  "named-goods": "The goods are named",
  "customs-heading": "The customs heading is the same",
  near: "The site is near it",
  "place-and-sector": "The site is of this sector in this country",
  place: "The site is in this country",
  sector: "The site is of this sector",
};

export function ruleWords(rule: string): string {
  return RULES[rule] ?? rule;
}

const KINDS: Readonly<Record<string, string>> = {
  advisory: "advisory",
  "theft-ring": "theft ring",
  "sabotage-attempt": "sabotage attempt",
  "counterfeit-lot": "counterfeit lot",
  "suspicious-buyer": "suspicious buyer",
  "drone-sighting": "drone sighting",
};

export function kindWord(kind: string): string {
  return KINDS[kind] ?? kind.replaceAll("-", " ");
}

export const CLOSED_WORDS: Readonly<Record<string, string>> = {
  revoked: "Revoked by its author: it touches nothing any more.",
  expired: "No longer valid: it touches nothing any more.",
  merged: "Merged into another object, which touches what this one did.",
  doubted: "Called a false positive by several organisations: it touches nothing until that changes.",
  decayed: "Not seen for long: its score has fallen below the threshold.",
  draft: "A draft: it touches nothing until it is final.",
};
