import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isIssuedBy } from './authorities';
import { DAY_MS, partnerProfile, validFor } from './certificate-profile';
import { issueCertificate, privateKeyPem } from './issue-certificate';
import type { PartnerIssuer } from './partner-folder';
import { writeFilesTogether } from './write-files';

const LIFETIME_MS = 30 * DAY_MS;
const RENEWED_BEFORE_END_MS = 10 * DAY_MS;
const FILES = { certificate: 'tls.crt', privateKey: 'tls.key' } as const;

/** A partner's certificate as `show` and `issue-partner` tell of it. */
export interface IssuedPartner {
  readonly serialNumber: string;
  readonly notAfter: Date;
}

/** Issues and writes a new client certificate and key for a partner. */
export async function issuePartner(
  directory: string,
  dnsName: string,
  { partnerRoot, now }: PartnerIssuer,
): Promise<IssuedPartner> {
  const profile = partnerProfile(dnsName, validFor(LIFETIME_MS, now));
  const issued = await issueCertificate(profile, partnerRoot);
  await writeFilesTogether(directory, {
    [FILES.certificate]: { content: issued.certificatePem, mode: 0o644 },
    [FILES.privateKey]: { content: privateKeyPem(issued), mode: 0o600 },
  });
  const { serialNumber, validTo } = new X509Certificate(issued.certificate);
  return { serialNumber, notAfter: new Date(validTo) };
}

/** Whether a directory needs a new partner certificate: none of this root and name, or near its end. */
export async function isPartnerDue(
  directory: string,
  dnsName: string,
  { partnerRoot, now }: PartnerIssuer,
): Promise<boolean> {
  try {
    const pem = await readFile(join(directory, FILES.certificate), 'utf8');
    const key = createPrivateKey(await readFile(join(directory, FILES.privateKey), 'utf8'));
    const certificate = new X509Certificate(pem);
    const renewAt = new Date(certificate.validTo).getTime() - RENEWED_BEFORE_END_MS;
    const sound =
      isIssuedBy(pem, partnerRoot.certificatePem) &&
      certificate.checkPrivateKey(key) &&
      certificate.subjectAltName === `DNS:${dnsName}`;
    return !sound || now.getTime() >= renewAt;
  } catch {
    // Absent or spoilt: writing a new one is the remedy, and reports what stands in its way.
    return true;
  }
}
