/** Addresses as limits count them: by what one subscriber has, so that nobody has a limit per address of their own. */

/** What one subscriber has: an IPv4 address, or the /64 of an IPv6 address (RFC 6177 gives a site no less). */
export function addressBlock(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]; // RFC 4291 2.5.5.2
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [left = "", right] = address.split("%", 1).join("").toLowerCase().split("::", 2);
  const before = left.split(":").filter(Boolean);
  const after = (right ?? "").split(":").filter(Boolean);
  const zeros = right === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
