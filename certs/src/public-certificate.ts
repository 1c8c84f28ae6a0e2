import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isIssuedBy } from './authorities';
import { DAY_MS, validFor, webServerProfile } from './certificate-profile';
import { issueCertificate, privateKeyPem, type IssuedCertificate } from './issue-certificate';
import { writeFilesTogether } from './write-files';

const LIFETIME_MS = 14 * DAY_MS;
const RENEWED_BEFORE_END_MS = 7 * DAY_MS;
const FILES = { certificate: 'tls.crt', privateKey: 'tls.key' } as const;

/** Issues and writes a new certificate and key for the gateway's public address. */
export async function issuePublic(
  directory: string,
  webRoot: IssuedCertificate,
  now: Date,
): Promise<void> {
  const issued = await issueCertificate(webServerProfile(validFor(LIFETIME_MS, now)), webRoot);
  await writeFilesTogether(directory, {
    [FILES.certificate]: { content: issued.certificatePem, mode: 0o644 },
    [FILES.privateKey]: { content: privateKeyPem(issued), mode: 0o600 },
  });
}

/** Whether a directory needs a new public certificate: none of this root, or near its end. */
export async function isPublicDue(
  directory: string,
  webRoot: IssuedCertificate,
  now: Date,
): Promise<boolean> {
  try {
    const pem = await readFile(join(directory, FILES.certificate), 'utf8');
    const key = createPrivateKey(await readFile(join(directory, FILES.privateKey), 'utf8'));
    const certificate = new X509Certificate(pem);
    const renewAt = new Date(certificate.validTo).getTime() - RENEWED_BEFORE_END_MS;
    const sound = isIssuedBy(pem, webRoot.certificatePem) && certificate.checkPrivateKey(key);
    return !sound || now.getTime() >= renewAt;
  } catch {
    // Absent or spoilt: writing a new one is the remedy, and reports what stands in its way.
    return true;
  }
}
