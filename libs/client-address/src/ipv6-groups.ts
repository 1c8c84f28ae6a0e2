/** The eight groups of an IPv6 address that is known to be one, without its zone. */
export function ipv6Groups(address: string): readonly number[] {
  const [withoutZone = ''] = address.split('%');
  // The URL parser writes every spelling in hexadecimal groups (WHATWG URL, IPv6 serializer).
  const [head = '', tail = ''] = new URL(`http://[${withoutZone}]`).hostname
    .slice(1, -1)
    .split('::');
  const first = head.split(':').filter(Boolean);
  const last = tail.split(':').filter(Boolean);
  const zeros = new Array<string>(8 - first.length - last.length).fill('0');
  return [...first, ...zeros, ...last].map((group) => Number.parseInt(group, 16));
}
