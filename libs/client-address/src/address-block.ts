import { isIPv4 } from 'node:net';
import { ipv6Groups } from './ipv6-groups';
import { plainAddress } from './plain-address';

/**
 * The block of addresses that one subscriber commands: an IPv4 address, or the /64 of an IPv6 one,
 * because whoever has one address of it has all (RFC 6177). An IPv4-mapped address is the IPv4 one.
 * Undefined for what is no IP address.
 */
export function addressBlock(clientAddress: string): string | undefined {
  const address = plainAddress(clientAddress);
  if (address === undefined || isIPv4(address)) return address;
  const prefix = ipv6Groups(address)
    .slice(0, 4)
    .map((group) => group.toString(16));
  return `${prefix.join(':')}::/64`;
}
