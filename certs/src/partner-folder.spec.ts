import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { CLIENT_AUTH } from './certificate-profile';
import { DevCa } from './dev-ca';

const DAY_MS = 86_400_000;

describe('the partner part of the folder', () => {
  let folder: string;
  let now: Date;
  let ca: DevCa;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'partners-'));
    now = new Date('2030-01-01T00:00:00.000Z');
    ca = await DevCa.open(folder, { clock: () => now });
    await ca.ensureAll({ services: [] });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const text = (...path: string[]): Promise<string> => readFile(join(folder, ...path), 'utf8');
  const certificate = async (...path: string[]): Promise<X509Certificate> =>
    new X509Certificate(await text(...path));
  const list = async (): Promise<x509.X509Crl> =>
    new x509.X509Crl(await text('partner', 'crl.pem'));

  it('has a root of its own, which the other hierarchies do not know', async () => {
    const root = await certificate('partner', 'ca.pem');
    const leaf = await certificate('partner', 'acme', 'tls.crt');
    expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
    for (const other of ['bundle.pem', 'ca.pem']) {
      expect(leaf.verify((await certificate(other)).publicKey)).toBe(false);
    }
    const { mode } = await stat(join(folder, 'ca', 'partner-root.pem'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('names the local partner, for being a client and nothing else', async () => {
    const leaf = await certificate('partner', 'acme', 'tls.crt');
    expect(leaf).toMatchObject({ subjectAltName: 'DNS:api.acme.example', ca: false });
    expect(leaf.keyUsage).toEqual([CLIENT_AUTH]);
    expect((await stat(join(folder, 'partner', 'acme', 'tls.key'))).mode & 0o777).toBe(0o600);
  });

  it('signs an empty revocation list', async () => {
    const revoked = await list();
    const publicKey = new x509.X509Certificate(await text('partner', 'ca.pem'));
    await expect(revoked.verify({ publicKey })).resolves.toBe(true);
    expect(revoked.entries).toEqual([]);
    expect(await text('partner', 'crl.pem')).toMatch(/^-----BEGIN X509 CRL-----\n/);
  });

  it('renews the list at half life with all that is in it', async () => {
    await ca.revokePartners(['0AFF']);
    now = new Date(now.getTime() + 3 * DAY_MS);
    await ca.ensureAll({ services: [] });
    expect((await list()).nextUpdate).toEqual(new Date('2030-01-08T00:00:00.000Z'));
    now = new Date(now.getTime() + DAY_MS);
    await ca.ensureAll({ services: [] });
    const renewed = await list();
    expect(renewed.nextUpdate).toEqual(new Date('2030-01-12T00:00:00.000Z'));
    expect(renewed.entries).toMatchObject([
      { serialNumber: '0aff', revocationDate: new Date('2030-01-01T00:00:00.000Z') },
    ]);
  });

  it.each([
    ['is spoilt', (file: string) => writeFile(file, 'nonsense')],
    ['is missing', (file: string) => rm(file)],
  ])('issues anew what %s', async (_name, spoil) => {
    await spoil(join(folder, 'partner', 'crl.pem'));
    await spoil(join(folder, 'partner', 'acme', 'tls.crt'));
    await ca.ensureAll({ services: [] });
    expect((await list()).entries).toEqual([]);
    expect((await certificate('partner', 'acme', 'tls.crt')).subject).toBe('CN=api.acme.example');
  });

  it('leaves a sound certificate alone until ten days before its end', async () => {
    const first = await text('partner', 'acme', 'tls.crt');
    now = new Date(now.getTime() + 19 * DAY_MS);
    await ca.ensureAll({ services: [] });
    expect(await text('partner', 'acme', 'tls.crt')).toBe(first);
    now = new Date(now.getTime() + DAY_MS);
    await ca.ensureAll({ services: [] });
    expect(await text('partner', 'acme', 'tls.crt')).not.toBe(first);
  });

  it('comes to a folder that has none', async () => {
    await rm(join(folder, 'ca', 'partner-root.pem'));
    await rm(join(folder, 'partner'), { recursive: true });
    const reopened = await DevCa.open(folder, { clock: () => now });
    await reopened.ensureAll({ services: [] });
    expect((await certificate('partner', 'ca.pem')).ca).toBe(true);
  });
});
