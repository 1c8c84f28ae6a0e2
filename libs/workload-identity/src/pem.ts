const BEGIN = '-----BEGIN CERTIFICATE-----';
const BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/**
 * The DER of every certificate in a PEM text (RFC 7468), in the order of the text.
 * A block that was begun and not properly ended makes the whole text unusable: a file caught while
 * it is being written must not pass for a shorter one.
 *
 * @returns undefined when a block is broken or there is none
 */
export function parseCertificatesPem(pem: string): Buffer[] | undefined {
  const blocks = [...pem.matchAll(BLOCK)].map(([, body = '']) => Buffer.from(body, 'base64'));
  const begun = pem.split(BEGIN).length - 1;
  return blocks.length > 0 && blocks.length === begun ? blocks : undefined;
}
