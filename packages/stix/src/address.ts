/**
 * Internet addresses and nets as numbers: IPv4 in dotted decimal (RFC 791), IPv6 in the text forms of RFC 4291 2.2,
 * both with an optional CIDR length. Invariant: a net is its first address and its length, host bits cleared.
 * Refuses octets with leading zeros, zone ids and lengths beyond the family's width.
 */

/** A net: `bits` is 32 or 128, `first` its lowest address, `length` the prefix length. */
export interface Net {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly length: number;
}

const MAX_ADDRESS_CHARS = 50; // longest form: 39 characters, a slash and three digits

/** The net that `text` names, a plain address being /32 or /128; undefined when it is neither family. */
export function parseNet(text: string): Net | undefined {
  if (text.length > MAX_ADDRESS_CHARS) return undefined;
  const slash = text.indexOf("/");
  const address = slash === -1 ? text : text.slice(0, slash);
  const bits = address.includes(":") ? 128 : 32;
  const value = bits === 128 ? parseIpv6(address) : parseIpv4(address);
  if (value === undefined) return undefined;
  const length = slash === -1 ? bits : parseLength(text.slice(slash + 1), bits);
  if (length === undefined) return undefined;
  const hostBits = BigInt(bits - length);
  return { bits, first: (value >> hostBits) << hostBits, length };
}

/** True when every address of `inner` is one of `outer`; nets of two families never contain each other. */
export function contains(outer: Net, inner: Net): boolean {
  if (outer.bits !== inner.bits || inner.length < outer.length) return false;
  const hostBits = BigInt(outer.bits - outer.length);
  return inner.first >> hostBits === outer.first >> hostBits;
}

function parseLength(text: string, bits: number): number | undefined {
  if (!/^(?:0|[1-9]\d{0,2})$/.test(text)) return undefined;
  const length = Number(text);
  return length <= bits ? length : undefined;
}

/** Scanned by hand: every address of a stream of observations comes through here. */
function parseIpv4(text: string): bigint | undefined {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i <= text.length; i += 1) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit >= 0 && digit <= 9) {
      if (octet === 0) return undefined; // a leading zero
      octet = octet === -1 ? digit : octet * 10 + digit;
      if (octet > 255) return undefined;
    } else if (octet !== -1 && (i === text.length || text[i] === ".")) {
      value = value * 256 + octet;
      octet = -1;
      dots += 1;
    } else return undefined;
  }
  return dots === 4 ? BigInt(value) : undefined;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0]!, halves.length === 1); // split gives at least one part
  const tail = halves.length === 2 ? groupsOf(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** 16-bit groups of one side of `::`; the last group may be an IPv4 address when `mayEndInIpv4`. */
function groupsOf(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (mayEndInIpv4 && i === parts.length - 1 && part.includes(".")) {
      const value = parseIpv4(part);
      if (value === undefined) return undefined;
      groups.push(Number(value >> 16n), Number(value & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
