import { isIP } from 'node:net';
import { ipv6Groups } from './ipv6-groups';

/**
 * The block of addresses that one subscriber commands: an IPv4 address, or the /64 of an IPv6 one,
 * because whoever has one address of it has all (RFC 6177). An IPv4-mapped address is the IPv4 one.
 * Undefined for what is no IP address.
 */
export function addressBlock(clientAddress: string): string | undefined {
  const version = isIP(clientAddress);
  if (version !== 6) return version === 4 ? clientAddress : undefined;

  const groups = ipv6Groups(clientAddress);
  const isIpv4Mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isIpv4Mapped) {
    const bytes = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
    return bytes.join('.');
  }
  const prefix = groups.slice(0, 4).map((group) => group.toString(16));
  return `${prefix.join(':')}::/64`;
}
