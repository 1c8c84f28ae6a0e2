import type { SpiffeId, TrustDomain } from '@sallyport/workload-identity';
import { nameConstraints } from './name-constraints';
import { alternativeNameOf, LOOPBACK_NAMES } from './server-names';

export const DAY_MS = 24 * 60 * 60 * 1000;

export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** A certificate's period; ends are inclusive and cut to whole seconds when encoded. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Lets a certificate count on machines whose clock is a little behind. */
export const BACKDATE_MS = 60_000;

/** From a minute ago, for the lifetime from now. */
export function validFor(lifetimeMs: number, now: Date): Validity {
  return {
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + lifetimeMs),
  };
}

export interface AlternativeName {
  readonly type: 'url' | 'dns' | 'ip';
  readonly value: string;
}

export type KeyUsageName = 'digitalSignature' | 'keyAgreement' | 'keyCertSign' | 'cRLSign';

export interface EncodedExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer;
}

/** Everything a certificate says, apart from its key, its issuer and its serial number. */
export interface CertificateProfile extends Validity {
  /** RFC 4514, e.g. `CN=gateway`; may be empty. */
  readonly subject: string;
  readonly alternativeNames: readonly AlternativeName[];
  /** Absent from the certificate when undefined. */
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number } | undefined;
  /** Critical; absent from the certificate when empty. */
  readonly keyUsage: readonly KeyUsageName[];
  /** Object identifiers; absent from the certificate when empty. */
  readonly extendedKeyUsage: readonly string[];
  readonly extensions?: readonly EncodedExtension[];
}

/** The X509-SVID of a workload; `localhost` besides, for tools that insist on a host name. */
export function workloadProfile(spiffeId: SpiffeId, validity: Validity): CertificateProfile {
  return {
    ...validity,
    subject: `CN=${spiffeId.path.split('/').at(-1) ?? ''}`,
    alternativeNames: [
      { type: 'url', value: spiffeId.toString() },
      { type: 'dns', value: 'localhost' },
    ],
    basicConstraints: { ca: false },
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [SERVER_AUTH, CLIENT_AUTH],
  };
}

/** A signing certificate of a trust domain (X509-SVID §3.2: its SPIFFE ID has no path). */
export function workloadAuthorityProfile(
  trustDomain: TrustDomain,
  { subject, pathLength, ...validity }: Validity & { subject: string; pathLength: number },
): CertificateProfile {
  return {
    notBefore: validity.notBefore,
    notAfter: validity.notAfter,
    subject,
    alternativeNames: [{ type: 'url', value: `spiffe://${trustDomain.toString()}` }],
    basicConstraints: { ca: true, pathLength },
    keyUsage: ['keyCertSign', 'cRLSign'],
    extendedKeyUsage: [],
  };
}

/**
 * The root people import into a browser. Its name constraints keep whoever steals its key from
 * impersonating anything but this machine's loopback names and the public names.
 */
export function webRootProfile(
  validity: Validity,
  publicNames: readonly string[] = LOOPBACK_NAMES,
): CertificateProfile {
  return {
    ...validity,
    subject: 'CN=Sallyport development web root',
    alternativeNames: [],
    basicConstraints: { ca: true, pathLength: 0 },
    keyUsage: ['keyCertSign', 'cRLSign'],
    extendedKeyUsage: [],
    extensions: [nameConstraints(publicNames.filter((name) => !LOOPBACK_NAMES.includes(name)))],
  };
}

/** The root of the stores' certificates. */
export function storeRootProfile(validity: Validity): CertificateProfile {
  return {
    ...validity,
    subject: 'CN=Sallyport development store root',
    alternativeNames: [],
    basicConstraints: { ca: true, pathLength: 0 },
    keyUsage: ['keyCertSign', 'cRLSign'],
    extendedKeyUsage: [],
  };
}

/** What a server is known by under host names: the gateway's public certificate, a store's. */
export function webServerProfile(
  validity: Validity,
  names: readonly string[] = LOOPBACK_NAMES,
): CertificateProfile {
  return {
    ...validity,
    subject: `CN=${names[0] ?? ''}`.slice(0, 3 + 64),
    alternativeNames: names.map(alternativeNameOf),
    basicConstraints: { ca: false },
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [SERVER_AUTH],
  };
}

/** The root of partner certificates; signs leaves and revocation lists alone. */
export function partnerRootProfile(validity: Validity): CertificateProfile {
  return {
    ...validity,
    subject: 'CN=Sallyport development partner root',
    alternativeNames: [],
    basicConstraints: { ca: true, pathLength: 0 },
    keyUsage: ['keyCertSign', 'cRLSign'],
    extendedKeyUsage: [],
  };
}

/** What a partner's system presents to the gateway: good for being a client, and for nothing else. */
export function partnerProfile(dnsName: string, validity: Validity): CertificateProfile {
  return {
    ...validity,
    subject: `CN=${dnsName}`,
    alternativeNames: [{ type: 'dns', value: dnsName }],
    basicConstraints: { ca: false },
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [CLIENT_AUTH],
  };
}
