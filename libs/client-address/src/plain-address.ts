import { isIP } from 'node:net';

/** An IP address as text, an IPv4-mapped IPv6 one (`::ffff:192.0.2.1`) as the IPv4 it is; undefined for anything else. */
export function plainAddress(text: string): string | undefined {
  const address = text.replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 ? undefined : address;
}
