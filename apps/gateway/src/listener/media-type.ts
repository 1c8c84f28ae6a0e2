import type { IncomingHttpHeaders } from 'node:http';

export const JSON_MEDIA_TYPE = 'application/json';
export const FORM_MEDIA_TYPE = 'application/x-www-form-urlencoded';

/**
 * Whether a body is said to be of a media type, in plain UTF-8. Both types this API takes are (RFC 8259 section 8.1, RFC
 * 6749 appendix B); a body that claims otherwise would be read differently by what stands in front.
 */
export function isOfMediaType(headers: IncomingHttpHeaders, mediaType: string): boolean {
  const { 'content-type': type = '', 'content-encoding': encoding } = headers;
  const charsets = Array.from(
    type.matchAll(/;\s*charset\s*=\s*"?([^";\s]*)/gi),
    ([, name]) => name,
  );
  return (
    type.split(';', 1)[0]?.trim().toLowerCase() === mediaType &&
    charsets.length <= 1 &&
    charsets.every((charset) => charset?.toLowerCase() === 'utf-8') &&
    (encoding === undefined || encoding.toLowerCase() === 'identity')
  );
}
