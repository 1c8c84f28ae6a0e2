import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CertificateFolder } from './certificate-folder';
import { DevCaError } from './dev-ca.error';
import type { IssuedCertificate } from './issue-certificate';
import type { RevokedSerial } from './issue-revocation-list';
import { isPartnerDue, issuePartner, type IssuedPartner } from './partner-certificate';
import { isRevocationListDue, writeRevocationList } from './partner-revocation-list';

export const PARTNER_FILES = { ca: 'ca.pem', revocationList: 'crl.pem' } as const;

/** What signs for partners, and the time. */
export interface PartnerIssuer {
  readonly partnerRoot: IssuedCertificate;
  readonly now: Date;
}

export interface NamedPartner {
  /** Of its directory. */
  readonly name: string;
  /** The one name in its certificate. */
  readonly dnsName: string;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+$/;
const SERIAL_NUMBER = /^(?:[0-9A-Fa-f]{2}:?){1,20}$/;

/** The part of a certificate folder that is about partners: `partner/`. */
export class PartnerFolder {
  readonly #path: string;

  /** @param folder the certificate folder that contains `partner/` */
  constructor(private readonly folder: string) {
    this.#path = join(folder, 'partner');
  }

  /** Writes the root for the gateway to trust. */
  async publish(root: IssuedCertificate, before: IssuedCertificate | undefined): Promise<void> {
    await mkdir(this.#path, { recursive: true });
    const folder = new CertificateFolder(this.#path);
    await folder.publish(PARTNER_FILES.ca, root.certificatePem, before?.certificatePem ?? '');
  }

  /** @throws {DevCaError} */
  async issue({ name, dnsName }: NamedPartner, issuer: PartnerIssuer): Promise<IssuedPartner> {
    if (!NAME.test(name)) throw this.#refused(`${name} is no name of a partner`);
    if (!DNS_NAME.test(dnsName)) throw this.#refused(`${dnsName} is no DNS name`);
    return issuePartner(join(this.#path, name), dnsName, issuer);
  }

  /** @throws {DevCaError} */
  async revoke(
    serialNumbers: readonly string[],
    issuer: PartnerIssuer,
  ): Promise<readonly RevokedSerial[]> {
    const odd = serialNumbers.find((serial) => !SERIAL_NUMBER.test(serial));
    if (odd !== undefined) throw this.#refused(`${odd} is no serial number in hexadecimal`);
    return writeRevocationList(this.#revocationList, serialNumbers, issuer);
  }

  /** Sees to it that the partner has a sound certificate and that the revocation list is not near its end. */
  async renewDue({ name, dnsName }: NamedPartner, issuer: PartnerIssuer): Promise<void> {
    const directory = join(this.#path, name);
    if (await isPartnerDue(directory, dnsName, issuer)) {
      await issuePartner(directory, dnsName, issuer);
    }
    if (await isRevocationListDue(this.#revocationList, issuer)) {
      await writeRevocationList(this.#revocationList, [], issuer);
    }
  }

  get #revocationList(): string {
    return join(this.#path, PARTNER_FILES.revocationList);
  }

  #refused(problem: string): DevCaError {
    return new DevCaError(this.folder, problem, { remedy: 'name another one' });
  }
}
