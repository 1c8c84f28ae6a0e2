import { isIP } from 'node:net';
import { ipv6Groups } from './ipv6-groups';

/**
 * An IP address as text, in one spelling: an IPv4-mapped IPv6 one (`::ffff:192.0.2.1`, `::ffff:c000:201`) as the IPv4 it
 * is, any other IPv6 one as RFC 5952 writes it. Undefined for anything else.
 */
export function plainAddress(text: string): string | undefined {
  const version = isIP(text);
  if (version !== 6) return version === 4 ? text : undefined;
  const groups = ipv6Groups(text);
  const [high = 0, low = 0] = groups.slice(6);
  const isIpv4Mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isIpv4Mapped) return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  const [address = '', zone] = text.split('%');
  // The URL parser writes IPv6 as RFC 5952 has it (WHATWG URL, IPv6 serializer).
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  return zone === undefined ? canonical : `${canonical}%${zone}`;
}
