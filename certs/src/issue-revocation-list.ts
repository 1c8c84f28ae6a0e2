import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { EncodedExtension } from './certificate-profile';
import { importKey, P256, spkiOf, type IssuedCertificate } from './issue-certificate';

const CRL_NUMBER = '2.5.29.20';

/** A certificate that is not to be accepted any more. */
export interface RevokedSerial {
  /** Hexadecimal. */
  readonly serialNumber: string;
  readonly revokedAt: Date;
}

/** What a certificate revocation list says, apart from its issuer. */
export interface RevocationListProfile {
  readonly thisUpdate: Date;
  /** Absent from the list when undefined. */
  readonly nextUpdate: Date | undefined;
  readonly revoked: readonly RevokedSerial[];
  readonly extensions?: readonly EncodedExtension[];
}

/**
 * Issues a complete certificate revocation list (RFC 5280 §5) with the key identifier of its issuer and, as its number,
 * the second in which it was made. The profile is not judged here, as in {@link issueCertificate}.
 *
 * @returns PEM
 */
export async function issueRevocationList(
  { thisUpdate, nextUpdate, revoked, extensions = [] }: RevocationListProfile,
  issuer: Pick<IssuedCertificate, 'certificate' | 'privateKey'>,
): Promise<string> {
  const publicKey = await x509.PublicKey.create(spkiOf(issuer.privateKey));
  const list = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(issuer.certificate).subjectName,
    thisUpdate,
    ...(nextUpdate && { nextUpdate }),
    entries: revoked.map(({ serialNumber, revokedAt }) => ({
      serialNumber,
      revocationDate: revokedAt,
    })),
    signingAlgorithm: P256,
    signingKey: await importKey(issuer.privateKey),
    extensions: [
      await x509.AuthorityKeyIdentifierExtension.create(publicKey),
      new x509.Extension(CRL_NUMBER, false, encodeSecond(thisUpdate)),
      ...extensions.map(({ oid, critical, value }) => new x509.Extension(oid, critical, value)),
    ],
  });
  const body = Buffer.from(list.rawData)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  // RFC 7468 §6; the library writes another label, which OpenSSL does not know.
  return `-----BEGIN X509 CRL-----\n${body}\n-----END X509 CRL-----\n`;
}

/** DER INTEGER of a time in seconds. */
function encodeSecond(time: Date): Buffer {
  const digits = Math.floor(time.getTime() / 1000).toString(16);
  // A first bit that is set would make it negative.
  const padding = digits.length % 2 === 1 ? '0' : /^[89a-f]/.test(digits) ? '00' : '';
  const content = Buffer.from(padding + digits, 'hex');
  return Buffer.concat([Buffer.from([0x02, content.length]), content]);
}
