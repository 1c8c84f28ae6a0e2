import { X509Certificate } from 'node:crypto';
import {
  DevCa,
  issueCertificate,
  issueRevocationList,
  partnerProfile,
  partnerRootProfile,
  privateKeyPem,
  validFor,
  type CertificateProfile,
  type IssuedCertificate,
  type RevocationListProfile,
} from '@sallyport/dev-ca';
import { certificateThumbprint } from '@sallyport/tokens';

const HOUR_MS = 3_600_000;

/** A partner's certificate with its key, as a TLS client takes them. */
export interface FakePartnerCertificate {
  readonly cert: string;
  readonly key: string;
  /** Hexadecimal. */
  readonly serialNumber: string;
  /** `x5t#S256` */
  readonly thumbprint: string;
}

/** An authority of partner certificates for tests. Two of them made alike are strangers to each other. */
export class FakePartnerCa {
  private constructor(private readonly root: IssuedCertificate) {}

  static async create(): Promise<FakePartnerCa> {
    return new FakePartnerCa(
      await issueCertificate(partnerRootProfile(validFor(24 * HOUR_MS, new Date()))),
    );
  }

  /**
   * Signs with the keys of a running cluster's certificate folder.
   * @throws {DevCaError} when the folder was not initialised
   */
  static async fromDevCa(folder: string): Promise<FakePartnerCa> {
    const devCa = await DevCa.openExisting(folder);
    return new FakePartnerCa(await devCa.partnerAuthority());
  }

  /** An authority that this one has signed. */
  async authority(): Promise<FakePartnerCa> {
    const profile = partnerRootProfile(validFor(24 * HOUR_MS, new Date()));
    const subject = 'CN=Fake partner authority';
    return new FakePartnerCa(await issueCertificate({ ...profile, subject }, this.root));
  }

  /** What PARTNER_CA_FILE holds. */
  get pem(): string {
    return this.root.certificatePem;
  }

  /** A valid client certificate but for what is changed. */
  async issue(
    dnsName = 'api.acme.example',
    changes: Partial<CertificateProfile> = {},
  ): Promise<FakePartnerCertificate> {
    const profile = { ...partnerProfile(dnsName, validFor(HOUR_MS, new Date())), ...changes };
    return presentable(await issueCertificate(profile, this.root));
  }

  /** Its own certificate, as somebody with the key could present it. */
  get itself(): FakePartnerCertificate {
    return presentable(this.root);
  }

  /** A revocation list, PEM, that is good for an hour from now but for what is changed. */
  revocationList(
    serialNumbers: readonly string[],
    changes: Partial<RevocationListProfile> = {},
  ): Promise<string> {
    const now = new Date();
    const revoked = serialNumbers.map((serialNumber) => ({ serialNumber, revokedAt: now }));
    const { notBefore: thisUpdate, notAfter: nextUpdate } = validFor(HOUR_MS, now);
    return issueRevocationList({ thisUpdate, nextUpdate, revoked, ...changes }, this.root);
  }

  /** One that is good but for a critical extension of this type. */
  partialRevocationList(type: string): Promise<string> {
    const extension = { oid: type, critical: true, value: Buffer.from([0x02, 0x01, 0x01]) };
    return this.revocationList([], { extensions: [extension] });
  }
}

function presentable(issued: IssuedCertificate): FakePartnerCertificate {
  return {
    cert: issued.certificatePem,
    key: privateKeyPem(issued),
    serialNumber: new X509Certificate(issued.certificate).serialNumber,
    thumbprint: certificateThumbprint(issued.certificate),
  };
}
