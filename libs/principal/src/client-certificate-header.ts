/**
 * Tells auth-service which certificate the client of a request has presented to the gateway, which has verified it
 * (RFC 9440). Reserved as identity headers are: no client may send it, under any spelling.
 */
export const CLIENT_CERTIFICATE_HEADER = 'client-cert';

/** Bytes of DER. More than any certificate of a client needs; it travels in one header. */
export const LONGEST_CLIENT_CERTIFICATE = 6 * 1_024;

/** A Byte Sequence (RFC 9651 section 3.3.5), in base64 with its padding: the one spelling that is written here. */
const BYTE_SEQUENCE = /^:((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?):$/;

/**
 * Writes a certificate as the value of `Client-Cert` (RFC 9440 section 2.1).
 *
 * @throws TypeError for one that is empty or longer than {@link LONGEST_CLIENT_CERTIFICATE}
 */
export function encodeClientCertificate(der: Uint8Array): string {
  if (der.length === 0 || der.length > LONGEST_CLIENT_CERTIFICATE) {
    throw new TypeError('the certificate cannot be handed on');
  }
  return `:${Buffer.from(der).toString('base64')}:`;
}

/**
 * Parses what a request carries as `Client-Cert`: one value, one Byte Sequence without parameters, in canonical base64.
 * Whether it may be believed is for the caller to decide first. Whether the bytes are a certificate is not checked.
 *
 * @returns undefined for anything else
 */
export function parseClientCertificate(values: readonly string[]): Buffer | undefined {
  const [value = '', ...further] = values;
  const [, base64 = ''] = BYTE_SEQUENCE.exec(value) ?? [];
  if (base64 === '' || further.length > 0) return undefined;
  const der = Buffer.from(base64, 'base64');
  // The bits that padding leaves over are zero, or there would be several spellings.
  if (der.toString('base64') !== base64 || der.length > LONGEST_CLIENT_CERTIFICATE)
    return undefined;
  return der;
}
