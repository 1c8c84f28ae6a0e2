import { isIPv4 } from 'node:net';
import type { EncodedExtension } from './certificate-profile';

const SEQUENCE = 0x30;
const PERMITTED_SUBTREES = 0xa0;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/**
 * Name constraints (RFC 5280 §4.2.1.10) that permit `localhost` and names below it, 127.0.0.0/8,
 * ::1, and the names given, and by that no other DNS name or address.
 *
 * @param further DNS names (names below them are permitted with them) and IPv4 addresses
 */
export function nameConstraints(further: readonly string[]): EncodedExtension {
  const names = [
    tlv(DNS_NAME, Buffer.from('localhost')),
    tlv(IP_ADDRESS, Buffer.from([127, 0, 0, 0, 255, 0, 0, 0])),
    tlv(IP_ADDRESS, Buffer.from([...Array<number>(15).fill(0), 1, ...Array<number>(16).fill(255)])),
    ...further.map(permittedName),
  ];
  const subtrees = Buffer.concat(names.map((name) => tlv(SEQUENCE, name)));
  return {
    oid: '2.5.29.30',
    critical: true,
    value: tlv(SEQUENCE, tlv(PERMITTED_SUBTREES, subtrees)),
  };
}

function permittedName(name: string): Buffer {
  if (!isIPv4(name)) return tlv(DNS_NAME, Buffer.from(name));
  const address = name.split('.').map(Number);
  return tlv(IP_ADDRESS, Buffer.from([...address, 255, 255, 255, 255]));
}

/** DER, with a length of up to two bytes. */
function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length > 0xffff) throw new RangeError('the content needs a longer length');
  const [high, low] = [length >> 8, length & 0xff];
  const encoded = length < 0x80 ? [length] : high === 0 ? [0x81, low] : [0x82, high, low];
  return Buffer.concat([Buffer.from([tag, ...encoded]), content]);
}
