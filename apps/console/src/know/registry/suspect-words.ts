/** Why two entries are suspected to be one, in words. */
import type { registry } from "@holdfast/api";

export const REASON_WORDS: Readonly<Record<(typeof registry.SUSPECT_RULES)[number], string>> = {
  "same-lei": "same LEI",
  "same-gln": "same GLN",
  "same-identifier": "same identifier",
  "same-address": "same address",
  "near-name": "similar name",
};
