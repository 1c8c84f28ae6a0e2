import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as x509 from '@peculiar/x509';
import { ConfigurationError } from '@sallyport/configuration';
import { parseCertificatesPem } from '@sallyport/workload-identity';

/** One authority that may sign partner certificates. */
export interface PartnerAuthority {
  readonly certificate: X509Certificate;
  /** As {@link canonicalSerial} writes it. */
  readonly serialNumber: string;
  /** The authority that signed it, where that is another one of the file. */
  readonly issuer: PartnerAuthority | undefined;
  /** Whether it may sign revocation lists (RFC 5280 section 4.2.1.3). */
  readonly signsLists: boolean;
}

/** The authorities partners are known by: those of one file, and nobody else. */
export class PartnerAuthorities {
  readonly #authorities: readonly PartnerAuthority[];

  private constructor(
    /** For the `ca` of a listener. */
    readonly pem: string,
    certificates: readonly X509Certificate[],
  ) {
    const authorities = certificates.map((certificate) => ({
      certificate,
      serialNumber: canonicalSerial(certificate.serialNumber),
      issuer: undefined as PartnerAuthority | undefined,
      signsLists: signsLists(certificate),
    }));
    for (const authority of authorities) {
      authority.issuer = authorities.find(
        (other) => other !== authority && isIssuedBy(authority.certificate, other.certificate),
      );
    }
    this.#authorities = authorities;
  }

  /** @throws TypeError unless the text holds certificates, each of an authority */
  static parse(pem: string): PartnerAuthorities {
    const certificates = (parseCertificatesPem(pem) ?? []).map((der) => new X509Certificate(der));
    if (certificates.length === 0) throw new TypeError('no certificate');
    if (certificates.some(({ ca }) => !ca)) throw new TypeError('a certificate of no authority');
    return new PartnerAuthorities(pem, certificates);
  }

  /** @throws ConfigurationError naming PARTNER_CA_FILE */
  static read(file: string): PartnerAuthorities {
    try {
      return PartnerAuthorities.parse(readFileSync(file, 'utf8'));
    } catch (cause) {
      const found = (cause as Partial<Error>).message ?? String(cause);
      throw Object.assign(
        new ConfigurationError(
          'PARTNER_CA_FILE',
          `expected the certificates of the authorities of partners, got ${found}`,
        ),
        { cause },
      );
    }
  }

  [Symbol.iterator](): Iterator<PartnerAuthority> {
    return this.#authorities[Symbol.iterator]();
  }

  /** The authority that has signed a certificate itself; undefined when none of these has. */
  issuerOf(certificate: X509Certificate): PartnerAuthority | undefined {
    return this.#authorities.find((authority) => isIssuedBy(certificate, authority.certificate));
  }
}

/** A serial number in hexadecimal without leading zeros, which encoders differ about. */
export function canonicalSerial(hexadecimal: string): string {
  return hexadecimal.replace(/^0+(?=.)/, '').toUpperCase();
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function signsLists({ raw }: X509Certificate): boolean {
  const usage = new x509.X509Certificate(raw).getExtension(x509.KeyUsagesExtension);
  return usage === null || (usage.usages & x509.KeyUsageFlags.cRLSign) !== 0;
}
