import { parseCertificatesPem } from './pem';

const SEQUENCE = 0x30;
const LONG_FORM = 0x80;
/** Three bytes of length: 16 MiB, more than any certificate. */
const MOST_LENGTH_BYTES = 3;

/**
 * Certificates in DER, one behind the other without anything between them, as PEM. Looks at the outermost lengths only; what is
 * in between is for whoever parses the result.
 *
 * @returns undefined when there is none, or when the bytes do not end where one of them does
 */
export function certificatesPemOfDer(ders: Uint8Array): string | undefined {
  const bytes = Buffer.from(ders.buffer, ders.byteOffset, ders.byteLength);
  const blocks: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = lengthOfElement(bytes, at);
    if (length === undefined || at + length > bytes.length) return undefined;
    blocks.push(pemBlock('CERTIFICATE', bytes.subarray(at, at + length)));
    at += length;
  }
  const pem = blocks.join('');
  return parseCertificatesPem(pem) && pem;
}

/** A private key in PKCS#8, DER, as PEM. Does not look at the bytes. */
export function privateKeyPemOfDer(der: Uint8Array): string {
  return pemBlock('PRIVATE KEY', Buffer.from(der.buffer, der.byteOffset, der.byteLength));
}

/** Header included (X.690 §8.1.3). */
function lengthOfElement(bytes: Buffer, at: number): number | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag !== SEQUENCE || first === undefined) return undefined;
  if (first < LONG_FORM) return 2 + first;
  const count = first - LONG_FORM;
  if (count === 0 || count > MOST_LENGTH_BYTES || at + 2 + count > bytes.length) return undefined;
  return 2 + count + bytes.readUIntBE(at + 2, count);
}

function pemBlock(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
