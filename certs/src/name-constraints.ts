import type { EncodedExtension } from './certificate-profile';

const SEQUENCE = 0x30;
const PERMITTED_SUBTREES = 0xa0;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/**
 * Name constraints (RFC 5280 §4.2.1.10) that permit `localhost` and names below it, 127.0.0.0/8 and
 * ::1, and by that no other DNS name or address.
 */
export function loopbackNameConstraints(): EncodedExtension {
  const names = [
    tlv(DNS_NAME, Buffer.from('localhost')),
    tlv(IP_ADDRESS, Buffer.from([127, 0, 0, 0, 255, 0, 0, 0])),
    tlv(IP_ADDRESS, Buffer.from([...Array<number>(15).fill(0), 1, ...Array<number>(16).fill(255)])),
  ];
  const subtrees = Buffer.concat(names.map((name) => tlv(SEQUENCE, name)));
  return {
    oid: '2.5.29.30',
    critical: true,
    value: tlv(SEQUENCE, tlv(PERMITTED_SUBTREES, subtrees)),
  };
}

/** DER with a one-byte length, which holds up to 127 bytes. */
function tlv(tag: number, content: Buffer): Buffer {
  if (content.length > 127) throw new RangeError('the content needs a longer length');
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}
