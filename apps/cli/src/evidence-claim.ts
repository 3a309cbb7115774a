/**
 * What a verification says, line by line. A verdict without its parts is how a log's signature gets taken for the truth
 * of what was logged; so each part stands alone, and what was not looked at is said as well.
 */
export interface Claim {
  readonly status: "proven" | "not proven" | "not checked";
  readonly claim: string;
}

export interface Verdict {
  readonly verdict: "proven" | "not proven";
  readonly claims: readonly Claim[];
}

export const proven = (claim: string): Claim => ({ status: "proven", claim });
export const notProven = (claim: string): Claim => ({ status: "not proven", claim });
export const notChecked = (claim: string): Claim => ({ status: "not checked", claim });

/** What no log can prove about an entry. */
const TRUTH = notChecked("that what the entry says is true: a log proves that it was said, and not changed since");

/** Proven when something is, and nothing that was asked for failed. `beyond`, what cannot be known here, is said last. */
export function verdictOf(claims: readonly Claim[], beyond: Claim = TRUTH): Verdict {
  const good =
    claims.some(({ status }) => status === "proven") && claims.every(({ status }) => status !== "not proven");
  return { verdict: good ? "proven" : "not proven", claims: [...claims, beyond] };
}

export function verdictText({ verdict, claims }: Verdict): string {
  const lines = claims.map(({ status, claim }) => `${status.padEnd(11)}  ${claim}`);
  return `${[...lines, "", `verdict: ${verdict}`].join("\n")}\n`;
}

/** Names and texts out of evidence are hostile until proven otherwise: cut, and unable to repaint a terminal. */
export function quoted(text: string): string {
  const cut = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return `\`${cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u{fffd}")}\``;
}

/** POSIX seconds as an instant, or as they are when no calendar has them. */
export function instant(seconds: bigint): string {
  const date = new Date(Number(seconds) * 1_000);
  return Number.isNaN(date.getTime()) ? `second ${seconds}` : date.toISOString().replace(".000Z", "Z");
}
