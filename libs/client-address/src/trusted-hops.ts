import { BlockList, isIP, isIPv6 } from 'node:net';
import { parseForwardedElement, parseNode } from './forwarded-node';
import { ipv6Groups } from './ipv6-groups';
import { plainAddress } from './plain-address';

/** Headers in which proxies say where a request came from, and how an entry of each is read. */
const PARSERS = {
  'x-forwarded-for': parseNode,
  forwarded: parseForwardedElement,
} as const;

export type ForwardingHeader = keyof typeof PARSERS;

export const FORWARDING_HEADERS = Object.keys(PARSERS) as readonly ForwardingHeader[];

/**
 * The proxies whose word counts about where a request comes from.
 *
 * Each of them appends the address it was called from. Read from the right, the first address that is no trusted proxy
 * is the client's: everything to the left of it is what that client says of itself. Exactly one header is read, the one
 * the proxies write: another one would be passed on as the client sent it.
 */
export class TrustedHops {
  /** No proxy at all: the client is whoever the connection comes from. */
  static readonly NONE = new TrustedHops(new BlockList(), 'x-forwarded-for');

  private constructor(
    private readonly trusted: BlockList,
    private readonly header: ForwardingHeader,
  ) {}

  /**
   * @param ranges IP addresses and CIDR blocks, `10.0.0.0/8`, `2001:db8::/32`
   * @throws TypeError when one is neither, when a block has bits set beyond its prefix, or is wider than any
   *   organisation's
   */
  static of(ranges: readonly string[], header: ForwardingHeader): TrustedHops {
    if (ranges.length === 0) return TrustedHops.NONE;
    const trusted = new BlockList();
    for (const range of ranges) {
      if (!addRange(trusted, range)) throw new TypeError(`${range} is no address range`);
    }
    return new TrustedHops(trusted, header);
  }

  /**
   * The client's address: an IP address, IPv4 in its own notation. An entry that is no address ends the reading at the
   * proxy that wrote it. A peer that is no trusted proxy is the client, whatever it sends.
   *
   * @param peerAddress where the connection comes from
   * @param headers lower-case names; repeated ones joined with commas in their order, as Node does
   */
  clientAddressOf(
    peerAddress: string,
    headers: Readonly<Partial<Record<string, string | string[]>>>,
  ): string {
    let address = plainAddress(peerAddress) ?? peerAddress;
    const value = headers[this.header];
    if (typeof value !== 'string') return address;
    const parse = PARSERS[this.header];
    // Commas are commas, inside of quotes as well: a quotation mark that a client leaves open must not swallow what the
    // proxies have appended.
    for (let end = value.length; end >= 0 && this.#isTrusted(address);) {
      const comma = value.lastIndexOf(',', end - 1);
      const next = end === 0 ? undefined : parse(value.slice(comma + 1, end).trim());
      if (next === undefined) return address;
      address = next;
      end = comma;
    }
    return address;
  }

  #isTrusted(address: string): boolean {
    return isIP(address) !== 0 && this.trusted.check(address, familyOf(address));
  }
}

/** No organisation has wider blocks: a /8 of IPv4, the unique local addresses of IPv6 (RFC 4193). */
const WIDEST_PREFIX = { ipv4: 8, ipv6: 7 } as const;

/** `::ffff:0:0/96`. */
const IPV4_MAPPED = '0'.repeat(80) + '1'.repeat(16);

const WIDEST_MAPPED = IPV4_MAPPED.length + WIDEST_PREFIX.ipv4;

/** Whether the range could be added. */
function addRange(list: BlockList, range: string): boolean {
  const [, network = '', prefix] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  if (isIP(network) === 0) return false;
  const family = familyOf(network);
  const bits = bitsOf(network);
  const length = prefix === undefined ? bits.length : Number(prefix);
  const isTooWide =
    length < WIDEST_PREFIX[family] || (family === 'ipv6' && holdsIpv4(bits, length));
  if (isTooWide || length > bits.length || bits.slice(length).includes('1')) return false;
  list.addSubnet(network, length, family);
  return true;
}

/** Whether a block holds the IPv4 addresses in their IPv6 notation, or more than a /8 of them. */
function holdsIpv4(bits: string, length: number): boolean {
  const shared = Math.min(length, IPV4_MAPPED.length);
  return bits.slice(0, shared) === IPV4_MAPPED.slice(0, shared) && length < WIDEST_MAPPED;
}

/**
 * The bits of an address. A network with bits set beyond its prefix names an address inside of itself: `10.1.2.3/8` is a
 * slip of somebody who meant one of the two.
 */
function bitsOf(address: string): string {
  return isIPv6(address)
    ? binary(ipv6Groups(address), 16)
    : binary(address.split('.').map(Number), 8);
}

function binary(parts: readonly number[], width: number): string {
  return parts.map((part) => part.toString(2).padStart(width, '0')).join('');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
