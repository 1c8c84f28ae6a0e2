import 'reflect-metadata';
import {
  createPublicKey,
  generateKeyPairSync,
  webcrypto,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { CertificateProfile } from './certificate-profile';

export const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A certificate and the private key that belongs to it. */
export interface IssuedCertificate {
  /** DER. */
  readonly certificate: Buffer;
  readonly certificatePem: string;
  /** ECDSA P-256. */
  readonly privateKey: KeyObject;
}

/**
 * Issues exactly what the profile says, for a new P-256 key, with a random serial number and key
 * identifiers. The profile is not judged here: tests mint odd certificates with it, {@link DevCa}
 * checks what it hands out.
 *
 * @param issuer signs; without one the certificate is self-signed
 */
export async function issueCertificate(
  profile: CertificateProfile,
  issuer?: Pick<IssuedCertificate, 'certificate' | 'privateKey'>,
): Promise<IssuedCertificate> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: P256.namedCurve });
  const publicKey = await x509.PublicKey.create(spkiOf(privateKey));
  const issuing = issuer && new x509.X509Certificate(issuer.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: profile.subject,
    issuer: issuing?.subjectName ?? profile.subject,
    notBefore: profile.notBefore,
    notAfter: profile.notAfter,
    publicKey,
    signingKey: await importKey(issuer?.privateKey ?? privateKey),
    signingAlgorithm: P256,
    extensions: [
      ...encodeExtensions(profile),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuing?.publicKey ?? publicKey),
    ],
  });
  const issued = new X509Certificate(Buffer.from(certificate.rawData));
  return { certificate: issued.raw, certificatePem: issued.toString(), privateKey };
}

/** PKCS#8. */
export function privateKeyPem({ privateKey }: Pick<IssuedCertificate, 'privateKey'>): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function encodeExtensions(profile: CertificateProfile): x509.Extension[] {
  const { subject, alternativeNames, basicConstraints, keyUsage, extendedKeyUsage } = profile;
  const extensions: x509.Extension[] = [];
  if (basicConstraints) {
    const { ca, pathLength } = basicConstraints;
    extensions.push(new x509.BasicConstraintsExtension(ca, pathLength, true));
  }
  if (keyUsage.length > 0) {
    const flags = keyUsage.map((name) => x509.KeyUsageFlags[name]);
    extensions.push(
      new x509.KeyUsagesExtension(
        flags.reduce((all, flag) => all | flag),
        true,
      ),
    );
  }
  if (extendedKeyUsage.length > 0) {
    extensions.push(new x509.ExtendedKeyUsageExtension([...extendedKeyUsage]));
  }
  if (alternativeNames.length > 0) {
    // RFC 5280 §4.2.1.6: critical when nothing else names the subject.
    const critical = subject === '';
    extensions.push(new x509.SubjectAlternativeNameExtension([...alternativeNames], critical));
  }
  for (const { oid, critical, value } of profile.extensions ?? []) {
    extensions.push(new x509.Extension(oid, critical, value));
  }
  return extensions;
}

export function spkiOf(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
}

/** For signing with ECDSA P-256. */
export function importKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, P256, false, ['sign']);
}
