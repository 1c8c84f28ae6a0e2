import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCertificatesPem } from '@sallyport/workload-identity';

/** One line for each certificate that a folder holds for others. */
export async function describeFolder(folder: string): Promise<readonly string[]> {
  const services = await readdir(join(folder, 'workloads')).catch(() => []);
  const partners = await readdir(join(folder, 'partner')).catch(() => []);
  const stores = await readdir(join(folder, 'stores')).catch(() => []);
  const files = [
    'bundle.pem',
    'ca.pem',
    join('public', 'tls.crt'),
    ...partners.map((entry) => fileOf('partner', entry)),
    ...stores.map((entry) => fileOf('stores', entry)),
    ...services.map((service) => join('workloads', service, 'tls.crt')),
  ];
  const lines: string[] = [];
  for (const file of files) {
    const pem = await readFile(join(folder, file), 'utf8').catch(() => '');
    for (const der of parseCertificatesPem(pem) ?? []) lines.push(`${file}  ${summarise(der)}`);
  }
  return lines;
}

/** An authority's file, or that of the one a directory is for. */
function fileOf(part: string, entry: string): string {
  return join(part, ...(entry.endsWith('.pem') ? [entry] : [entry, 'tls.crt']));
}

function summarise(der: Buffer): string {
  const { subject, subjectAltName = '', validTo } = new X509Certificate(der);
  const until = new Date(validTo).toISOString();
  return `${[subject, subjectAltName].filter((name) => name !== '').join(', ')}  until ${until}`;
}
