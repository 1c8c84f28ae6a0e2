import { X509Certificate } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigurationError } from '@sallyport/configuration';
import { createLogger } from '@sallyport/observability';
import { FakeClock, FakePartnerCa } from '@sallyport/testing';
import { PartnerAuthorities } from './partner-authorities';
import { PartnerRevocations } from './partner-revocations';
import { readPartnerCertificate } from './presented-certificate';
import { parseRevocationLists } from './revocation-list';

const SERIAL = '0A0B0C';
const HOUR_MS = 3_600_000;

let ca: FakePartnerCa;
let stranger: FakePartnerCa;
let authorities: PartnerAuthorities;
beforeAll(async () => {
  [ca, stranger] = await Promise.all([FakePartnerCa.create(), FakePartnerCa.create()]);
  authorities = PartnerAuthorities.parse(ca.pem);
});

const at = (milliseconds: number) => new Date(Date.now() + milliseconds);
/** With one byte of its signature changed. */
const spoilt = (pem: string) =>
  pem.replace(
    /(.)(=*\n-----END)/,
    (_, character: string, end: string) => `${character === 'A' ? 'Q' : 'A'}${end}`,
  );

describe('a revocation list is unusable', () => {
  it.each<[string, () => Promise<string> | string, RegExp]>([
    ['that is none', () => 'nonsense', /something else than whole revocation lists/],
    ['that was cut', async () => (await ca.revocationList([])).slice(0, 200), /something else/],
    ['of another authority', () => stranger.revocationList([]), /not signed by an authority/],
    ['whose signature is broken', async () => spoilt(await ca.revocationList([])), /not signed/],
    ['without an end', () => ca.revocationList([], { nextUpdate: undefined }), /until when/],
    [
      'that comes twice',
      async () => (await ca.revocationList([])) + (await ca.revocationList([])),
      /two lists of one authority/,
    ],
    ['that tells of changes alone', () => ca.partialRevocationList('2.5.29.27'), /not complete/],
    ['of a part of the certificates', () => ca.partialRevocationList('2.5.29.28'), /not complete/],
  ])('%s', async (_name, pem, message) => {
    await expect(parseRevocationLists(await pem(), authorities)).rejects.toThrow(message);
    const valid = await parseRevocationLists(await ca.revocationList([SERIAL]), authorities);
    expect([...valid.values()]).toMatchObject([{ serialNumbers: new Set(['A0B0C']) }]);
  });

  it('where one of two authorities has none', async () => {
    const both = PartnerAuthorities.parse(ca.pem + stranger.pem);
    await expect(parseRevocationLists(await ca.revocationList([]), both)).rejects.toThrow(
      /no list of one of the authorities/,
    );
    const lists = (await ca.revocationList([])) + (await stranger.revocationList([]));
    expect((await parseRevocationLists(lists, both)).size).toBe(2);
  });
});

describe('the file of lists', () => {
  const clock = new FakeClock(new Date());
  const log: string[] = [];
  let folder: string;
  let file: string;
  let revocations: PartnerRevocations | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'partner-lists-'));
    file = join(folder, 'crl.pem');
    log.length = 0;
  });
  afterEach(() => {
    revocations?.close();
    rmSync(folder, { recursive: true });
  });

  const write = (content: string) => {
    writeFileSync(`${file}.new`, content);
    renameSync(`${file}.new`, file);
  };
  const open = async () => {
    const destination = { write: (line: string) => void log.push(line) };
    const logger = createLogger({ service: 'gateway', level: 'info', destination });
    revocations = await PartnerRevocations.open({
      ...{ file, authorities, clock: clock.now, logger, intervalMs: 20 },
    });
    return revocations;
  };
  const certificateOf = async (pem: Promise<{ readonly cert: string }>) =>
    readPartnerCertificate(new X509Certificate((await pem).cert), authorities);
  const until = async (event: string) => {
    const deadline = performance.now() + 3_000;
    while (!log.some((line) => line.includes(`"${event}"`))) {
      if (performance.now() > deadline) throw new Error(`no ${event}`);
      await pause(10);
    }
  };

  it.each([
    ['missing', () => undefined],
    [
      'no list',
      () => {
        write('nonsense');
      },
    ],
  ])('keeps the gateway from starting when it is %s', async (_name, arrange) => {
    arrange();
    await expect(open()).rejects.toThrow(ConfigurationError);
    await expect(open()).rejects.toThrow(/^PARTNER_CRL_FILE: expected a revocation list/);
  });

  it('revokes what it names, and is out of date after its end', async () => {
    const acme = await ca.issue();
    write(await ca.revocationList([acme.serialNumber], { nextUpdate: at(HOUR_MS) }));
    const lists = await open();
    expect(lists.isRevoked(await certificateOf(Promise.resolve(acme)))).toBe(true);
    expect(lists.isRevoked(await certificateOf(ca.issue()))).toBe(false);
    expect(lists.isCurrent).toBe(true);
    clock.advance({ seconds: 4_000 });
    expect(lists.isCurrent).toBe(false);
    clock.advance({ seconds: -4_000 });
  });

  it('is followed, and a replacement that cannot be used changes nothing', async () => {
    const acme = await certificateOf(ca.issue());
    write(await ca.revocationList([]));
    const lists = await open();
    for (const unusable of [
      'nonsense',
      await stranger.revocationList([acme.serialNumber]),
      await ca.revocationList([acme.serialNumber], { thisUpdate: at(-HOUR_MS) }),
      await ca.revocationList([acme.serialNumber], { thisUpdate: at(HOUR_MS) }),
      await ca.revocationList([acme.serialNumber], { nextUpdate: at(-HOUR_MS) }),
    ]) {
      log.length = 0;
      write(unusable);
      await until('partner_revocations');
      expect(lists.isRevoked(acme)).toBe(false);
    }
    write(await ca.revocationList([acme.serialNumber]));
    await until('partner_revocations_replaced');
    expect(lists.isRevoked(acme)).toBe(true);
  });
});

describe('an authority below another', () => {
  it('takes what it has signed with it when it is revoked', async () => {
    const below = await ca.authority();
    const both = PartnerAuthorities.parse(ca.pem + below.pem);
    const { cert } = await below.issue();
    const certificate = readPartnerCertificate(new X509Certificate(cert), both);
    expect(() => readPartnerCertificate(new X509Certificate(cert), authorities)).toThrow(
      'tls_certificate_untrusted',
    );
    const folder = mkdtempSync(join(tmpdir(), 'partner-lists-'));
    const file = join(folder, 'crl.pem');
    const { serialNumber } = below.itself;
    const logger = createLogger({ service: 'gateway', level: 'silent' });
    for (const [serials, isRevoked] of [
      [[], false],
      [[serialNumber], true],
    ] as const) {
      writeFileSync(file, (await ca.revocationList(serials)) + (await below.revocationList([])));
      const lists = await PartnerRevocations.open({
        ...{ file, authorities: both, clock: () => new Date(), logger },
      });
      lists.close();
      expect(lists.isRevoked(certificate)).toBe(isRevoked);
    }
    rmSync(folder, { recursive: true });
  });
});
