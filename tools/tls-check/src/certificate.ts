import type { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate } from 'node:tls';
import { open } from './handshakes';
import type { Target } from './probe';

/** Object identifiers of signature algorithms, DER in hexadecimal. */
const SIGNATURES = {
  'ECDSA with SHA-256': '06082a8648ce3d040302',
  'ECDSA with SHA-384': '06082a8648ce3d040303',
  'RSA with SHA-256': '06092a864886f70d01010b',
  'RSA with SHA-384': '06092a864886f70d01010c',
  'RSA with SHA-1': '06092a864886f70d010105',
} as const;

/** What the certificate of a listener says. */
export interface CertificateFindings {
  readonly names: string;
  readonly key: string;
  readonly signature: string;
  readonly days: number;
  readonly chainLength: number;
}

export async function inspectCertificate(target: Target): Promise<CertificateFindings> {
  const socket = await open(target);
  const chain = chainOf(socket.getPeerCertificate(true));
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  if (certificate === undefined) throw new Error('the server showed no certificate');
  const { validFrom, validTo, subjectAltName = 'none' } = certificate;
  return {
    names: subjectAltName,
    key: describeKey(certificate),
    signature: describeSignature(certificate),
    days: Math.round((Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000),
    chainLength: chain.size,
  };
}

/** A root is its own issuer, so that the chain ends in a circle; one that is not sent leaves it open. */
function chainOf(leaf: DetailedPeerCertificate): ReadonlySet<string> {
  const seen = new Set<string>();
  let current: Partial<DetailedPeerCertificate> | undefined = leaf;
  while (current?.fingerprint256 !== undefined && !seen.has(current.fingerprint256)) {
    seen.add(current.fingerprint256);
    current = current.issuerCertificate;
  }
  return seen;
}

function describeKey({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType = 'unknown', asymmetricKeyDetails: details } = publicKey;
  return `${asymmetricKeyType} ${details?.namedCurve ?? details?.modulusLength ?? ''}`.trim();
}

/** The algorithm stands twice in a certificate: in what is signed, and beside the signature. */
function describeSignature({ raw }: X509Certificate): string {
  const hex = raw.toString('hex');
  const found = Object.entries(SIGNATURES).find(([, oid]) => hex.split(oid).length > 2);
  return found?.[0] ?? 'unknown';
}
