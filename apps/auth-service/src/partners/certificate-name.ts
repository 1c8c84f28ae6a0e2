import { ServiceError } from '@sallyport/nest-zero-trust';

declare const spelledOnce: unique symbol;

/** A subject alternative name in the one spelling that is stored and compared: `dns:…` or `uri:…`. */
export type CertificateName = string & { readonly [spelledOnce]: true };

const LONGEST_DNS_NAME = 253;
const LONGEST_URI = 2048;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DNS_NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})+$`);
/** RFC 3986: scheme, authority when there is one, and the rest. */
const URI = /^([a-z][a-z0-9+.-]*:)(\/\/[^/?#]*)?(.*)$/i;
const URI_CHARACTERS = /^[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]+$/;

/**
 * Parses a name a partner may be known by: a DNS name of two or more labels or a URI. Case counts where the standards
 * let it count: not in DNS names (RFC 4343), nor in the scheme and authority of a URI (RFC 3986 §6.2.2.1). Everything
 * else is compared exactly; there are no wildcards, no trailing dots and no user information.
 *
 * @returns undefined for anything else, of other types of names too.
 */
export function parseCertificateName(presented: string): CertificateName | undefined {
  const [, type = '', value = ''] = /^(dns|uri):(.*)$/is.exec(presented) ?? [];
  switch (type.toLowerCase()) {
    case 'dns':
      return dnsName(value.toLowerCase());
    case 'uri':
      return uri(value);
    default:
      return undefined;
  }
}

/** @throws ServiceError INVALID_ARGUMENT `certificate_name_invalid` */
export function requireCertificateName(presented: string): CertificateName {
  const name = parseCertificateName(presented);
  if (name !== undefined) return name;
  throw new ServiceError(
    'INVALID_ARGUMENT',
    'certificate_name_invalid',
    'dns: with a full name, or uri:; no wildcard',
  );
}

function dnsName(value: string): CertificateName | undefined {
  if (value.length > LONGEST_DNS_NAME || !DNS_NAME.test(value)) return undefined;
  return `dns:${value}` as CertificateName;
}

function uri(value: string): CertificateName | undefined {
  if (value.length > LONGEST_URI || !URI_CHARACTERS.test(value)) return undefined;
  const [, scheme = '', authority = '', rest = ''] = URI.exec(value) ?? [];
  const namesNothing = scheme === '' || authority + rest === '' || authority === '//';
  if (namesNothing || /[@*]/.test(authority)) return undefined;
  return `uri:${scheme.toLowerCase()}${authority.toLowerCase()}${rest}` as CertificateName;
}
