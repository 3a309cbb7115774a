/**
 * How much an indicator is still worth: MISP's polynomial decay, `base * (1 - (t / lifetime)^(1 / speed))`, since it was
 * last seen, else since it was last changed. Below the threshold it touches nothing any more; it stays visible. Pure.
 */
export interface DecayModel {
  readonly lifetimeDays: number;
  /** Above 1: slow at first, fast at the end. */
  readonly speed: number;
  readonly threshold: number;
}

/** By the kind of what a pattern looks for; addresses change hands sooner than files. */
export const DECAY_MODELS: Readonly<Record<"address" | "url" | "other", DecayModel>> = {
  address: { lifetimeDays: 60, speed: 1, threshold: 20 },
  url: { lifetimeDays: 180, speed: 1, threshold: 20 },
  other: { lifetimeDays: 365, speed: 1, threshold: 20 },
};

const DAY_MS = 86_400_000;

export function decayModelOf(pattern: string): DecayModel {
  if (/\b(ipv4-addr|ipv6-addr|network-traffic)\b/.test(pattern)) return DECAY_MODELS.address;
  return /\b(url|domain-name)\b/.test(pattern) ? DECAY_MODELS.url : DECAY_MODELS.other;
}

/** 0 to `basePercent`; a time in the future counts as none passed. */
export function decayedScore(basePercent: number, model: DecayModel, lastSeenAt: Date, now: Date): number {
  const days = Math.max(0, (now.getTime() - lastSeenAt.getTime()) / DAY_MS);
  return Math.max(0, basePercent * (1 - (days / model.lifetimeDays) ** (1 / model.speed)));
}
