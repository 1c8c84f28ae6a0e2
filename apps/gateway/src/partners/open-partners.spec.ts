import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@sallyport/observability';
import { RevocationReplica } from '@sallyport/revocation';
import { FakePartnerCa } from '@sallyport/testing';
import { systemClock } from '@sallyport/tokens';
import { openPartners, type OpenPartnersOptions } from './open-partners';

const listen = { host: '127.0.0.1', port: 8444 };
let folder: string;
let ca: FakePartnerCa;
let file: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'partners-'));
  ca = await FakePartnerCa.create();
  file = join(folder, 'ca.pem');
  writeFileSync(file, ca.pem);
  writeFileSync(join(folder, 'leaf.pem'), (await ca.issue()).cert);
  writeFileSync(join(folder, 'nonsense.pem'), 'nonsense');
  writeFileSync(join(folder, 'crl.pem'), await ca.revocationList([]));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const open = (settings: Partial<OpenPartnersOptions['config']>) =>
  openPartners({
    config: {
      ...{ PARTNER_LISTEN: undefined, PARTNER_CA_FILE: undefined, PARTNER_CRL_FILE: undefined },
      ...settings,
    },
    transport: {
      unary: () => Promise.reject(new Error('nobody is asked')),
      close: () => undefined,
    },
    accessTokens: { verify: () => Promise.reject(new Error('nothing is verified')) },
    replica: new RevocationReplica(),
    follower: { isCurrent: true },
    clock: systemClock,
    logger: createLogger({ service: 'gateway', level: 'silent' }),
  });

it.each<[string, () => Partial<OpenPartnersOptions['config']>, RegExp]>([
  [
    'an authority that is none',
    () => ({ PARTNER_LISTEN: listen, PARTNER_CA_FILE: join(folder, 'leaf.pem') }),
    /^PARTNER_CA_FILE: .*a certificate of no authority/,
  ],
  [
    'a file without certificates',
    () => ({ PARTNER_LISTEN: listen, PARTNER_CA_FILE: join(folder, 'nonsense.pem') }),
    /^PARTNER_CA_FILE: .*no certificate/,
  ],
  [
    'revocations that are none',
    () => ({
      ...{ PARTNER_LISTEN: listen, PARTNER_CA_FILE: file },
      PARTNER_CRL_FILE: join(folder, 'nonsense.pem'),
    }),
    /^PARTNER_CRL_FILE: /,
  ],
])('refuses %s by name', async (_name, settings, message) => {
  await expect(open(settings())).rejects.toThrow(message);
});

it('has no partners unless it is told to', async () => {
  await expect(open({})).resolves.toBeUndefined();
});

it('opens what belongs together', async () => {
  const settings = { PARTNER_LISTEN: listen, PARTNER_CA_FILE: file };
  const partners = await open({ ...settings, PARTNER_CRL_FILE: join(folder, 'crl.pem') });
  expect(partners).toMatchObject({ listen, revocations: { isCurrent: true } });
  partners?.close();
  await expect(open(settings)).resolves.toMatchObject({ revocations: undefined });
});
