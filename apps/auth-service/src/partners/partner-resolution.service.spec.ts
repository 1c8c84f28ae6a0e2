import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { newCertificate, newThumbprint, partnersOf, presented } from './partners.fixture';
import type { PartnersReplica } from './partners.fixture';
import { parsePresentedCertificate } from './presented-certificate';

let database: Database<AuthTables>;
let replica: PartnersReplica;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  replica = await partnersOf(database);
});

const newHost = () => `${randomUUID()}.example`;

/** Two partners: one known by a name, one by a certificate. */
async function setUp() {
  const host = newHost();
  const named = await replica.newPartner();
  await replica.registry.addName(named, `dns:${host}`);
  const { id: pinned, certificate } = await replica.newPinnedPartner();
  replica.events.clear();
  return { named, host, pinned, thumbprint: certificate.thumbprint };
}

async function expectRefusal(
  presentation: ReturnType<typeof presented>,
  reason: string,
  principal?: string,
): Promise<void> {
  await expect(replica.resolution.resolve(presentation)).rejects.toMatchObject({
    status: 'UNAUTHENTICATED',
    reason,
  });
  const { thumbprint: certificate } = presentation.certificate;
  const clientAddress = CLIENT_ADDRESS;
  expect(replica.events.all).toEqual([
    { type: 'partner', outcome: 'refused', reason, principal, certificate, clientAddress },
  ]);
}

describe('PartnerResolutionService refuses', () => {
  type World = Awaited<ReturnType<typeof setUp>>;

  it.each<[string, (world: World) => readonly string[]]>([
    ['a certificate without names', () => []],
    ['a longer name', ({ host }) => [`dns:api.${host}`]],
    ['a shorter name', ({ host }) => [`dns:${host.slice(1)}`]],
    ['a wildcard over the name', ({ host }) => [`dns:*.${host.split('.').slice(1).join('.')}`]],
    ['a wildcard below the name', ({ host }) => [`dns:*.${host}`]],
    ['the name with a NUL and more', ({ host }) => [`dns:${host}\0.evil.example`]],
    ['the name as another type', ({ host }) => [`uri:${host}`, `email:a@${host}`, `ip:${host}`]],
    ['the name with no type', ({ host }) => [host]],
    ['a pattern of SQL', () => ['dns:%.example', "dns:' OR true --"]],
    ['the id of a partner', ({ named }) => [`dns:${named}`, `uri:${named}`]],
  ])('%s', async (_name, namesOf) => {
    const world = await setUp();
    await expectRefusal(presented(newThumbprint(), ...namesOf(world)), 'partner_unknown');
    const genuine = presented(newThumbprint(), `dns:${world.host}`);
    expect(await replica.resolution.resolve(genuine)).toMatchObject({ id: world.named });
  });

  it('a certificate that may well be nobody’s, without an event', async () => {
    const unknown = { ...presented(newThumbprint()), mayBeUnknown: true };
    await expect(replica.resolution.resolve(unknown)).rejects.toMatchObject({
      ...{ status: 'UNAUTHENTICATED', reason: 'partner_unknown' },
    });
    expect(replica.events.all).toEqual([]);
    const { host, named } = await setUp();
    await replica.registry.disable(named);
    replica.events.clear();
    const disabled = { ...presented(newThumbprint(), `dns:${host}`), mayBeUnknown: true };
    await expectRefusal(disabled, 'partner_disabled', named);
  });

  it('a certificate whose thumbprint differs in the case of letters alone', async () => {
    const { thumbprint, pinned } = await setUp();
    const swapped = thumbprint.replace(/[a-z]/i, (each) =>
      each === each.toLowerCase() ? each.toUpperCase() : each.toLowerCase(),
    );
    await expectRefusal(presented(swapped), 'partner_unknown');
    expect(await replica.resolution.resolve(presented(thumbprint))).toMatchObject({ id: pinned });
  });

  it('one that leads to two partners, by two names or by thumbprint and name', async () => {
    const { host, thumbprint } = await setUp();
    const other = newHost();
    await replica.registry.addName(await replica.newPartner(), `dns:${other}`);
    replica.events.clear();
    const twoNames = presented(newThumbprint(), `dns:${host}`, `dns:${other}`);
    await expectRefusal(twoNames, 'partner_ambiguous');
    replica.events.clear();
    await expectRefusal(presented(thumbprint, `dns:${host}`), 'partner_ambiguous');
  });

  it('what has a disabled partner beside another: it is ambiguous still', async () => {
    const { host, named, thumbprint } = await setUp();
    await replica.registry.disable(named);
    replica.events.clear();
    await expectRefusal(presented(thumbprint, `dns:${host}`), 'partner_ambiguous');
  });

  it('a partner that is disabled, until it is enabled', async () => {
    const { host, named } = await setUp();
    const certificate = presented(newThumbprint(), `dns:${host}`);
    await replica.registry.disable(named);
    replica.events.clear();
    await expectRefusal(certificate, 'partner_disabled', named);
    await replica.registry.enable(named);
    expect(await replica.resolution.resolve(certificate)).toMatchObject({ id: named });
  });

  it('a revoked certificate, registered by its thumbprint or by a name', async () => {
    const { host, named, thumbprint } = await setUp();
    const leaked = newThumbprint();
    await replica.certificates.revoke(thumbprint);
    await replica.certificates.revoke(leaked);
    for (const revoked of [presented(thumbprint), presented(leaked, `dns:${host}`)]) {
      replica.events.clear();
      await expectRefusal(revoked, 'certificate_revoked');
    }
    const successor = presented(newThumbprint(), `dns:${host}`);
    expect(await replica.resolution.resolve(successor)).toMatchObject({ id: named });
  });

  it.each([
    undefined,
    { thumbprint: '', subjectAlternativeNames: [] },
    { thumbprint: 'AA', subjectAlternativeNames: [] },
    { thumbprint: `${newThumbprint()}=`, subjectAlternativeNames: [] },
    { thumbprint: newThumbprint(), subjectAlternativeNames: Array<string>(101).fill('dns:a.b') },
  ])('to look for what is no certificate: %#', (certificate) => {
    expect(() => parsePresentedCertificate(certificate)).toThrow(
      expect.objectContaining({
        status: 'INVALID_ARGUMENT',
        reason: 'certificate_invalid',
      }) as Error,
    );
  });
});

describe('PartnerResolutionService knows a partner', () => {
  it('by its thumbprint, whatever the names', async () => {
    const { thumbprint, pinned } = await setUp();
    const partner = await replica.resolution.resolve(presented(thumbprint, 'dns:any.example'));
    expect(partner).toMatchObject({ id: pinned, scopes: ['orders:read', 'orders:write'] });
    expect(replica.events.all).toEqual([]);
  });

  it('by any of its names among those of the certificate, in any case', async () => {
    const { host, named } = await setUp();
    await replica.registry.addName(named, 'uri:https://acme.example/API');
    for (const name of [`dns:${host.toUpperCase()}`, 'uri:HTTPS://acme.EXAMPLE/API']) {
      const certificate = presented(newThumbprint(), 'email:ops@acme.example', name, 'ip:10.0.0.1');
      expect(await replica.resolution.resolve(certificate)).toMatchObject({ id: named });
    }
    const both = presented(newThumbprint(), `dns:${host}`, 'uri:https://acme.example/API');
    expect(await replica.resolution.resolve(both)).toMatchObject({ id: named });
    await replica.registry.removeName(named, 'uri:https://acme.example/API');
  });

  it('by both certificates while one is being replaced', async () => {
    const { thumbprint, pinned } = await setUp();
    const successor = await newCertificate();
    await replica.certificates.add(pinned, successor.pem);
    for (const each of [thumbprint, successor.thumbprint]) {
      expect(await replica.resolution.resolve(presented(each))).toMatchObject({ id: pinned });
    }
    await replica.certificates.retire(pinned, thumbprint);
    await expect(replica.resolution.resolve(presented(thumbprint))).rejects.toMatchObject({
      reason: 'certificate_revoked',
    });
    expect(await replica.resolution.resolve(presented(successor.thumbprint))).toMatchObject({
      id: pinned,
    });
  });
});
