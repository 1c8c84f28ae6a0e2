import 'reflect-metadata';
import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import * as x509 from '@peculiar/x509';
import { certificateThumbprint } from '@sallyport/tokens';
import { certificateNames } from '@sallyport/workload-identity';
import {
  canonicalSerial,
  type PartnerAuthorities,
  type PartnerAuthority,
} from './partner-authorities';

/** What is known of the certificate a partner connection was opened with. */
export interface PresentedCertificate {
  /** The certificate itself. */
  readonly der: Buffer;
  /** `x5t#S256` (RFC 8705 section 3.1). */
  readonly thumbprint: string;
  /** Its alternative names, each as `dns:…`, `uri:…`, `email:…` or `ip:…`; others are left out. */
  readonly names: readonly string[];
  /** As {@link canonicalSerial} writes it. */
  readonly serialNumber: string;
  readonly issuer: PartnerAuthority;
  readonly notAfter: Date;
}

/** Why a certificate that leads to a partner authority is refused all the same. */
export class PartnerCertificateRefused extends Error {
  override readonly name = 'PartnerCertificateRefused';

  constructor(
    readonly reason:
      | 'tls_certificate_is_authority'
      | 'tls_certificate_malformed'
      | 'tls_certificate_purpose'
      | 'tls_certificate_untrusted',
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

const presented = new WeakMap<Socket, PresentedCertificate>();

/** Keeps what a partner connection was opened with, for as long as the connection lives. */
export function keepPresentedCertificate(socket: Socket, certificate: PresentedCertificate): void {
  presented.set(socket, certificate);
}

/** The certificate of the connection a request came by; undefined on every listener but that of partners. */
export function presentedCertificateOf({
  socket,
}: Pick<IncomingMessage, 'socket'>): PresentedCertificate | undefined {
  return presented.get(socket);
}

/**
 * Reads a certificate whose chain the handshake has verified, names from its DER, and validates what OpenSSL is lenient
 * about: it is no authority, says itself that it is for clients, and was signed by a listed authority directly.
 *
 * Checks neither time nor revocation: both are looked at on every request.
 *
 * @throws PartnerCertificateRefused
 */
export function readPartnerCertificate(
  certificate: X509Certificate,
  authorities: PartnerAuthorities,
): PresentedCertificate {
  const extensions = parseExtensions(certificate);
  if (certificate.ca || find(extensions, x509.BasicConstraintsExtension)?.ca === true) {
    throw new PartnerCertificateRefused('tls_certificate_is_authority');
  }
  const purposes = find(extensions, x509.ExtendedKeyUsageExtension)?.usages.map(String) ?? [];
  if (!purposes.includes(CLIENT_AUTH)) {
    throw new PartnerCertificateRefused('tls_certificate_purpose');
  }
  const issuer = authorities.issuerOf(certificate);
  if (issuer === undefined) throw new PartnerCertificateRefused('tls_certificate_untrusted');
  const notAfter = new Date(certificate.validTo);
  if (Number.isNaN(notAfter.getTime())) {
    throw new PartnerCertificateRefused('tls_certificate_malformed');
  }
  return {
    der: certificate.raw,
    thumbprint: certificateThumbprint(certificate.raw),
    names: certificateNames(certificate.raw).alternativeNames,
    serialNumber: canonicalSerial(certificate.serialNumber),
    issuer,
    notAfter,
  };
}

function parseExtensions({ raw }: X509Certificate): readonly x509.Extension[] {
  try {
    const { extensions } = new x509.X509Certificate(raw);
    // RFC 5280 section 4.2: two readers could each go by another one.
    if (new Set(extensions.map(({ type }) => type)).size === extensions.length) return extensions;
  } catch (cause) {
    throw new PartnerCertificateRefused('tls_certificate_malformed', { cause });
  }
  throw new PartnerCertificateRefused('tls_certificate_malformed');
}

function find<E extends x509.Extension>(
  extensions: readonly x509.Extension[],
  type: abstract new (...args: never[]) => E,
): E | undefined {
  return extensions.find((extension): extension is E => extension instanceof type);
}
