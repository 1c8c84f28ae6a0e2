import { readFile } from 'node:fs/promises';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { BACKDATE_MS, DAY_MS } from './certificate-profile';
import type { IssuedCertificate } from './issue-certificate';
import { issueRevocationList, type RevokedSerial } from './issue-revocation-list';
import type { PartnerIssuer } from './partner-folder';
import { writeFileAtomically } from './write-files';

const LIFETIME_MS = 7 * DAY_MS;

/** Writes a new revocation list with all that stood in the present one, and these serial numbers. */
export async function writeRevocationList(
  file: string,
  serialNumbers: readonly string[],
  { partnerRoot, now }: PartnerIssuer,
): Promise<readonly RevokedSerial[]> {
  const before = (await readList(file, partnerRoot))?.revoked ?? [];
  const known = new Set(before.map(({ serialNumber }) => serialNumber));
  const added = [...new Set(serialNumbers.map(canonical))].filter((serial) => !known.has(serial));
  const revoked = [...before, ...added.map((serialNumber) => ({ serialNumber, revokedAt: now }))];
  const validity = {
    thisUpdate: new Date(now.getTime() - BACKDATE_MS),
    nextUpdate: new Date(now.getTime() + LIFETIME_MS),
  };
  const content = await issueRevocationList({ ...validity, revoked }, partnerRoot);
  await writeFileAtomically(file, { content, mode: 0o644 });
  return revoked;
}

/** Whether there is no revocation list of this root, or one that is past the middle of its life. */
export async function isRevocationListDue(
  file: string,
  { partnerRoot, now }: PartnerIssuer,
): Promise<boolean> {
  const list = await readList(file, partnerRoot);
  if (list?.nextUpdate === undefined) return true;
  return list.nextUpdate.getTime() - now.getTime() < LIFETIME_MS / 2;
}

/** Undefined when there is none of this root, or nothing that reads as one: a new one is the remedy. */
async function readList(
  file: string,
  { certificate }: IssuedCertificate,
): Promise<
  { readonly nextUpdate: Date | undefined; readonly revoked: RevokedSerial[] } | undefined
> {
  try {
    const list = new x509.X509Crl(await readFile(file, 'utf8'));
    if (!(await list.verify({ publicKey: new x509.X509Certificate(certificate) }))) {
      return undefined;
    }
    const revoked = list.entries.map(({ serialNumber, revocationDate }) => ({
      serialNumber: canonical(serialNumber),
      revokedAt: revocationDate,
    }));
    return { nextUpdate: list.nextUpdate, revoked };
  } catch {
    return undefined;
  }
}

/** A serial number as Node prints it. */
function canonical(serialNumber: string): string {
  const digits = serialNumber.replaceAll(':', '').replace(/^0+/, '').toUpperCase();
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}
