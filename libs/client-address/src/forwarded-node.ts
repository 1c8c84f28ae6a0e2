import { plainAddress } from './plain-address';

/**
 * The address in one entry of `X-Forwarded-For`: an IP address, IPv6 perhaps in brackets, perhaps with a port. Undefined
 * for everything else.
 */
export function parseNode(entry: string): string | undefined {
  const [, bracketed, address] =
    /^(?:\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?|(\d+\.\d+\.\d+\.\d+):\d{1,5})$/.exec(entry) ?? [];
  return plainAddress(bracketed ?? address ?? entry);
}

/**
 * The address in one element of `Forwarded` (RFC 7239 section 4): that of its only `for`. Undefined for `unknown`, an
 * obfuscated identifier, and whatever is not of the form.
 */
export function parseForwardedElement(element: string): string | undefined {
  const nodes = element.split(';').flatMap((pair) => {
    const [, token, quoted] = /^\s*for\s*=\s*(?:([^\s",;]+)|"([^"\\]*)")\s*$/i.exec(pair) ?? [];
    return token ?? quoted ?? [];
  });
  const [node, ...more] = nodes;
  return node === undefined || more.length > 0 ? undefined : parseNode(node);
}
