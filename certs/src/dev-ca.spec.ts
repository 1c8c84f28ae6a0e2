import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  readIdentityFiles,
  SpiffeIdInvalid,
  TrustBundle,
  type WorkloadContext,
} from '@sallyport/workload-identity';
import { DevCa, type DevCaOptions } from './dev-ca';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('DevCa', () => {
  let parent: string;
  let folder: string;
  let now: Date;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'dev-ca-'));
    folder = join(parent, 'certs');
    now = new Date('2030-01-01T00:00:00.000Z');
  });
  afterEach(() => rm(parent, { recursive: true }));

  const open = (options: DevCaOptions = {}): Promise<DevCa> =>
    DevCa.open(folder, { clock: () => now, ...options });
  const pass = (milliseconds: number): void => {
    now = new Date(now.getTime() + milliseconds);
  };
  const text = (...path: string[]): Promise<string> => readFile(join(folder, ...path), 'utf8');
  const identityOf = (ca: DevCa, service: string): Promise<WorkloadContext> =>
    readIdentityFiles({ directory: ca.workloadDirectory(service), now });

  describe('refuses with one line that names the folder and the remedy', () => {
    const other = (): Promise<DevCa> => DevCa.open(join(parent, 'other'), { clock: () => now });
    const cases: Record<string, [line: RegExp, spoil: () => Promise<unknown>]> = {
      'a folder that holds something else': [
        /it has no ca\/ but holds package\.json; choose an empty folder$/,
        async () => {
          await rm(folder, { recursive: true });
          await mkdir(folder);
          await writeFile(join(folder, 'package.json'), '{}');
        },
      ],
      'a file in place of the folder': [
        /cannot scandir it \(ENOTDIR\); name a folder this user can read and write$/,
        async () => {
          await rm(folder, { recursive: true });
          await writeFile(folder, '');
        },
      ],
      'a missing key': [
        /ca\/workload-root\.pem is missing; delete the folder and start again$/,
        () => rm(join(folder, 'ca', 'workload-root.pem')),
      ],
      'garbage in place of a key': [
        /ca\/workload-intermediate\.pem does not hold exactly one authority certificate; delete/,
        () => writeFile(join(folder, 'ca', 'workload-intermediate.pem'), 'garbage'),
      ],
      'a certificate that was cut': [
        /ca\/web-root\.pem does not hold exactly one authority certificate; delete/,
        async () =>
          writeFile(
            join(folder, 'ca', 'web-root.pem'),
            (await text('ca', 'web-root.pem')).slice(0, 400),
          ),
      ],
      'a certificate without its key': [
        /ca\/web-root\.pem holds no private key; delete/,
        async () => writeFile(join(folder, 'ca', 'web-root.pem'), await text('ca.pem')),
      ],
      'a key of another certificate': [
        /ca\/workload-root\.pem holds a key that does not match its certificate; delete/,
        async () => {
          const key = (await text('ca', 'web-root.pem')).split('-----BEGIN CERTIFICATE')[0] ?? '';
          await writeFile(
            join(folder, 'ca', 'workload-root.pem'),
            key + (await text('bundle.pem')),
          );
        },
      ],
      'an intermediate of another authority': [
        /ca\/workload-intermediate\.pem was not issued by workload-root\.pem; delete/,
        async () => {
          await other();
          const file = join('ca', 'workload-intermediate.pem');
          await writeFile(join(folder, file), await readFile(join(parent, 'other', file)));
        },
      ],
      'a bundle of another authority': [
        /bundle\.pem does not belong to the keys in ca\/; delete/,
        async () => {
          await other();
          await writeFile(
            join(folder, 'bundle.pem'),
            await readFile(join(parent, 'other', 'bundle.pem')),
          );
        },
      ],
      'a public root of somebody else': [
        /ca\.pem does not belong to the keys in ca\/; delete/,
        () => writeFile(join(folder, 'ca.pem'), 'garbage'),
      ],
      'a folder where a file belongs': [
        /cannot read it \(EISDIR\); name a folder this user can read and write$/,
        async () => {
          await rm(join(folder, 'ca.pem'));
          await mkdir(join(folder, 'ca.pem'));
        },
      ],
    };

    it.each(Object.entries(cases))('%s', async (_case, [line, spoil]) => {
      await open();
      await spoil();
      const failure: unknown = await open().catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'DevCaError', code: 'dev_ca_folder_unusable', folder });
      const { message } = failure as Error;
      expect(message).toMatch(line);
      expect(message.startsWith(`certificate folder ${folder}: `)).toBe(true);
      expect(message).not.toContain('\n');
    });

    it('the folder of another trust domain', async () => {
      await open();
      await expect(open({ trustDomain: 'other.internal' })).rejects.toThrow(
        /workload-root\.pem is not a root of other\.internal; delete the folder and start again$/,
      );
    });

    it('a folder that was never initialised, when it has to be', async () => {
      await expect(DevCa.openExisting(folder)).rejects.toMatchObject({ name: 'DevCaError' });
    });
  });

  it.each(['..', 'a/b', ''])('refuses to issue for %j', async (service) => {
    const ca = await open();
    expect(() => ca.issueWorkload(service)).toThrow(SpiffeIdInvalid);
  });

  it('refuses to activate a root that was not prepared', async () => {
    await expect((await open()).trust.activateRoot()).rejects.toThrow('no root is prepared');
  });

  it('keeps private files to their owner', async () => {
    const ca = await open();
    await ca.ensureAll({ services: ['gateway'] });
    const modeOf = async (...path: string[]): Promise<number> =>
      (await stat(join(folder, ...path))).mode & 0o777;
    expect(await modeOf('ca')).toBe(0o700);
    for (const file of ['workload-root.pem', 'workload-intermediate.pem', 'web-root.pem']) {
      expect(await modeOf('ca', file)).toBe(0o600);
    }
    expect(await modeOf('workloads', 'gateway', 'tls.key')).toBe(0o600);
    expect(await modeOf('public', 'tls.key')).toBe(0o600);
    expect(await modeOf('workloads', 'gateway', 'tls.crt')).toBe(0o644);
  });

  it('writes certificates with the names and lifetimes of the profile', async () => {
    const ca = await open();
    const svid = await ca.issueWorkload('gateway');
    expect(svid.spiffeId.toString()).toBe('spiffe://sallyport.internal/ns/sallyport/sa/gateway');
    expect(svid.notBefore.getTime()).toBe(now.getTime() - 60_000);
    expect(svid.notAfter.getTime()).toBe(now.getTime() + HOUR_MS);
    expect(svid.privateKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(svid.chain).toHaveLength(2);

    const stored = await identityOf(ca, 'gateway');
    expect(stored.svid.certificateChainPem).toBe(svid.certificateChainPem);
    expect(await text('bundle.pem')).toBe(stored.bundle.pem);
    const [root] = stored.bundle.roots;
    expect(root?.subjectAltName).toBe('URI:spiffe://sallyport.internal');
    expect(await text('ca.pem')).not.toBe(await text('bundle.pem'));
  });

  it('gives two processes that create the folder together the same authorities', async () => {
    const cas = await Promise.all([open(), open(), open()]);
    const bundle = TrustBundle.parse(await text('bundle.pem'));
    for (const ca of cas) {
      await ca.issueWorkload('gateway');
      expect((await identityOf(ca, 'gateway')).bundle.pem).toBe(bundle.pem);
    }
  });

  it('keeps what is sound at the next start, and renews what is past half its life', async () => {
    const services = ['gateway', 'orders-service'];
    expect(await (await open()).ensureAll({ services })).toEqual(services);
    const publicPem = await text('public', 'tls.crt');

    pass(HOUR_MS / 2 - 1000);
    expect(await (await open()).ensureAll({ services })).toEqual([]);
    pass(2000);
    expect(await (await open()).ensureAll({ services })).toEqual(services);
    expect(await text('public', 'tls.crt')).toBe(publicPem);
  });

  it.each([
    ['absent', () => rm(join(folder, 'workloads'), { recursive: true })],
    ['spoilt', () => writeFile(join(folder, 'workloads', 'gateway', 'tls.crt'), 'garbage')],
    [
      'expired',
      async () => {
        pass(2 * HOUR_MS);
      },
    ],
  ])('replaces a workload certificate that is %s', async (_case, spoil) => {
    await (await open()).ensureAll({ services: ['gateway'] });
    await spoil();
    const ca = await open();
    expect(await ca.ensureAll({ services: ['gateway'] })).toEqual(['gateway']);
    await identityOf(ca, 'gateway');
  });

  it('replaces the public certificate a week before its end, or when it was spoilt', async () => {
    const ca = await open();
    await ca.ensureAll({ services: [] });
    const first = await text('public', 'tls.crt');
    pass(7 * DAY_MS + 1000);
    await ca.ensureAll({ services: [] });
    const second = await text('public', 'tls.crt');
    expect(second).not.toBe(first);
    await writeFile(join(folder, 'public', 'tls.key'), 'garbage');
    await ca.ensureAll({ services: [] });
    const third = new X509Certificate(await text('public', 'tls.crt'));
    expect(third.verify(new X509Certificate(await text('ca.pem')).publicKey)).toBe(true);
    expect(new Date(third.validTo).getTime()).toBe(now.getTime() + 14 * DAY_MS);
  });

  it('renews the intermediate at half life; certificates of the one before stay valid', async () => {
    const ca = await open();
    await ca.issueWorkload('gateway');
    const before = await ca.workloadAuthority();
    pass(3.5 * DAY_MS + 1000);
    const svid = await ca.issueWorkload('orders-service');
    const after = await ca.workloadAuthority();
    expect(svid.chain[1]?.equals(before.intermediate.certificate)).toBe(false);
    expect(svid.chain[1]?.equals(after.intermediate.certificate)).toBe(true);
    expect(after.bundlePem).toBe(before.bundlePem);
  });

  it('rotates the root on command, with bundles that overlap', async () => {
    const ca = await open();
    const services = ['gateway', 'orders-service'];
    await ca.ensureAll({ services });
    const { bundle: original } = await identityOf(ca, 'gateway');

    await ca.trust.prepareRoot();
    await ca.trust.prepareRoot();
    expect(await ca.ensureAll({ services })).toEqual(services);
    const prepared = await identityOf(ca, 'gateway');
    expect(prepared.bundle.roots).toHaveLength(2);
    expect(original.roots[0]?.raw.equals(prepared.bundle.roots[0]?.raw ?? Buffer.alloc(0))).toBe(
      true,
    );

    await ca.trust.activateRoot();
    const svid = await ca.issueWorkload('orders-service');
    // A workload that still has the prepared bundle accepts the new root's certificates.
    await writeFile(join(parent, 'bundle'), prepared.bundle.pem);
    const intermediate = new X509Certificate(svid.chain[1] ?? Buffer.alloc(0));
    const [, next] = prepared.bundle.roots;
    expect(next && intermediate.verify(next.publicKey)).toBe(true);
    // And one with the new bundle still accepts those of the root before.
    const { bundle } = await identityOf(ca, 'orders-service');
    expect(bundle.roots).toHaveLength(2);
    expect(bundle.roots.some(({ raw }) => original.roots[0]?.raw.equals(raw))).toBe(true);
    await open();
  });

  it('rotates a root that comes to its end, and starts after all have ended', async () => {
    const ca = await open();
    const services = ['gateway'];
    pass(340 * DAY_MS);
    await ca.ensureAll({ services });
    expect((await identityOf(ca, 'gateway')).bundle.roots).toHaveLength(2);
    pass(15 * DAY_MS);
    await ca.ensureAll({ services });
    expect((await identityOf(ca, 'gateway')).bundle.roots).toHaveLength(2);
    pass(30 * DAY_MS);
    await ca.ensureAll({ services });
    expect((await identityOf(ca, 'gateway')).bundle.roots).toHaveLength(1);

    pass(1000 * DAY_MS);
    const later = await open();
    await later.ensureAll({ services });
    expect((await identityOf(later, 'gateway')).bundle.roots).toHaveLength(1);
    expect(new X509Certificate(await text('ca.pem')).validTo).toContain('2034');
  });
});
