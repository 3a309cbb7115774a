/** A one-time link as it can be handed over: a node that does not know its own URL gives a path, and this page knows the rest. */

export function absoluteLink(link: string): string {
  return new URL(link, location.origin).href;
}
