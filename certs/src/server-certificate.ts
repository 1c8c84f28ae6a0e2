import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { isIssuedBy } from './authorities';
import { DAY_MS, validFor, webServerProfile } from './certificate-profile';
import { privateKeyMode, type FileOwner } from './file-owner';
import { issueCertificate, privateKeyPem, type IssuedCertificate } from './issue-certificate';
import { writeFilesTogether } from './write-files';

const FILES = { certificate: 'tls.crt', privateKey: 'tls.key' } as const;

/** A certificate that a server is known by under host names: the gateway's public one, a store's. */
export interface ServerCertificate {
  readonly directory: string;
  readonly root: IssuedCertificate;
  /** DNS names and IP addresses; the first is the subject, too. */
  readonly names: readonly string[];
  readonly lifetimeDays: number;
  readonly renewedDaysBeforeEnd: number;
  readonly owner: FileOwner | undefined;
}

/** Issues and writes a new certificate and key. */
export async function issueServerCertificate(
  { directory, root, names, lifetimeDays, owner }: ServerCertificate,
  now: Date,
): Promise<void> {
  const profile = webServerProfile(validFor(lifetimeDays * DAY_MS, now), names);
  const issued = await issueCertificate(profile, root);
  await writeFilesTogether(
    directory,
    {
      [FILES.certificate]: { content: issued.certificatePem, mode: 0o644 },
      [FILES.privateKey]: { content: privateKeyPem(issued), mode: privateKeyMode(owner) },
    },
    owner,
  );
}

/** Whether a directory needs a new one: none of this root for these names, or near its end. */
export async function isServerCertificateDue(
  { directory, root, names, renewedDaysBeforeEnd }: ServerCertificate,
  now: Date,
): Promise<boolean> {
  try {
    const pem = await readFile(join(directory, FILES.certificate), 'utf8');
    const key = createPrivateKey(await readFile(join(directory, FILES.privateKey), 'utf8'));
    const certificate = new X509Certificate(pem);
    const renewAt = new Date(certificate.validTo).getTime() - renewedDaysBeforeEnd * DAY_MS;
    const sound =
      isIssuedBy(pem, root.certificatePem) &&
      certificate.checkPrivateKey(key) &&
      names.every((name) => isFor(certificate, name)) &&
      certificate.subjectAltName?.split(', ').length === names.length;
    return !sound || now.getTime() >= renewAt;
  } catch {
    // Absent or spoilt: writing a new one is the remedy, and reports what stands in its way.
    return true;
  }
}

function isFor(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}
